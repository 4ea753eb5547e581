// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.AfterReboot;
import org.jfutex.sync.CompactReadWriteLock;
import org.jfutex.sync.Doorbell;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.RobustSemaphore;
import org.jfutex.sync.SharedBarrier;
import org.jfutex.sync.SharedCondition;
import org.jfutex.sync.SharedEvent;
import org.jfutex.sync.SharedLatch;
import org.jfutex.sync.SharedMutex;
import org.jfutex.sync.SharedOnce;
import org.jfutex.sync.SharedReadWriteLock;
import org.jfutex.sync.SharedSemaphore;

/** What a name can stand for. The number of a kind is what the directory keeps; 0 is none. */
public enum SlotKind {
  /** A {@link FutexWord}. */
  WORD(1),
  /** Memory for the user's own data. */
  BYTES(2),
  /** A {@link SharedMutex}; the parameter is the kind field of its {@code pthread_mutex_t}. */
  MUTEX(3),
  /** A {@link SharedCondition}. */
  CONDITION(4),
  /** A {@link SharedReadWriteLock}; the parameter is how many can read at a time. */
  READ_WRITE_LOCK(5),
  /** A {@link CompactReadWriteLock}. */
  COMPACT_READ_WRITE_LOCK(6),
  /** A {@link SharedSemaphore}; the parameter is how many permits it began with. */
  SEMAPHORE(7),
  /** A {@link RobustSemaphore}; the parameter is how many permits it has. */
  ROBUST_SEMAPHORE(8),
  /** A {@link SharedBarrier}; the parameter is of how many parties. */
  BARRIER(9),
  /** A {@link SharedLatch}; the parameter is what it counts down from. */
  LATCH(10),
  /** A {@link SharedEvent} that stays set. */
  EVENT(11),
  /** A {@link SharedEvent} that lets one go on. */
  AUTO_RESET_EVENT(12),
  /** A {@link SharedOnce}. */
  ONCE(13),
  /** A {@link Doorbell}. */
  DOORBELL(14);

  private final int number;

  SlotKind(int number) {
    this.number = number;
  }

  /** In the directory. */
  public int number() {
    return number;
  }

  static List<Integer> numbers() {
    return Arrays.stream(values()).map(SlotKind::number).toList();
  }

  /** The kind of a number, or null. */
  static SlotKind of(int number) {
    return Arrays.stream(values()).filter(kind -> kind.number == number).findAny().orElse(null);
  }

  /** Whether one can have been made with it, as far as the directory has to care. */
  boolean accepts(int parameter) {
    return switch (this) {
      case MUTEX -> MutexKind.isField(parameter);
      case READ_WRITE_LOCK -> parameter > 0 && parameter <= SharedReadWriteLock.READERS_MAX;
      case SEMAPHORE -> parameter >= 0;
      case ROBUST_SEMAPHORE, LATCH -> parameter > 0;
      case BARRIER -> parameter > 0 && parameter <= SharedBarrier.PARTIES_MAX;
      case WORD,
          BYTES,
          CONDITION,
          COMPACT_READ_WRITE_LOCK,
          EVENT,
          AUTO_RESET_EVENT,
          ONCE,
          DOORBELL ->
          parameter == 0;
    };
  }

  /** What the slot takes, in bytes; memory at least. */
  long bytes(int parameter) {
    return switch (this) {
      case WORD -> FutexWord.BYTES;
      case BYTES -> 1;
      case MUTEX -> SharedMutex.BYTES;
      case CONDITION -> SharedCondition.BYTES;
      case READ_WRITE_LOCK -> SharedReadWriteLock.bytes(parameter);
      case COMPACT_READ_WRITE_LOCK -> CompactReadWriteLock.BYTES;
      case SEMAPHORE -> SharedSemaphore.BYTES;
      case ROBUST_SEMAPHORE -> RobustSemaphore.bytes(parameter);
      case BARRIER -> SharedBarrier.BYTES;
      case LATCH -> SharedLatch.BYTES;
      case EVENT, AUTO_RESET_EVENT -> SharedEvent.BYTES;
      case ONCE -> SharedOnce.BYTES;
      case DOORBELL -> Doorbell.BYTES;
    };
  }

