// SPDX-License-Identifier: Apache-2.0
package org.jfutex.support;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jfutex.futex.FutexManager;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.linux.SyscallsUnavailableException;

/** A thread that makes one call, of which a test can see whether it blocks. */
public final class Actor<T> {
  static final String FUTEX = System.getProperty("os.arch").equals("aarch64") ? "98" : "202";
  private static final String FUTEX_WAITV = "449";

  private final FutureTask<T> call;
  private final Thread thread;
  private volatile int tid;

  private Actor(Callable<T> body) {
    call =
        new FutureTask<>(
            () -> {
              tid = tidIfKnown();
              return body.call();
            });
    thread = new Thread(call, "actor");
    thread.setDaemon(true);
    thread.start();
  }

  private static int tidIfKnown() {
    try {
      return FutexSyscalls.system().gettid();
    } catch (SyscallsUnavailableException e) {
      return 0;
    }
  }

  public static <T> Actor<T> start(Callable<T> body) {
    return new Actor<>(body);
  }

  public Thread thread() {
    return thread;
  }

  /** Polls until the thread waits for something through this manager and, for a shared word, sleeps in the kernel. */
  public Actor<T> awaitBlocked(FutexManager futexes) {
    Eventually.until("actor blocked", () -> isDone() || isBlocked(futexes));
    if (isDone()) {
      throw new AssertionError("returned " + result() + ", expected to block");
    }
    return this;
  }

  /** Whether the thread waits for something through this manager and, for a shared word, sleeps in the kernel. */
  public boolean isBlocked(FutexManager futexes) {
    return futexes.waits().stream()
        .filter(wait -> wait.thread() == thread)
        .anyMatch(
            wait ->
                wait.word().isShared() && FutexSyscalls.isExpected()
                    ? sleepsOnSharedWord()
                    : thread.getState() == Thread.State.WAITING
                        || thread.getState() == Thread.State.TIMED_WAITING);
  }

  /**
   * Whether it sleeps in a call that only jfutex makes. A thread that blocks in a native call is RUNNABLE to Java; the
   * kernel knows better. A thread may also sleep on its way into such a call: on a lock of the JVM, which is a private
   * futex, or (state D) for a page.
   */
  boolean sleepsOnSharedWord() {
    try {
      String stat = proc("stat");
      if (!stat.startsWith(" S ", stat.lastIndexOf(')') + 1)) {
        return false;
      }
      String[] call = proc("syscall").split(" ");
      return call[0].equals(FUTEX_WAITV)
          || call[0].equals(FUTEX) && (Long.decode(call[2]) & LinuxAbi.FUTEX_PRIVATE_FLAG) == 0;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** What the kernel tells of the thread. */
  String proc(String file) throws IOException {
    return Files.readString(Path.of("/proc/self/task/" + tid + "/" + file));
  }

  public boolean isDone() {
    return call.isDone();
  }

  /** What the call returned; what it threw, wrapped in an AssertionError. */
  public T result() {
    try {
      return call.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("the call threw", e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("no result within 60 s", e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** What the call threw. */
  public Throwable failure() {
    try {
      throw new AssertionError(
          "returned " + call.get(60, TimeUnit.SECONDS) + ", expected to throw");
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (TimeoutException | InterruptedException e) {
      throw new AssertionError("no result within 60 s", e);
    }
  }
}
