// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.SplittableRandom;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;

/**
 * One call of one actor, free of thread ids, so that it can be made on both engines and again in another order.
 *
 * <p>What is left out, so that Linux has no choice and nothing differs by design:
 * <ul>
 *   <li>Words: A, B, C hold numbers; P and Q belong to the PI operations and hold 0 or thread ids, which are not the
 *       same numbers on both sides. So no wakeOp changes P or Q, and no PI operation locks A, B or C.
 *   <li>A deadline is none, or long past: between the two the clock would decide.
 *   <li>Interruptible waits take every bit, and PI locks are not interruptible: the kernel engine would make slices of
 *       these, and a slice that ends gives up the place in the queue.
 *   <li>An owner ends only where nobody writes into PI words at wrong moments. The kernel knows an owner without the
 *       word, and hands the word over whatever was written into it; in-JVM waiters trust the word.
 *   <li>prepare, await, complete: by contract the kernel engine's do not count as waiters.
 * </ul>
 *
 * @param actor who makes the call
 * @param text what it is, for people
 * @param mayBlock whether it could block for ever
 * @param call makes it; null for the actor's end
 */
record RandomOperationsStep(int actor, String text, boolean mayBlock, Call call) {
  static final int ACTORS = 5;
  static final String PLAIN_WORDS = "ABC";
  static final String PI_WORDS = "PQ";
  static final String WORDS = PLAIN_WORDS + PI_WORDS;

  private static final int ANY = LinuxAbi.FUTEX_BITSET_MATCH_ANY;
  private static final int[] BITSETS = {ANY, ANY, 1, 2, 3, 0x80000000, 0};
  private static final int[] WAKE_COUNTS = {-1, 0, 1, 1, 1, 2, 3, Integer.MAX_VALUE};
  private static final int[] REQUEUE_COUNTS = {-1, 0, 1, 1, 2, 2, Integer.MAX_VALUE};
  private static final int[] REQUEUE_WAKE_COUNTS = {-1, 0, 0, 0, 1, 1, 2, Integer.MAX_VALUE};
  private static final int MAX_VALUE = 4;
  private static final int STEPS_TO_AN_END = 50;
  private static final int STEPS_TO_A_BREACH = 25;

  /** What a step does on one engine. */
  interface Call {
    int make(FutexEngine engine, Place place);
  }

  /** Where it does so. */
  interface Place {
    FutexWord word(String letter);

    /** The thread id of an actor, dead or alive. */
    int tid(int actor);
  }

  /** A comparison with a word's value as it is when the call is made, or with another. */
  private record Expected(boolean matches) {
    int of(FutexWord word) {
      return matches ? word.getVolatile() : word.getVolatile() + 1;
    }

    @Override
    public String toString() {
      return matches ? "its value" : "another value";
    }
  }

  private record Limit(long deadline) {
    boolean isNone() {
      return deadline == Deadline.NONE;
    }

    @Override
    public String toString() {
      return isNone()
          ? "no deadline"
          : Deadline.isRealtime(deadline) ? "past realtime deadline" : "past deadline";
    }
  }

  /** Makes random steps. */
  static final class Generator {
    private final SplittableRandom random;

    /** Not both in one sequence: see the class. */
    private final boolean endsNotBreaches;

    Generator(SplittableRandom random) {
      this.random = random;
      endsNotBreaches = random.nextBoolean();
    }

    /** A step that an idle actor can take; one that may block for ever only if {@code mayBlock}. */
    RandomOperationsStep next(int actor, boolean mayBlock) {
      for (; ; ) {
        RandomOperationsStep step = any(actor);
        if (mayBlock || !step.mayBlock) {
          return step;
        }
      }
    }

    private RandomOperationsStep any(int actor) {
      int choice = random.nextInt(100);
      if (endsNotBreaches && random.nextInt(STEPS_TO_AN_END) == 0) {
        return new RandomOperationsStep(actor, "ends", true, null);
      } else if (!endsNotBreaches && random.nextInt(STEPS_TO_A_BREACH) == 0) {
        return breach(actor);
      } else if (choice < 4) {
        return store(actor);
      } else if (choice < 22) {
        return wait(actor);
      } else if (choice < 30) {
        return waitAny(actor);
      } else if (choice < 38) {
        return wake(actor);
      } else if (choice < 48) {
        return requeue(actor);
      } else if (choice < 56) {
        return wakeOp(actor);
      } else if (choice < 68) {
        return lockPi(actor);
      } else if (choice < 72) {
        return tryLockPi(actor);
      } else if (choice < 82) {
        return unlockPi(actor);
      } else if (choice < 90) {
        return waitRequeuePi(actor);
      }
      return compareRequeuePi(actor);
    }

