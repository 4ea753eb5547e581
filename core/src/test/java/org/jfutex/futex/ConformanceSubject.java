// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.jfutex.linux.FutexSyscalls;

/** What is compared with the table: an engine, and the way to see that a thread of it is blocked. */
abstract class ConformanceSubject {
  private static final int FIRST_WITH_FFM = 22;

  private final String name;

  private ConformanceSubject(String name) {
    this.name = name;
  }

  /**
   * All that this JVM offers: the kernel through JNA, from JDK 22 on through java.lang.foreign too, and in-JVM.
   * Throws if the java.lang.foreign backend should be there and is not.
   */
  static List<ConformanceSubject> all() {
    List<ConformanceSubject> subjects = new ArrayList<>();
    subjects.add(kernel("jna"));
    if (Runtime.version().feature() >= FIRST_WITH_FFM) {
      subjects.add(kernel("ffm"));
    }
    subjects.add(inJvm());
    return subjects;
  }

  static ConformanceSubject kernel(String backend) {
    FutexSyscalls syscalls = FutexSyscalls.named(backend);
    if (!syscalls.name().equals(backend) || syscalls.features().ffm() != backend.equals("ffm")) {
      throw new AssertionError("asked for backend " + backend + ", found " + syscalls);
    }
    return new Kernel(syscalls);
  }

  static ConformanceSubject inJvm() {
    return new InJvm();
  }

  /** A new engine, which knows no waits of other scenes. */
  abstract FutexEngine engine();

  /** The kernel's raw verbs; null for an engine that does without. */
  abstract FutexSyscalls syscalls();

  /**
   * In how many queues a thread sleeps; 0 if it does not sleep in a wait. Whoever can tell no more says 1.
   *
   * @param inWorld whether an address is one of the scene's words
   */
  abstract int waits(FutexEngine engine, Thread thread, int tid, LongPredicate inWorld);

  /** Why this subject cannot make a call, or null. */
  abstract String obstacle(ConformanceScript.Call call);

  /** Why this subject cannot have an actor in another process, or null. */
  abstract String obstacleToProcesses();

  boolean isKernel() {
    return syscalls() != null;
  }

  @Override
  public String toString() {
    return name;
  }

  private static final class Kernel extends ConformanceSubject {
    private final FutexSyscalls syscalls;

    Kernel(FutexSyscalls syscalls) {
      super("kernel " + syscalls.name());
      this.syscalls = syscalls;
    }

    @Override
    FutexEngine engine() {
      return new KernelEngine(syscalls);
    }

    @Override
    FutexSyscalls syscalls() {
      return syscalls;
    }

    @Override
    int waits(FutexEngine engine, Thread thread, int tid, LongPredicate inWorld) {
      return ConformanceProc.isBlocked(ProcessHandle.current().pid(), tid, inWorld) ? 1 : 0;
    }

    @Override
    String obstacle(ConformanceScript.Call call) {
      return null;
    }

    @Override
    String obstacleToProcesses() {
      return null;
    }
  }

  private static final class InJvm extends ConformanceSubject {
    InJvm() {
      super("in-JVM");
    }

    @Override
    FutexEngine engine() {
      return new InJvmEngine();
    }

    @Override
    FutexSyscalls syscalls() {
      return null;
    }

    @Override
    int waits(FutexEngine engine, Thread thread, int tid, LongPredicate inWorld) {
      Thread.State state = thread.getState();
      if (state != Thread.State.WAITING && state != Thread.State.TIMED_WAITING) {
        return 0;
      }
      int[] found = new int[1];
      engine.forEachWait(wait -> found[0] += wait.thread() == thread ? 1 : 0);
      return found[0];
    }

    @Override
    String obstacle(ConformanceScript.Call call) {
      return switch (call.operation()) {
        case "wait_clkrt", "lock_pi_clkrt", "rawop" ->
            "flags and operation numbers are not the engine's arguments";
        case "wait_rawts", "waitbs_rawts" -> "a deadline is a long, which is never malformed";
        case "set_robust_list", "get_robust_list_len" -> "robust lists are the kernel's";
        case "sig" -> "a signal ends a system call, not the park of a thread";
        case "waitv" -> obstacleToWaitv(call);
        default ->
            call.operation().startsWith("hold_robust")
                ? "robust lists are the kernel's"
                : obstacleToWords(call);
      };
    }

    private static String obstacleToWaitv(ConformanceScript.Call call) {
      for (String argument : call.arguments()) {
        if (argument.equals("NULLVEC")
            || argument.startsWith("flags=")
            || argument.equals("clk=TAI")) {
          return "vectors, flags and clocks are not the engine's arguments";
        }
        int colon = argument.indexOf(':');
        if (colon > 0 && !ConformanceWorld.isWord(argument.substring(0, colon))) {
          return noWord(argument.substring(0, colon));
        }
      }
      return null;
    }

    private static String obstacleToWords(ConformanceScript.Call call) {
      for (String argument : call.arguments()) {
        if (argument.equals("TRUNC")) {
          return "a wake does not look at the memory, so it cannot notice that the page is gone";
        }
        if (argument.matches("NULL|UNMAPPED|NOACCESS")) {
          return noWord(argument);
        }
      }
      return null;
    }

    private static String noWord(String reference) {
      return "no FutexWord can be made for "
          + reference
          + "; trying to is a typed exception, or impossible";
    }

    @Override
    String obstacleToProcesses() {
      return "another process cannot be woken by queues of this JVM";
    }
  }
}
