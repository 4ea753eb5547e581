// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Random calls, made on the kernel and in-JVM in step: after each step every result, who is blocked, and every word
 * have to be the same on both. The kernel is right.
 *
 * <p>{@code -Djfutex.random.seed=N} repeats a run, {@code -Djfutex.random.steps=N} makes a longer one, and with
 * {@code -Djfutex.random.mismatches=N} it goes on until it has found so many.
 */
class RandomOperationsTest {
  private static final int STEPS = Integer.getInteger("jfutex.random.steps", 6_000);
  private static final int MISMATCHES = Integer.getInteger("jfutex.random.mismatches", 1);
  private static final int STEPS_OF_A_SEQUENCE = 40;
  private static final int ACTORS = RandomOperationsStep.ACTORS;

  private static final long NOTICED_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Later the kernel engine looks after who waits for a PI word, who then loses the place in the queue. */
  private static final long UNDISTURBED_NANOS = KernelEngine.PI_SLICE_NANOS / 2;

  private static final int REPETITIONS = 5;

  /** How often a step was answered how, to show that there is variety. */
  private static final Map<String, Integer> ANSWERS = new TreeMap<>();

  /**
   * A sequence as it was played.
   *
   * @param mismatch how the engines differ after the last step, or null
   * @param nanos how long the kernel took for it
   */
  private record Played(
      List<RandomOperationsStep> steps, List<String> trace, String mismatch, long nanos) {
    boolean isMismatch() {
      return mismatch != null && nanos < UNDISTURBED_NANOS;
    }

    /** The machine was too slow to tell. */
    boolean isDisturbed() {
      return mismatch != null && nanos >= UNDISTURBED_NANOS;
    }
  }

  /** Where the next step of a sequence comes from; null ends it. */
  private interface Script {
    RandomOperationsStep next(List<Integer> idle);
  }

  /** The stages of a kernel and of an in-JVM engine with one kind of words. */
  private static final class Pair {
    private final ConformanceSubject subject;
    private final String kind;
    private RandomOperationsStage kernel;
    private RandomOperationsStage inJvm;

    Pair(ConformanceSubject subject, String kind) {
      this.subject = subject;
      this.kind = kind;
    }

    Played play(Script script) throws Exception {
      if (kernel == null) {
        kernel = new RandomOperationsStage(subject, kind);
        inJvm = new RandomOperationsStage(ConformanceSubject.inJvm(), kind);
      }
      RandomOperationsTroupe right = new RandomOperationsTroupe(kernel, ACTORS);
      RandomOperationsTroupe found = new RandomOperationsTroupe(inJvm, ACTORS);
      Played played = RandomOperationsTest.play(right, found, script);
      // Who could not be got off the stage would be woken again and again.
      if (!right.clear()) {
        kernel = null;
      }
      found.clear();
      return played;
    }

    @Override
    public String toString() {
      return subject + ", " + kind + " words";
    }
  }

  @Test
  void enginesAgree() throws Exception {
    long seed = Long.getLong("jfutex.random.seed", 1);
    System.out.println("random operations: -Djfutex.random.seed=" + seed);
    List<Pair> pairs = pairs();
    int steps = 0;
    Set<String> reports = new LinkedHashSet<>();
    for (int sequence = 0; steps < STEPS && reports.size() < MISMATCHES; sequence++) {
      SplittableRandom random = new SplittableRandom(seed + sequence);
      Pair pair = pairs.get(random.nextInt(pairs.size()));
      Played played = pair.play(generated(random));
      steps += played.steps.size();
      for (int i = 0; played.isDisturbed() && i < REPETITIONS; i++) {
        played = pair.play(repeated(played.steps));
      }
      assertFalse(played.isDisturbed(), "too slow a machine, seed " + seed);
      if (played.isMismatch()) {
        reports.add(report(sequence, pair, played, shortest(pair, played)));
      }
    }
    System.out.println("random operations: " + steps + " steps, answers " + ANSWERS);
    if (!reports.isEmpty()) {
      fail("the engines disagree, seed " + seed + ":\n" + String.join("\n\n", reports));
    }
  }

  private static List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (ConformanceSubject subject : ConformanceSubject.all()) {
      if (subject.isKernel()) {
        pairs.add(new Pair(subject, "shared"));
        pairs.add(new Pair(subject, "private"));
      }
    }
    return pairs;
  }

  private static Script generated(SplittableRandom random) {
    RandomOperationsStep.Generator generator = new RandomOperationsStep.Generator(random);
    int[] made = new int[1];
    return idle -> {
      int actor = idle.get(random.nextInt(idle.size()));
      // One has to be left who can wake the others.
      return made[0]++ == STEPS_OF_A_SEQUENCE ? null : generator.next(actor, idle.size() > 1);
    };
  }

  /** Steps that were made before; those of an actor who is blocked this time are left out. */
  private static Script repeated(List<RandomOperationsStep> steps) {
    int[] made = new int[1];
    return idle -> {
      while (made[0] < steps.size()) {
        RandomOperationsStep step = steps.get(made[0]++);
        if (idle.contains(step.actor())) {
          return step;
        }
      }
      return null;
    };
  }

  private static Played play(
      RandomOperationsTroupe kernel, RandomOperationsTroupe inJvm, Script script)
      throws InterruptedException {
    List<RandomOperationsStep> steps = new ArrayList<>();
    List<String> trace = new ArrayList<>();
    String mismatch = null;
    long start = System.nanoTime();
    long nanos = 0;
    while (mismatch == null) {
      List<Integer> idle =
          IntStream.range(0, ACTORS).filter(kernel::isIdle).boxed().collect(Collectors.toList());
      RandomOperationsStep step = idle.isEmpty() ? null : script.next(idle);
      if (step == null) {
        break;
      }
      steps.add(step);
      kernel.take(step);
      inJvm.take(step);
      String right = kernel.state();
      nanos = System.nanoTime() - start;
      String found = inJvm.state();
      // In-JVM a waiter looks now and then whether the owner still lives.
      long end = System.nanoTime() + NOTICED_NANOS;
      while (step.call() == null && !found.equals(right) && System.nanoTime() - end < 0) {
        LockSupport.parkNanos(POLL_NANOS);
        found = inJvm.state();
      }
      trace.add(step + "\n    " + right);
      ANSWERS.merge(kernel.answer(step.actor()), 1, Integer::sum);
      if (!found.equals(right)) {
        mismatch = step + "\n    kernel " + right + "\n    in-JVM " + found;
      }
    }
    return new Played(steps, trace, mismatch, nanos);
  }

  /** The same mismatch, or another one, with so few steps that none can be left out. */
  private static Played shortest(Pair pair, Played played) throws Exception {
    Played best = played;
    int before;
    do {
      before = best.steps.size();
      for (int i = before - 1; i >= 0; i--) {
        if (i < best.steps.size()) {
          List<RandomOperationsStep> fewer = new ArrayList<>(best.steps);
          fewer.remove(i);
          Played again = pair.play(repeated(fewer));
          best = again.isMismatch() ? again : best;
        }
      }
    } while (best.steps.size() < before);
    return best;
  }

  private static String report(int sequence, Pair pair, Played played, Played shortest) {
    return "sequence "
        + sequence
        + " ("
        + pair
        + "), after "
        + played.steps.size()
        + " steps:\n  "
        + played.mismatch
        + "\nshortest:\n  "
        + String.join("\n  ", shortest.trace.subList(0, shortest.trace.size() - 1))
        + "\n  "
        + shortest.mismatch;
  }
}
