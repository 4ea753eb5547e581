// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Actor;
import org.jfutex.support.TestMemory;
import org.jfutex.sync.SharedMutex;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("adapters")
class AgronaMemoryTest {
  private static final FutexManager FUTEXES = FutexManager.system();

  @Test
  void theWordsLieAtTheIndicesOfTheBuffer() {
    UnsafeBuffer whole = new UnsafeBuffer(ByteBuffer.allocateDirect(256));
    UnsafeBuffer part = new UnsafeBuffer(whole, 64, 128);
    FutexWord word = AgronaMemory.of(part).word(8);
    part.putInt(8, 42);
    assertEquals(42, word.getVolatile());
    assertEquals(part.addressOffset() + 8, word.address());
    assertEquals(AgronaMemory.of(whole).word(72).key(), word.key());
    assertSays("expected offset 0 to 124", () -> AgronaMemory.of(part).word(128));
  }

  @Test
  void aMappedBufferMeetsOtherMappings() {
    try (TestMemory test = new TestMemory();
        MappedMemory other = test.mapAgain()) {
      UnsafeBuffer buffer = new UnsafeBuffer(test.memory().buffer(), 64, 64);
      FutexWord word = AgronaMemory.of(buffer).word(0);
      Actor<?> waiter = Actor.start(() -> FUTEXES.wait(word, 0));
      waiter.awaitBlocked(FUTEXES);
      FUTEXES.wake(other.word(64), 1);
      waiter.result();
      SharedMutex mutex = SharedMutex.at(AgronaMemory.of(buffer), 8);
      mutex.lock();
      assertTrue(SharedMutex.at(other, 72).isLocked());
      mutex.unlock();
    }
  }

  @Test
  void anAddressIsMemoryToo() {
    try (TestMemory test = new TestMemory()) {
      MappedMemory theirs = MappedMemory.wrap(test.memory().buffer());
      UnsafeBuffer buffer = new UnsafeBuffer(theirs.word(64).address(), 64);
      FutexWord word = AgronaMemory.of(buffer).word(4);
      buffer.putInt(4, 7);
      assertEquals(7, word.getVolatile());
      assertEquals(theirs.word(68).key(), word.key());
      Reference.reachabilityFence(theirs);
    }
  }

  @Test
  void anArrayIsRefused() {
    assertSays("byte[]", () -> AgronaMemory.of(new UnsafeBuffer(new byte[64])));
    assertSays("byte[]", () -> AgronaMemory.of(new UnsafeBuffer(ByteBuffer.allocate(64))));
  }

  private static void assertSays(String text, org.junit.jupiter.api.function.Executable call) {
    RuntimeException thrown = assertThrows(IllegalArgumentException.class, call);
    assertTrue(thrown.getMessage().contains(text), thrown::toString);
  }
}
