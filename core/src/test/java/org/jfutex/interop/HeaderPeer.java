// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Lock;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Kinds;
import org.jfutex.sync.CompactReadWriteLock;
import org.jfutex.sync.Doorbell;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.OwnerDiedException;
import org.jfutex.sync.SharedBarrier;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedEvent;
import org.jfutex.sync.SharedLatch;
import org.jfutex.sync.SharedMutex;

/** A thread of this JVM that obeys the commands of {@code jfutex-peer.c}. */
final class HeaderPeer extends JavaPeer {
  /** What a primitive has of the memory, with its mutex and the numbers of a loop. */
  static final int BYTES = 256;

  /** Where the mutex of a condition is, behind it. */
  static final int MUTEX_AT = 64;

  private static final List<String> STRICT = List.of("-Wall", "-Wextra", "-Werror", "-pedantic");

  /** One command, but for its name. */
  @FunctionalInterface
  private interface Verb {
    /**
     * @param number the one after the offset, or null
     */
    String obey(long offset, Long number) throws Exception;
  }

  /** A wait for a time. */
  @FunctionalInterface
  interface Timed {
    boolean await(long timeout, TimeUnit unit) throws Exception;
  }

  /** What is done without an answer. */
  @FunctionalInterface
  private interface Deed {
    void run() throws Exception;
  }

  private final Map<String, Verb> verbs = new HashMap<>();
  private final Map<Long, SharedLatch> latches = new HashMap<>();
  private final Map<Long, SharedBarrier> barriers = new HashMap<>();

  HeaderPeer(MappedMemory memory) {
    super(memory);
    mutexVerbs();
    conditionVerbs();
    rwlockVerbs();
    eventVerbs();
    latchVerbs();
    barrierVerbs();
    doorbellVerbs();
  }

  /** The C peer. Its sleeps end by what they wait for alone, so that a lost wake-up is one. */
  static CPeer inC(Path file) {
    return inC(file, "-DJFUTEX_HEALING_MILLIS=0");
  }

  static CPeer inC(Path file, String... flags) {
    return peer("jfutex-peer.c", "-std=c11", file, flags);
  }

  static CPeer inCpp(Path file) {
    return peer("jfutex-peer.cpp", "-std=c++17", file);
  }

  private static CPeer peer(String source, String standard, Path file, String... flags) {
    List<String> all = new ArrayList<>(STRICT);
    all.add(standard);
    all.addAll(List.of(flags));
    return new CPeer(source, all, file);
  }

  /** Of a kind field. */
  static int fieldOf(MutexKind kind) {
    return 128
        | kind.again().ordinal()
        | (kind.robust() ? 16 : 0)
        | (kind.priorityInheritance() ? 32 : 0);
  }

  @Override
  String obey(String[] words) throws Exception {
    Long number = words.length < 3 ? null : Long.valueOf(words[2]);
    return verbs.get(words[0]).obey(Long.parseLong(words[1]), number);
  }

  private static String done(Deed deed) throws Exception {
    try {
      deed.run();
      return OK;
    } catch (IllegalArgumentException e) {
      return "EINVAL";
    } catch (OwnerDiedException e) {
      return "EOWNERDEAD";
    }
  }

  /** Waits, for a time if there is one. */
  private static String await(Deed forEver, Timed timed, Long millis) throws Exception {
    return millis == null
        ? done(forEver)
        : timed.await(millis, TimeUnit.MILLISECONDS) ? OK : "ETIMEDOUT";
  }

  private void mutexVerbs() {
    verbs.put(
        "mutex-init",
        (at, field) ->
            done(
                () -> {
                  MutexKind kind =
                      Kinds.all().filter(k -> fieldOf(k) == field).findFirst().orElseThrow();
                  SharedMutex.at(memory, at, kind);
                }));
    verbs.put("mutex-lock", (at, millis) -> name(mutex(at).acquire(deadline(millis)), "ETIMEDOUT"));
    verbs.put("mutex-unlock", (at, none) -> done(mutex(at)::unlock));
    verbs.put("mutex-consistent", (at, none) -> done(mutex(at)::makeConsistent));
  }

  private void conditionVerbs() {
    verbs.put(
        "condition-wait",
        (at, millis) -> await(condition(at)::awaitUninterruptibly, condition(at)::await, millis));
    verbs.put("condition-signal", (at, none) -> done(condition(at)::signal));
    verbs.put("condition-broadcast", (at, none) -> done(condition(at)::signalAll));
    verbs.put("condition-produce", (at, n) -> done(() -> loops(at).move(n, 1)));
    verbs.put("condition-consume", (at, n) -> done(() -> loops(at).move(n, -1)));
  }

  private SharedCondition condition(long offset) {
    return SharedCondition.at(memory, offset, mutex(offset + MUTEX_AT));
  }