  /** Where in a slot there are mutexes. */
  LongStream mutexes(int parameter) {
    return switch (this) {
      case MUTEX, ONCE -> LongStream.of(0);
      case READ_WRITE_LOCK -> // the writer's, and a slot a reader
          LongStream.rangeClosed(0, parameter).map(line -> line * RegionHeader.CACHE_LINE);
      case ROBUST_SEMAPHORE -> // one a permit
          LongStream.rangeClosed(1, parameter).map(line -> line * RegionHeader.CACHE_LINE);
      default -> LongStream.empty();
    };
  }

  /** Of the mutexes in it. */
  MutexKind mutexKind(int parameter) {
    return this == MUTEX ? MutexKind.ofField(parameter, toString()) : MutexKind.DEFAULT;
  }

  /** After a reboot: who held a mutex is dead; what counts who uses it begins anew; the others stay as they are. */
  void recover(MappedMemory memory, long offset, int parameter) {
    boolean robust = mutexKind(parameter).robust();
    mutexes(parameter).forEach(mutex -> AfterReboot.mutex(memory, offset + mutex, robust));
    switch (this) {
      case CONDITION, COMPACT_READ_WRITE_LOCK, SEMAPHORE, BARRIER, DOORBELL ->
          AfterReboot.anew(memory, offset, bytes(parameter));
      default -> {}
    }
  }

  /** How it is at this moment, in words; of memory, nothing. */
  String state(MappedMemory memory, long offset, int parameter) {
    return switch (this) {
      case WORD -> Integer.toString(memory.word(offset).getVolatile());
      case BYTES -> "";
      case MUTEX -> stateOf(memory, SharedMutex.at(memory, offset, mutexKind(parameter)));
      case CONDITION -> SharedCondition.waiters(memory, offset) + " waiting";
      case READ_WRITE_LOCK ->
          stateOf(memory, SharedReadWriteLock.at(memory, offset, parameter, null));
      case COMPACT_READ_WRITE_LOCK -> stateOf(memory, CompactReadWriteLock.at(memory, offset));
      case SEMAPHORE -> stateOf(memory, SharedSemaphore.at(memory, offset, parameter));
      case ROBUST_SEMAPHORE -> stateOf(memory, RobustSemaphore.at(memory, offset, parameter));
      case BARRIER -> stateOf(memory, SharedBarrier.at(memory, offset, parameter));
      case LATCH -> stateOf(memory, SharedLatch.at(memory, offset, parameter));
      case EVENT -> stateOf(memory, SharedEvent.manualReset(memory, offset));
      case AUTO_RESET_EVENT -> stateOf(memory, SharedEvent.autoReset(memory, offset));
      case ONCE -> stateOf(memory, SharedOnce.at(memory, offset));
      case DOORBELL -> stateOf(memory, Doorbell.at(memory, offset));
    };
  }

  /** What a primitive says of itself, after where it is. */
  private static String stateOf(MappedMemory memory, Object primitive) {
    String text = primitive.toString();
    String where = " of " + memory + ": ";
    return text.substring(text.indexOf(where) + where.length());
  }

  /** {@code "mutex, robust error-check"}. */
  String describe(int parameter, long length) {
    return switch (this) {
      case BYTES -> length + " bytes";
      case MUTEX -> this + ", " + mutexKind(parameter);
      case READ_WRITE_LOCK -> this + ", " + parameter + " readers";
      case SEMAPHORE, ROBUST_SEMAPHORE -> this + ", " + parameter + " permits";
      case BARRIER -> this + ", " + parameter + " parties";
      case LATCH -> this + ", count " + parameter;
      case WORD, CONDITION, COMPACT_READ_WRITE_LOCK, EVENT, AUTO_RESET_EVENT, ONCE, DOORBELL ->
          toString();
    };
  }

  /** {@code "robust semaphore"}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ').replace("read write", "read-write");
  }
}
