// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.jfutex.linux.ConformanceSyscalls;
import org.jfutex.linux.Errno;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;

/**
 * Makes the calls of the table: through the engine, as long as the arguments are words; otherwise, on the kernel
 * alone, as {@link ConformanceRawOperations raw} system calls.
 */
final class ConformanceOperations {
  private final ConformanceSubject subject;
  private final FutexEngine engine;
  private final ConformanceWorld world;
  private final ToIntFunction<String> tids;
  private final boolean allRaw;

  /**
   * Calls on a world.
   *
   * @param tids thread ids by the names of actors
   * @param allRaw pass the engine by wherever there is a raw call
   */
  ConformanceOperations(
      ConformanceSubject subject,
      FutexEngine engine,
      ConformanceWorld world,
      ToIntFunction<String> tids,
      boolean allRaw) {
    this.subject = subject;
    this.engine = engine;
    this.world = world;
    this.tids = tids;
    this.allRaw = allRaw;
  }

  /** One call, by the calling thread. */
  int run(ConformanceScript.Call call) {
    return isRaw(call)
        ? new ConformanceRawOperations(subject.syscalls(), world, tids).run(call)
        : runTyped(call);
  }

  private boolean isRaw(ConformanceScript.Call call) {
    return switch (call.operation()) {
      case "wait_clkrt", "wait_rawts", "waitbs_rawts", "lock_pi_clkrt", "rawop" -> true;
      case "wait", "wake", "requeue", "cmp_requeue", "wake_op" ->
          allRaw || !wordsOf(call).stream().allMatch(ConformanceWorld::isWord);
      case "waitv" ->
          !wordsOf(call).stream().allMatch(ConformanceWorld::isWord)
              || call.arguments().stream().anyMatch(a -> a.matches("NULLVEC|flags=.*|clk=TAI"));
      default -> false;
    };
  }

  private static List<String> wordsOf(ConformanceScript.Call call) {
    return switch (call.operation()) {
      case "requeue", "cmp_requeue", "wake_op" -> call.arguments().subList(0, 2);
      case "waitv" -> {
        List<String> words = new ArrayList<>();
        for (String argument : call.arguments()) {
          if (argument.indexOf(':') > 0) {
            words.add(argument.substring(0, argument.indexOf(':')));
          }
        }
        yield words;
      }
      default -> call.arguments().subList(0, 1);
    };
  }

  private int runTyped(ConformanceScript.Call c) {
    return switch (c.operation()) {
      case "store" -> {
        world.store(c.argument(0), value(c, 1));
        yield 0;
      }
      case "load" -> world.load(c.argument(0));
      case "wait" -> engine.wait(word(c, 0), value(c, 1), ANY, monotonic(c, 2), false);
      case "wait_kind" -> engine.wait(wordOfKind(c), value(c, 2), ANY, monotonic(c, 3), false);
      case "waitbs" -> engine.wait(word(c, 0), value(c, 1), value(c, 2), monotonic(c, 3), false);
      case "waitbs_real" ->
          engine.wait(word(c, 0), value(c, 1), value(c, 2), realtime(c, 3), false);
      case "wake" -> engine.wake(word(c, 0), value(c, 1), ANY);
      case "wake_kind" -> engine.wake(wordOfKind(c), value(c, 2), ANY);
      case "wakebs" -> engine.wake(word(c, 0), value(c, 1), value(c, 2));
      case "requeue" -> engine.requeue(word(c, 0), word(c, 1), value(c, 2), value(c, 3));
      case "cmp_requeue" ->
          engine.compareRequeue(word(c, 0), value(c, 4), word(c, 1), value(c, 2), value(c, 3));
      case "wake_op" ->
          engine.wakeOp(word(c, 0), value(c, 2), word(c, 1), value(c, 3), encoded(c, tids));
      case "lock_pi" -> engine.lockPi(word(c, 0), realtime(c, 1), false);
      case "hold_pi_and_park" -> engine.lockPi(word(c, 0), Deadline.NONE, false);
      case "lock_pi2" -> engine.lockPi(word(c, 0), monotonic(c, 1), false);
      case "trylock_pi" -> engine.tryLockPi(word(c, 0));
      case "unlock_pi" -> engine.unlockPi(word(c, 0));
      case "wait_requeue_pi" ->
          engine.waitRequeuePi(word(c, 0), value(c, 1), word(c, 2), monotonic(c, 3));
      case "wait_requeue_pi_real" ->
          engine.waitRequeuePi(word(c, 0), value(c, 1), word(c, 2), realtime(c, 3));
      case "cmp_requeue_pi" ->
          engine.compareRequeuePi(word(c, 0), value(c, 4), word(c, 1), value(c, 2), value(c, 3));
      case "cas_tid" -> word(c, 0).compareAndSet(0, engine.currentTid()) ? 0 : -Errno.EAGAIN;
      case "waitv" -> waitAny(c);
      case "sig" -> {
        ConformanceSyscalls.signal(subject.syscalls(), tids.applyAsInt(c.argument(0)));
        yield 0;
      }
      case "set_robust_list" ->
          ConformanceRobustList.registerOwnAgain(subject.syscalls(), length(c));
      case "get_robust_list_len" -> ConformanceRobustList.length(subject.syscalls(), value(c, 0));
      case "hold_robust", "hold_robust_and_park", "hold_robust_pending_free_and_park" ->
          ConformanceRobustList.hold(subject.syscalls(), world, c);
      default -> throw new IllegalArgumentException("no operation: " + c);
    };
  }