  private void rwlockVerbs() {
    verbs.put("rwlock-rdlock", (at, millis) -> lock(rwlock(at).readLock(), millis));
    verbs.put("rwlock-wrlock", (at, millis) -> lock(rwlock(at).writeLock(), millis));
    verbs.put("rwlock-tryrdlock", (at, none) -> atOnce(rwlock(at).readLock()));
    verbs.put("rwlock-trywrlock", (at, none) -> atOnce(rwlock(at).writeLock()));
    verbs.put("rwlock-unlock", (at, none) -> done(() -> unlock(rwlock(at))));
    verbs.put("rwlock-loop", (at, n) -> done(() -> loops(at).readAndWrite(n)));
  }

  private CompactReadWriteLock rwlock(long offset) {
    return CompactReadWriteLock.at(memory, offset);
  }

  private static String lock(Lock lock, Long millis) throws Exception {
    return await(lock::lock, lock::tryLock, millis);
  }

  private static String atOnce(Lock lock) {
    return lock.tryLock() ? OK : "EBUSY";
  }

  /** Whatever it is that this thread holds. */
  private static void unlock(CompactReadWriteLock lock) {
    (lock.isWriteLocked() ? lock.writeLock() : lock.readLock()).unlock();
  }

  private void eventVerbs() {
    verbs.put("event-wait", (at, millis) -> await(SharedEvent.manualReset(memory, at), millis));
    verbs.put("event-set", (at, none) -> done(SharedEvent.manualReset(memory, at)::set));
    verbs.put("event-reset", (at, none) -> done(SharedEvent.manualReset(memory, at)::reset));
    verbs.put("event-take", (at, millis) -> await(SharedEvent.autoReset(memory, at), millis));
    verbs.put("event-set-auto", (at, none) -> done(SharedEvent.autoReset(memory, at)::set));
    verbs.put("event-give", (at, n) -> done(() -> loops(at).give(n)));
    verbs.put("event-take-loop", (at, none) -> done(() -> loops(at).take()));
  }

  private static String await(SharedEvent event, Long millis) throws Exception {
    return await(event::awaitUninterruptibly, event::await, millis);
  }

  private void latchVerbs() {
    verbs.put("latch-init", (at, count) -> done(() -> latches.put(at, latch(at, count))));
    verbs.put("latch-count-down", (at, none) -> done(latches.get(at)::countDown));
    verbs.put("latch-wait", (at, millis) -> await(latches.get(at), millis));
    verbs.put("latch-loop", (at, n) -> done(() -> loops(at).countDown(n)));
  }

  private SharedLatch latch(long offset, long count) {
    return SharedLatch.at(memory, offset, Math.toIntExact(count));
  }

  private static String await(SharedLatch latch, Long millis) throws Exception {
    return await(latch::awaitUninterruptibly, latch::await, millis);
  }

  private void barrierVerbs() {
    verbs.put("barrier-init", (at, parties) -> done(() -> barriers.put(at, barrier(at, parties))));
    verbs.put("barrier-reset", (at, none) -> done(barriers.get(at)::reset));
    verbs.put("barrier-wait", (at, millis) -> await(barriers.get(at), millis));
    verbs.put("barrier-loop", (at, n) -> done(() -> loops(at).meet(n)));
  }

  private SharedBarrier barrier(long offset, long parties) {
    return SharedBarrier.at(memory, offset, Math.toIntExact(parties));
  }

  private static String await(SharedBarrier barrier, Long millis) throws Exception {
    try {
      return done(
          () -> barrier.await(millis == null ? Long.MAX_VALUE : millis, TimeUnit.MILLISECONDS));
    } catch (BrokenBarrierException e) {
      return "ECANCELED";
    } catch (TimeoutException e) {
      return "ETIMEDOUT";
    }
  }

  private void doorbellVerbs() {
    verbs.put("doorbell-init", (at, none) -> done(() -> Doorbell.at(memory, at)));
    verbs.put("doorbell-ring", (at, none) -> done(Doorbell.at(memory, at)::ring));
    verbs.put("doorbell-await", (at, millis) -> loops(at).awaitWork(millis) ? OK : "ETIMEDOUT");
    verbs.put("doorbell-publish", (at, none) -> done(() -> loops(at).publish()));
    verbs.put("doorbell-withdraw", (at, none) -> done(() -> loops(at).withdraw()));
    verbs.put("doorbell-publish-loop", (at, n) -> done(() -> loops(at).publish(n)));
    verbs.put("doorbell-take-loop", (at, none) -> done(() -> loops(at).takeWork()));
  }

  private HeaderLoops loops(long offset) {
    return new HeaderLoops(memory, offset);
  }
}
