// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The accesses from the packaged jar: through the address where there is one, and through the buffer. */
class CellsIT {
  private static final boolean BY_ADDRESS = Runtime.version().feature() >= 22;
  private static final int START = 16;
  private static final int FIELD = 8;
  private static final int AT = START + FIELD;

  private static ByteBuffer memory() {
    return ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
  }

  @Test
  void thereIsABaseWhereTheJvmCanDoWithoutTheBuffer() {
    ByteBuffer memory = memory();
    long base = Cells.base(memory, START);
    assertEquals(BY_ADDRESS, base != Cells.NONE);
    memory.position(24); // what is at its index 0 counts
    assertEquals(base, Cells.base(memory, START));
  }

  @Test
  void accessesMeetByAddressAndThroughTheBuffer() {
    ByteBuffer memory = memory();
    accessesMeet(memory, Cells.base(memory, START));
    accessesMeet(memory, Cells.NONE);
  }

  private static void accessesMeet(ByteBuffer memory, long base) {
    ints(memory, base);
    longs(memory, base);
  }

  private static void ints(ByteBuffer memory, long base) {
    memory.putLong(AT, -1L).putInt(AT, 5);
    assertEquals(5, Cells.getInt(memory, START, base, FIELD));
    assertEquals(5, Cells.getIntOpaque(memory, START, base, FIELD));
    assertEquals(5, Cells.getIntVolatile(memory, START, base, FIELD));
    Cells.setInt(memory, START, base, FIELD, 6);
    assertEquals(6, memory.getInt(AT));
    Cells.setIntRelease(memory, START, base, FIELD, 7);
    assertEquals(7, memory.getInt(AT));
    assertFalse(Cells.compareAndSetInt(memory, START, base, FIELD, 6, 1));
    assertTrue(Cells.compareAndSetInt(memory, START, base, FIELD, 7, 8));
    assertEquals(8, Cells.compareAndExchangeInt(memory, START, base, FIELD, 7, 1));
    assertEquals(8, Cells.compareAndExchangeInt(memory, START, base, FIELD, 8, 9));
    assertEquals(9, Cells.getAndSetInt(memory, START, base, FIELD, 10));
    assertEquals(10, Cells.getAndAddInt(memory, START, base, FIELD, -3));
    assertEquals(7, Cells.getAndBitwiseAndInt(memory, START, base, FIELD, 5));
    assertEquals(5, memory.getInt(AT));
    assertEquals(-1, memory.getInt(AT + Integer.BYTES), "its neighbour");
    memory.putInt(AT, 1).putInt(AT + 8, 2).putInt(AT + 16, 4).putInt(AT + 24, 8);
    assertEquals(7, Cells.getIntBits(memory, START, base, FIELD, 3, 8));
    assertEquals(0, Cells.getIntBits(memory, START, base, FIELD, 0, 8));
  }

  private static void longs(ByteBuffer memory, long base) {
    long large = 1L << 40;
    memory.putLong(AT, large + 5);
    assertEquals(large + 5, Cells.getLong(memory, START, base, FIELD));
    assertEquals(large + 5, Cells.getLongOpaque(memory, START, base, FIELD));
    assertEquals(large + 5, Cells.getLongVolatile(memory, START, base, FIELD));
    Cells.setLong(memory, START, base, FIELD, large + 6);
    assertEquals(large + 6, memory.getLong(AT));
    Cells.setLongRelease(memory, START, base, FIELD, large + 7);
    assertEquals(large + 7, memory.getLong(AT));
    assertFalse(Cells.compareAndSetLong(memory, START, base, FIELD, large + 6, 1));
    assertTrue(Cells.compareAndSetLong(memory, START, base, FIELD, large + 7, large + 8));
    assertEquals(large + 8, Cells.compareAndExchangeLong(memory, START, base, FIELD, large + 7, 1));
    assertEquals(
        large + 8, Cells.compareAndExchangeLong(memory, START, base, FIELD, large + 8, large + 9));
    assertEquals(large + 9, Cells.getAndSetLong(memory, START, base, FIELD, large + 10));
    assertEquals(large + 10, Cells.getAndAddLong(memory, START, base, FIELD, -large));
    assertEquals(10, memory.getLong(AT));
  }

  /** A JVM that forbids native access goes through the buffer, and says nothing. */
  @Test
  void whereItIsForbiddenTheBufferServes() throws IOException, InterruptedException {
    assumeTrue(Runtime.version().feature() >= 24, "JDK 24 or newer can forbid it");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--illegal-native-access=deny",
                "-cp",
                System.getProperty("java.class.path"),
                CellsIT.class.getName())
            .redirectError(Redirect.INHERIT)
            .start();
    String said = new String(child.getInputStream().readAllBytes());
    assertEquals(0, child.waitFor());
    assertEquals("through the buffer\n", said);
  }

  /** What {@link #whereItIsForbiddenTheBufferServes} starts. */
  public static void main(String[] arguments) {
    ByteBuffer memory = memory();
    accessesMeet(memory, Cells.base(memory, START));
    System.out.println(Cells.base(memory, START) == Cells.NONE ? "through the buffer" : "not");
  }
}