    private String wordOf(String letters) {
      return letters.charAt(random.nextInt(letters.length())) + "";
    }

    /** Mostly one of the words that the operation is meant for, sometimes any. */
    private String mostlyOf(String letters) {
      return wordOf(random.nextInt(8) == 0 ? WORDS : letters);
    }

    private int oneOf(int[] numbers) {
      return numbers[random.nextInt(numbers.length)];
    }

    private Expected expected() {
      return new Expected(random.nextInt(8) != 0);
    }

    private Limit limit() {
      return switch (random.nextInt(8)) {
        case 0 -> new Limit(1); // a nanosecond after the clock began
        case 1 -> new Limit(~1L); // a nanosecond after the epoch
        default -> new Limit(Deadline.NONE);
      };
    }

    private RandomOperationsStep store(int actor) {
      String word = wordOf(PLAIN_WORDS);
      int value = random.nextInt(MAX_VALUE);
      return new RandomOperationsStep(
          actor,
          "store " + value + " to " + word,
          false,
          (engine, place) -> {
            place.word(word).setVolatile(value);
            return 0;
          });
    }

    /** Writes to a PI word what an owner, or somebody who is none, may write at a wrong moment. */
    private RandomOperationsStep breach(int actor) {
      String word = wordOf(PI_WORDS);
      int owner = random.nextInt(ACTORS + 1) - 1;
      // Not OWNER_DIED alone: an owner who wrote that and locks again is told that it succeeded,
      // and does not own it.
      int bits =
          (random.nextBoolean() ? LinuxAbi.FUTEX_WAITERS : 0)
              | (owner >= 0 && random.nextInt(4) == 0 ? LinuxAbi.FUTEX_OWNER_DIED : 0);
      return new RandomOperationsStep(
          actor,
          "store "
              + (owner < 0 ? "nobody" : "a" + owner)
              + " and bits "
              + hex(bits)
              + " to "
              + word,
          false,
          (engine, place) -> {
            place.word(word).setVolatile((owner < 0 ? 0 : place.tid(owner)) | bits);
            return 0;
          });
    }

    private RandomOperationsStep wait(int actor) {
      String word = mostlyOf(PLAIN_WORDS);
      Expected expected = expected();
      int bitset = oneOf(BITSETS);
      boolean interruptible = bitset == ANY && random.nextBoolean();
      Limit limit = limit();
      return new RandomOperationsStep(
          actor,
          "wait on "
              + word
              + " for "
              + expected
              + ", bits "
              + hex(bitset)
              + ", "
              + limit
              + (interruptible ? ", interruptible" : ""),
          expected.matches && limit.isNone() && bitset != 0,
          (engine, place) ->
              engine.wait(
                  place.word(word),
                  expected.of(place.word(word)),
                  bitset,
                  limit.deadline,
                  interruptible));
    }

    private RandomOperationsStep waitAny(int actor) {
      String[] names = new String[1 + random.nextInt(4)];
      Expected[] expected = new Expected[names.length];
      StringBuilder text = new StringBuilder("wait on any of");
      boolean matches = true;
      for (int i = 0; i < names.length; i++) {
        names[i] = mostlyOf(PLAIN_WORDS);
        expected[i] = new Expected(random.nextInt(16) != 0);
        matches &= expected[i].matches;
        text.append(' ').append(names[i]).append(" for ").append(expected[i]).append(',');
      }
      Limit limit = limit();
      boolean interruptible = random.nextBoolean();
      return new RandomOperationsStep(
          actor,
          text + " " + limit + (interruptible ? ", interruptible" : ""),
          matches && limit.isNone(),
          (engine, place) -> {
            FutexWord[] found = new FutexWord[names.length];
            int[] values = new int[names.length];
            for (int i = 0; i < names.length; i++) {
              found[i] = place.word(names[i]);
              values[i] = expected[i].of(found[i]);
            }
            return engine.waitAny(found, values, limit.deadline, interruptible);
          });
    }

    private RandomOperationsStep wake(int actor) {
      String word = wordOf(WORDS);
      int count = oneOf(WAKE_COUNTS);
      int bitset = oneOf(BITSETS);
      return new RandomOperationsStep(
          actor,
          "wake " + count + " on " + word + ", bits " + hex(bitset),
          false,
          (engine, place) -> engine.wake(place.word(word), count, bitset));
    }

