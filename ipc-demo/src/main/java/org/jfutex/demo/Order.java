// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ringbuffer.RecordDescriptor;

/**
 * An order in a message of {@link QueueCommand}: 40 bytes, written and read where they lie.
 *
 * <pre>
 *    0  producer  u32  who places it
 *    4  side      u32  0 buy, 1 sell
 *    8  number    i64  of this producer: 1, 2, 3 ..
 *   16  price     i64  in ticks
 *   24  quantity  i64
 *   32  due       i64  when it was to be sent, nanoTime(): one clock for all processes of a Linux machine
 * </pre>
 */
final class Order {
  static final int BYTES = 40;

  /** With the header of a message. */
  static final int BYTES_IN_QUEUE = BYTES + RecordDescriptor.HEADER_LENGTH;

  /** Of the message. */
  static final int TYPE = 1;

  private static final int PRODUCER = 0;
  private static final int SIDE = PRODUCER + Integer.BYTES;
  private static final int NUMBER = SIDE + Integer.BYTES;
  private static final int PRICE = NUMBER + Long.BYTES;
  private static final int QUANTITY = PRICE + Long.BYTES;
  private static final int DUE = QUANTITY + Long.BYTES;

  private static final long LOWEST_PRICE = 100_000;
  private static final int PRICES = 1_000;
  private static final int QUANTITIES = 100;
  private static final int SIDES = 2;

  private Order() {}

  /** What is ordered follows from the number, so that who reads it can tell whether it is whole. */
  static void write(MutableDirectBuffer to, int producer, long number, long due) {
    to.putInt(PRODUCER, producer);
    to.putInt(SIDE, (int) (number % SIDES));
    to.putLong(NUMBER, number);
    to.putLong(PRICE, LOWEST_PRICE + number % PRICES);
    to.putLong(QUANTITY, 1 + number % QUANTITIES);
    to.putLong(DUE, due);
  }

  static int producer(DirectBuffer from, int index) {
    return from.getInt(index + PRODUCER);
  }

  static long number(DirectBuffer from, int index) {
    return from.getLong(index + NUMBER);
  }

  static long due(DirectBuffer from, int index) {
    return from.getLong(index + DUE);
  }

  static boolean isWhole(DirectBuffer from, int index) {
    long number = number(from, index);
    return from.getInt(index + SIDE) == number % SIDES
        && from.getLong(index + PRICE) == LOWEST_PRICE + number % PRICES
        && from.getLong(index + QUANTITY) == 1 + number % QUANTITIES;
  }
}
