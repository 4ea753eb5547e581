// SPDX-License-Identifier: Apache-2.0
package org.jfutex.agrona;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A buffer that counts the accesses of one thread, and stops that thread at a chosen one. What is a single access to
 * others and takes long, zeroing and copying, is done in parts, and not in the order of the addresses.
 */
final class SteppedBuffer extends UnsafeBuffer {
  private static final int PARTS = 3;

  private Thread thread;
  private int stepsLeft;
  private Runnable stop;

  SteppedBuffer(DirectBuffer bytes) {
    super(bytes);
  }

  /** The calling thread is stopped before its so-many-th step from here. */
  void arm(int step, Runnable stop) {
    thread = Thread.currentThread();
    stepsLeft = step;
    this.stop = stop;
  }

  void step() {
    if (Thread.currentThread() == thread && --stepsLeft == 0) {
      stop.run();
    }
  }

  @Override
  public void putLong(int index, long value) {
    step();
    super.putLong(index, value);
  }

  @Override
  public void putInt(int index, int value) {
    step();
    super.putInt(index, value);
  }

  @Override
  public void putIntRelease(int index, int value) {
    step();
    super.putIntRelease(index, value);
    step();
  }

  @Override
  public void putBytes(int index, DirectBuffer source, int from, int length) {
    inParts(length, (at, bytes) -> super.putBytes(index + at, source, from + at, bytes));
  }

  @Override
  public void setMemory(int index, int length, byte value) {
    inParts(length, (at, bytes) -> super.setMemory(index + at, bytes, value));
  }

  /** The ring buffer in it: what others may see of that is a step, too. */
  RingBytes ring(int capacity) {
    return new RingBytes(this, capacity) {
      @Override
      long head() {
        step();
        return super.head();
      }

      @Override
      void setHead(long position) {
        step();
        super.setHead(position);
        step();
      }

      @Override
      long tail() {
        step();
        return super.tail();
      }

      @Override
      void setTail(long position) {
        step();
        super.setTail(position);
        step();
      }

      @Override
      boolean moveTail(long from, long to) {
        step();
        boolean moved = super.moveTail(from, to);
        step();
        return moved;
      }

      @Override
      boolean isFree(long end) {
        step();
        return super.isFree(end);
      }
    };
  }

  private interface Part {
    void run(int at, int bytes);
  }

  /** The last part first. */
  private void inParts(int length, Part part) {
    int to = length;
    for (int i = PARTS - 1; i >= 0; i--) {
      int from = length * i / PARTS;
      step();
      part.run(from, to - from);
      to = from;
    }
  }
}