  private static final int ANY = LinuxAbi.FUTEX_BITSET_MATCH_ANY;

  private int waitAny(ConformanceScript.Call call) {
    List<FutexWord> words = new ArrayList<>();
    List<Integer> values = new ArrayList<>();
    long deadline = Deadline.NONE;
    boolean isRealtime = call.arguments().contains("clk=REAL");
    for (String argument : call.arguments()) {
      int colon = argument.indexOf(':');
      if (colon > 0) {
        words.add(world.word(argument.substring(0, colon)));
        values.add(ConformanceExpression.value(argument.substring(colon + 1), tids));
      } else if (argument.startsWith("timeout=")) {
        String seconds = argument.substring("timeout=".length());
        deadline = isRealtime ? realtime(seconds) : monotonic(seconds);
      }
    }
    return engine.waitAny(
        words.toArray(FutexWord[]::new),
        values.stream().mapToInt(Integer::intValue).toArray(),
        deadline,
        false);
  }

  private FutexWord word(ConformanceScript.Call call, int index) {
    return world.word(call.argument(index));
  }

  /** The first argument says which kind, whatever that of the world. */
  private FutexWord wordOfKind(ConformanceScript.Call call) {
    return world.word(call.argument(1), call.argument(0).equals("private"));
  }

  private int value(ConformanceScript.Call call, int index) {
    return ConformanceExpression.value(call.argument(index), tids);
  }

  private static long length(ConformanceScript.Call call) {
    return Long.parseLong(call.argument(0));
  }

  /** {@code (w1, w2, n1, n2, op, oparg, cmp, cmparg)} as the kernel wants it; undefined numbers too. */
  static int encoded(ConformanceScript.Call c, ToIntFunction<String> tids) {
    return (ConformanceExpression.value(c.argument(4), tids) & 0xf) << 28
        | (ConformanceExpression.value(c.argument(6), tids) & 0xf) << 24
        | (ConformanceExpression.value(c.argument(5), tids) & 0xfff) << 12
        | ConformanceExpression.value(c.argument(7), tids) & 0xfff;
  }

  private static long monotonic(ConformanceScript.Call call, int index) {
    return call.has(index) ? monotonic(call.argument(index)) : Deadline.NONE;
  }

  private static long monotonic(String seconds) {
    return Deadline.after(ConformanceExpression.nanos(seconds), TimeUnit.NANOSECONDS);
  }

  private static long realtime(ConformanceScript.Call call, int index) {
    return call.has(index) ? realtime(call.argument(index)) : Deadline.NONE;
  }

  private static long realtime(String seconds) {
    return Deadline.at(Instant.now().plusNanos(ConformanceExpression.nanos(seconds)));
  }

  /** A native buffer; the caller keeps it reachable. */
  static ByteBuffer nativeBuffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
