// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.memory.TruncatedMemoryException;
import org.jfutex.support.ChildJvm;
import org.jfutex.support.TestMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody truncates the file under a mapping: the JVM survives, and says what happened. In a JVM of its own. */
class TruncationTest {

  @ParameterizedTest
  @ValueSource(strings = {"-Xint", "-Xmixed", "-Djfutex.syscalls=jna", "-Dwarm=true"})
  void isAnExceptionAndNoCrash(String flag) {
    ChildJvm.Ended child = ChildJvm.run(List.of(flag), TruncationTest.class);
    assertEquals(0, child.status(), child.output());
    assertTrue(child.output().contains("survived"), child.output());
  }

  public static void main(String[] arguments) throws IOException {
    try (TestMemory test = new TestMemory()) {
      MappedMemory memory = test.memory();
      FutexWord word = memory.word(8192);
      Map<String, Runnable> uses = new LinkedHashMap<>();
      uses.put("read", word::getVolatile);
      uses.put("compareAndSet", () -> word.compareAndSet(0, 1));
      uses.put("setVolatile", () -> word.setVolatile(1));
      uses.put("setRelease", () -> word.setRelease(1));
      uses.put("getAndSet", () -> word.getAndSet(1));
      uses.put("getAndAdd", () -> word.getAndAdd(1));
      uses.put("wait", () -> FutexManager.system().wait(word, 0));
      uses.put("waitInterruptibly", () -> FutexManager.system().waitInterruptibly(word, 0));
      uses.put("wake", () -> FutexManager.system().wake(word, 1));
      uses.put("private wait", () -> FutexManager.system().wait(memory.privateWord(8192), 0));
      if (Runtime.version().feature() >= 25) {
        SharedMutex mutex = SharedMutex.at(memory, 8256);
        uses.put("lock", mutex::lock);
        uses.put("unlock", mutex::unlock);
        uses.put("lock, and then a mutex elsewhere", () -> lockHereAndThere(mutex));
        SharedReadWriteLock lock = SharedReadWriteLock.at(memory, 0, 127, null);
        uses.put("write lock", () -> lockToWrite(lock));
      } // the interpreter of 17 does not survive a compare-and-set that it has made before
      uses.put("mutex", () -> SharedMutex.at(memory, 8320));
      boolean late = false;
      if (Boolean.getBoolean("warm")) {
        warmUp(word);
        // Compiled code of JDK 17 goes on with a wrong value and throws later, perhaps never here.
        late = Runtime.version().feature() < 21;
        uses.remove("private wait"); // which would park with that value
      }
      truncate(test.path(), 100);
      String wrong =
          uses.entrySet().stream()
              .filter(use -> !refuses(use.getValue()))
              .map(Map.Entry::getKey)
              .collect(Collectors.joining(", "));
      System.out.println(
          late || wrong.isEmpty() ? "survived" : "no TruncatedMemoryException: " + wrong);
    }
  }

  /** The thread goes on with its robust list in order. */
  private static void lockHereAndThere(SharedMutex truncated) {
    TruncatedMemoryException thrown = assertThrows(TruncatedMemoryException.class, truncated::lock);
    try (TestMemory test = new TestMemory()) {
      SharedMutex elsewhere = SharedMutex.at(test.memory(), 0);
      elsewhere.lock();
      elsewhere.unlock();
    }
    throw thrown;
  }

  /** Some slots are gone, the mutex is not: it is given back, and what is gone is told right. */
  private static void lockToWrite(SharedReadWriteLock lock) {
    TruncatedMemoryException thrown =
        assertThrows(TruncatedMemoryException.class, lock.writeLock()::lock);
    assertFalse(lock.isWriteLockedByCurrentThread());
    assertTrue(thrown.getMessage().startsWith("offset 8128 of"), thrown::toString);
    throw thrown;
  }

  /** Until the accesses to the word are compiled. */
  private static void warmUp(FutexWord word) {
    for (int i = 0; i < 100_000; i++) {
      word.setVolatile(word.getVolatile() + 1);
      word.compareAndSet(i, i + 1);
      word.getAndAdd(word.getAndSet(i));
      word.setRelease(0);
    }
  }

  /** In a thread of its own: JDK 17 throws the error of compiled code when it gets to it, somewhere up the stack. */
  private static boolean refuses(Runnable use) {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread user =
        new Thread(
            () -> {
              use.run();
              Thread.yield();
            });
    user.setUncaughtExceptionHandler((thread, e) -> thrown.set(e));
    user.start();
    try {
      user.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    Throwable e = thrown.get();
    return e instanceof TruncatedMemoryException
            && e.getMessage().contains("mapped 16384 bytes, the file has 100 bytes now")
        || e instanceof InternalError && e.getMessage().contains("unsafe memory access");
  }

  private static void truncate(Path path, long bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.truncate(bytes);
    }
  }
}
