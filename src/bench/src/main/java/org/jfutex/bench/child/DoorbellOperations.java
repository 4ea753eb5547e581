// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.function.BooleanSupplier;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.Doorbell;

/**
 * Two processes that publish a number each and ring. What is published lies on another cache line than the doorbell, as
 * a message does.
 */
final class DoorbellOperations implements WordsOperations.Pair {
  private static final int CACHE_LINE = 64;
  private static final int STOP = -1;

  private static final long WARM_UP_ROUND_TRIPS_ASLEEP = 20_000;
  private static final long WARM_UP_ROUND_TRIPS_AWAKE = 2_000_000;

  private final FutexWord sent;
  private final FutexWord received;
  private final Doorbell theirs;
  private final Doorbell ours;
  private final boolean spins;
  private final BooleanSupplier answered = this::isAnswered;
  private int seen;

  static void declare(Tasks tasks) {
    declare(tasks, "doorbell", false, WARM_UP_ROUND_TRIPS_ASLEEP);
    declare(tasks, "doorbell-spin", true, WARM_UP_ROUND_TRIPS_AWAKE);
  }

  private static void declare(Tasks tasks, String name, boolean spins, long warmUp) {
    tasks.task(
        name + "-ping FILE OFFSET",
        arguments -> Loop.ofTrips(ping(arguments.memory(), arguments.offset(), spins), warmUp));
    tasks.pong(
        name + "-pong FILE OFFSET",
        arguments -> pong(arguments.memory(), arguments.offset(), spins)::pong);
  }

  private DoorbellOperations(MappedMemory memory, int sent, int received, boolean spins) {
    this.sent = memory.word(sent);
    theirs = Doorbell.at(memory, sent + CACHE_LINE);
    this.received = memory.word(received);
    ours = Doorbell.at(memory, received + CACHE_LINE);
    this.spins = spins;
  }

  /**
   * @param spins whether to wait as {@link Doorbell#await} does; otherwise each wait is a sleep
   */
  static DoorbellOperations ping(MappedMemory memory, int offset, boolean spins) {
    return new DoorbellOperations(memory, offset, offset + 2 * CACHE_LINE, spins);
  }

  /** The other side. */
  static DoorbellOperations pong(MappedMemory memory, int offset, boolean spins) {
    return new DoorbellOperations(memory, offset + 2 * CACHE_LINE, offset, spins);
  }

  /** A round trip. */
  @Override
  public long run(long times) throws InterruptedException {
    for (long i = 0; i < times; i++) {
      send(seen + 1);
      receive();
    }
    return 0;
  }

  @Override
  public boolean answer() throws InterruptedException {
    receive();
    send(seen);
    return seen != STOP;
  }

  /** Ends the pong. */
  @Override
  public void close() {
    send(STOP);
  }

  private void send(int number) {
    sent.setRelease(number);
    theirs.ring();
  }

  private void receive() throws InterruptedException {
    if (spins) {
      ours.await(answered);
    } else {
      sleep();
    }
    seen = received.getVolatile();
  }

  private void sleep() throws InterruptedException {
    int ticket = ours.prepare();
    while (!isAnswered()) {
      if (ours.sleep(ticket)) {
        ticket = ours.prepare();
      }
    }
    ours.cancel(ticket);
  }

  private boolean isAnswered() {
    return received.getVolatile() != seen;
  }
}