    private RandomOperationsStep requeue(int actor) {
      String word = mostlyOf(PLAIN_WORDS);
      String target = mostlyOf(PLAIN_WORDS);
      int wakeCount = oneOf(REQUEUE_WAKE_COUNTS);
      int requeueCount = oneOf(REQUEUE_COUNTS);
      String counts = word + " to " + target + ", wake " + wakeCount + ", move " + requeueCount;
      if (random.nextInt(4) == 0) {
        return new RandomOperationsStep(
            actor,
            "requeue " + counts,
            false,
            (engine, place) ->
                engine.requeue(place.word(word), place.word(target), wakeCount, requeueCount));
      }
      Expected expected = expected();
      return new RandomOperationsStep(
          actor,
          "compareRequeue " + counts + ", for " + expected,
          false,
          (engine, place) ->
              engine.compareRequeue(
                  place.word(word),
                  expected.of(place.word(word)),
                  place.word(target),
                  wakeCount,
                  requeueCount));
    }

    private RandomOperationsStep wakeOp(int actor) {
      String word = wordOf(WORDS);
      String second = wordOf(PLAIN_WORDS);
      int count = oneOf(WAKE_COUNTS);
      int secondCount = oneOf(WAKE_COUNTS);
      int encoded = encoded();
      return new RandomOperationsStep(
          actor,
          "wakeOp "
              + count
              + " on "
              + word
              + ", "
              + secondCount
              + " on "
              + second
              + ", "
              + hex(encoded),
          false,
          (engine, place) ->
              engine.wakeOp(place.word(word), count, place.word(second), secondCount, encoded));
    }

    /** Every operation, shifted or not, and comparison, undefined ones too; operands small, or any 12 bits. */
    private int encoded() {
      int operation = random.nextInt(random.nextInt(4) == 0 ? 16 : 5);
      int comparison = random.nextInt(random.nextInt(4) == 0 ? 16 : 6);
      boolean small = random.nextBoolean();
      int operand = small ? random.nextInt(MAX_VALUE) : random.nextInt(1 << 12);
      int comparand = random.nextInt(4) != 0 ? random.nextInt(MAX_VALUE) : random.nextInt(1 << 12);
      return operation << 28 | comparison << 24 | operand << 12 | comparand;
    }

    private RandomOperationsStep lockPi(int actor) {
      String word = wordOf(PI_WORDS);
      Limit limit = limit();
      return new RandomOperationsStep(
          actor,
          "lockPi " + word + ", " + limit,
          limit.isNone(),
          (engine, place) -> engine.lockPi(place.word(word), limit.deadline, false));
    }

    private RandomOperationsStep tryLockPi(int actor) {
      String word = wordOf(PI_WORDS);
      return new RandomOperationsStep(
          actor, "tryLockPi " + word, false, (engine, place) -> engine.tryLockPi(place.word(word)));
    }

    private RandomOperationsStep unlockPi(int actor) {
      String word = wordOf(PI_WORDS);
      return new RandomOperationsStep(
          actor, "unlockPi " + word, false, (engine, place) -> engine.unlockPi(place.word(word)));
    }

    private RandomOperationsStep waitRequeuePi(int actor) {
      String word = mostlyOf(PLAIN_WORDS);
      String target = wordOf(PI_WORDS);
      Expected expected = expected();
      Limit limit = limit();
      return new RandomOperationsStep(
          actor,
          "waitRequeuePi on " + word + " for " + expected + ", target " + target + ", " + limit,
          expected.matches && limit.isNone(),
          (engine, place) ->
              engine.waitRequeuePi(
                  place.word(word),
                  expected.of(place.word(word)),
                  place.word(target),
                  limit.deadline));
    }

    private RandomOperationsStep compareRequeuePi(int actor) {
      String word = mostlyOf(PLAIN_WORDS);
      String target = wordOf(PI_WORDS);
      Expected expected = expected();
      int wakeCount = random.nextInt(8) == 0 ? random.nextInt(3) : 1;
      int requeueCount = oneOf(REQUEUE_COUNTS);
      return new RandomOperationsStep(
          actor,
          "compareRequeuePi "
              + word
              + " to "
              + target
              + ", wake "
              + wakeCount
              + ", move "
              + requeueCount
              + ", for "
              + expected,
          false,
          (engine, place) ->
              engine.compareRequeuePi(
                  place.word(word),
                  expected.of(place.word(word)),
                  place.word(target),
                  wakeCount,
                  requeueCount));
    }

    private static String hex(int number) {
      return "0x" + Integer.toHexString(number);
    }
  }

  @Override
  public String toString() {
    return "a" + actor + ": " + text;
  }
}
