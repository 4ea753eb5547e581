// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jfutex.futex.Deadline;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Eventually;
import org.jfutex.support.Kinds;
import org.jfutex.sync.Acquisition;
import org.jfutex.sync.DeadlockException;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.NotRecoverableException;
import org.jfutex.sync.OwnerDiedException;
import org.jfutex.sync.OwnerNotFoundException;
import org.jfutex.sync.SharedMutex;

/**
 * A thread of this JVM that uses jfutex. Beyond the commands of a C peer it knows {@code decline}, and {@code java} for
 * {@link SharedMutex#lock()} without a recovery.
 */
class JavaPeer implements Peer {
  private static final long SECONDS = 60;
  static final String OK = "OK";

  final MappedMemory memory;
  private final Map<Long, SharedMutex> mutexes = new HashMap<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          body -> {
            Thread created = new Thread(body, "java peer");
            created.setDaemon(true);
            return created;
          });
  private final int tid;
  private final long head;
  private Future<String> call;

  JavaPeer(MappedMemory memory) {
    this.memory = memory;
    tid = result(thread.submit(() -> FutexSyscalls.system().gettid()));
    head = result(thread.submit(() -> FutexSyscalls.system().context().robustListHead()));
  }

  @Override
  public void tell(String command) {
    call = thread.submit(() -> answer(command.split(" ", 3)));
  }

  @Override
  public String answer() {
    return result(call);
  }

  @Override
  public boolean isDone() {
    return call.isDone();
  }

  /** Does something else in the thread. */
  <T> T call(Callable<T> body) {
    return result(thread.submit(body));
  }

  private static <T> T result(Future<T> call) {
    try {
      return call.get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("in the thread of a peer", e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private String answer(String[] words) throws Exception {
    try {
      return obey(words);
    } catch (DeadlockException e) {
      return "EDEADLK";
    } catch (NotRecoverableException e) {
      return "ENOTRECOVERABLE";
    } catch (OwnerDiedException e) {
      return "EOWNERDEAD, not held";
    } catch (OwnerNotFoundException e) {
      return "ESRCH";
    } catch (UnsupportedOperationException e) {
      return "unsupported";
    } catch (IllegalMonitorStateException e) {
      return "EPERM";
    } catch (IllegalStateException e) {
      return "EINVAL";
    }
  }

  String obey(String[] words) throws Exception {
    long offset = Long.parseLong(words[1]);
    if (words[0].equals("init")) {
      return init(offset, words[2]);
    }
    SharedMutex mutex = mutex(offset);
    switch (words[0]) {
      case "lock":
        return name(mutex.acquire(), null);
      case "trylock":
        return name(mutex.tryAcquire(), "EBUSY");
      case "timedlock":
      case "clocklock":
        return name(mutex.acquire(deadline(Long.valueOf(words[2]))), "ETIMEDOUT");
      case "java":
        mutex.lock();
        return OK;
      case "unlock":
        mutex.unlock();
        return OK;
      case "consistent":
        mutex.makeConsistent();
        return OK;
      case "decline":
        mutex.decline();
        return OK;
      default:
        throw new IllegalArgumentException(words[0]);
    }
  }

  /** Always the same object for an offset. */
  final SharedMutex mutex(long offset) {
    return mutexes.computeIfAbsent(offset, unused -> SharedMutex.adopt(memory, offset));
  }

  static long deadline(Long millis) {
    return millis == null ? Deadline.NONE : Deadline.after(millis, TimeUnit.MILLISECONDS);
  }

  private String init(long offset, String kind) {
    MutexKind wanted =
        Kinds.all().filter(known -> known.toString().equals(kind)).findFirst().orElseThrow();
    mutexes.put(offset, SharedMutex.at(memory, offset, wanted));
    return OK;
  }

  static String name(Acquisition acquisition, String late) {
    return switch (acquisition) {
      case ACQUIRED -> OK;
      case OWNER_DIED -> "EOWNERDEAD";
      case TIMED_OUT -> late;
      case INTERRUPTED -> "EINTR";
    };
  }

  @Override
  public void die() {
    thread.shutdown();
    Eventually.until("the thread has ended", () -> ProcThread.isGone(tid));
  }

  @Override
  public int tid() {
    return tid;
  }

  @Override
  public long pid() {
    return ProcessHandle.current().pid();
  }

  @Override
  public long head() {
    return head;
  }

  @Override
  public long base() {
    return memory.word(0).address();
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
