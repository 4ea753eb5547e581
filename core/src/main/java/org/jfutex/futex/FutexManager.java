// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jfutex.linux.Errno;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.KernelFeatures;
import org.jfutex.linux.LinuxAbi;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;

/**
 * The futex system call for Java: sleep while a word holds a value, wake who sleeps on a word.
 *
 * <p>Words of {@link MappedMemory#word} block in the kernel and meet every process that maps the file; words of
 * {@link MappedMemory#privateWord} are served inside this JVM. Operations on two words take two of the same sort.
 * Where there is no futex system call to expect, shared words are polled: slow, and correct if all processes do.
 *
 * <p>What the operations promise is Linux's, see futex(2). A waiter is queued before it looks at the word for the last
 * time, so "change the word, then wake" is never missed. Wake-ups may be spurious and order nothing by themselves; the
 * memory order is that of the accesses to the word. {@code EINTR} never escapes: {@link WaitResult#INTERRUPTED} means
 * {@link Thread#interrupt()}, and the status stays set. A deadline is a {@code long} of {@link Deadline}.
 *
 * <p>On a platform thread waiting, waking and requeuing allocate nothing, but for in-JVM PI queues. A virtual thread
 * never pins its carrier: a private wait parks, a shared one is handed to a platform thread; the PI operations refuse
 * it, because they know owners by thread id.
 *
 * <p>Misuse is an {@link IllegalArgumentException} that names value and expectation; a word of closed memory throws
 * {@link org.jfutex.memory.ClosedMemoryException}, also out of a wait in progress. What sets others free (wake, unlock)
 * is done first even then, and a wake that reached a thread which is thrown out is passed on: closing loses none.
 */
public final class FutexManager {
  /** Any bit: what a wait and a wake use unless told otherwise. */
  public static final int ANY_BIT = LinuxAbi.FUTEX_BITSET_MATCH_ANY;

  /** Wakes all. */
  public static final int ALL = Integer.MAX_VALUE;

  /** Answer of an operation that found another value than the expected one. */
  public static final int VALUE_CHANGED = -Errno.EAGAIN;

  /** Answer of a wait for several words whose deadline passed. */
  public static final int TIMED_OUT = -Errno.ETIMEDOUT;

  /** Answer of a wait for several words whose thread was interrupted. */
  public static final int INTERRUPTED = -Errno.EINTR;

  private static volatile FutexManager system;

  private final FutexEngine privateEngine;
  private final FutexEngine sharedEngine;
  private final WordWatchers watchers;
  private final Consumer<MappedMemory> releaseOnClose = this::release;

  private FutexManager(FutexEngine privateEngine, FutexEngine sharedEngine) {
    this.privateEngine = privateEngine;
    this.sharedEngine = sharedEngine;
    this.watchers = new WordWatchers(this);
  }

  private FutexManager(FutexManager forked) {
    privateEngine = new InJvmEngine();
    sharedEngine = forked.sharedEngine;
    watchers = forked.watchers;
  }

  /**
   * The manager of this JVM, one for all, so that they meet on private words too. Shared words block in the kernel;
   * where there is none to expect (no Linux, or {@code -Djfutex.syscalls=none}) they are polled.
   *
   * @throws org.jfutex.linux.SyscallsUnavailableException if there should be a kernel and it cannot be reached: polling
   *     would go unnoticed, and strand the processes that sleep in the kernel, which nobody here could wake
   */
  public static FutexManager system() {
    FutexManager manager = system;
    return manager != null ? manager : createSystem();
  }

  private static synchronized FutexManager createSystem() {
    if (system == null) {
      system =
          new FutexManager(
              new InJvmEngine(),
              FutexSyscalls.isExpected()
                  ? new KernelEngine(FutexSyscalls.system())
                  : InJvmEngine.polling());
    }
    return system;
  }

  /** A manager with private words of its own, which shares the shared words with this one. */
  public FutexManager fork() {
    return new FutexManager(this);
  }

  /** Sleeps while the word holds {@code expected}, until woken; an interrupt has to wait. */
  public WaitResult wait(FutexWord word, int expected) {
    return wait(word, expected, ANY_BIT, Deadline.NONE);
  }

  /**
   * Sleeps while the word holds {@code expected}, until a wake with a common bit; an interrupt has to wait.
   *
   * @param bitset at least one bit; {@link #ANY_BIT} for every wake
   */
  public WaitResult wait(FutexWord word, int expected, int bitset, long deadline) {
    return wait(word, expected, bitset, deadline, false);
  }

  /** As {@link #wait(FutexWord, int)}, and until {@link Thread#interrupt()}. */
  public WaitResult waitInterruptibly(FutexWord word, int expected) {
    return waitInterruptibly(word, expected, ANY_BIT, Deadline.NONE);
  }

  /** As {@link #wait(FutexWord, int, int, long)}, and until {@link Thread#interrupt()}. */
  public WaitResult waitInterruptibly(FutexWord word, int expected, int bitset, long deadline) {
    return wait(word, expected, bitset, deadline, true);
  }

  private WaitResult wait(
      FutexWord word, int expected, int bitset, long deadline, boolean interruptible) {
    checkBitset(bitset);
    FutexEngine engine = forWait(word);
    int answer = engine.wait(word, expected, bitset, deadline, interruptible);
    passOnIfClosed(engine, word, answer, bitset);
    return result("wait", word, answer);
  }

  /**
   * Wakes waiters in the order in which they came.
   *
   * @param count at least 1; {@link #ALL}
   * @return how many
   */
  public int wake(FutexWord word, int count) {
    return wake(word, count, ANY_BIT);
  }

  /** As {@link #wake(FutexWord, int)}, but only waiters that share a bit with {@code bitset}. */
  public int wake(FutexWord word, int count, int bitset) {
    checkBitset(bitset);
    if (count < 1) {
      throw new IllegalArgumentException("wake count " + count + ", expected at least 1");
    }
    // Closed or not: who changed the word just before it was closed still has to wake the other
    // processes.
    int woken = engine(word).wake(word, count, bitset);
    word.memory().checkOpen();
    return answer("wake", word, woken);
  }

  /** A wake that was taken by one who does not want it is for the next; also after a close. */
  void passOn(FutexWord word) {
    engine(word).wake(word, 1, ANY_BIT);
  }

  /** A wake that ended this wait may have been the only one for a waiter of another process. */
  private static void passOnIfClosed(FutexEngine engine, FutexWord word, int answer, int bitset) {
    if (answer == 0 && word.memory().isClosed()) {
      engine.wake(word, 1, bitset);
    }
  }

  /**
   * Wakes {@code wakeCount} waiters and moves up to {@code requeueCount} more to {@code target}, without a look at the
   * word; both at least 0.
   *
   * @return woken plus moved
   */
  public int requeue(FutexWord word, FutexWord target, int wakeCount, int requeueCount) {
    checkSameSort(word, target, "target");
    checkCounts(wakeCount, requeueCount);
    return answer("requeue", word, forWait(target).requeue(word, target, wakeCount, requeueCount));
  }

  /**
   * As {@link #requeue}, if the word still holds {@code expected}.
   *
   * @return woken plus moved, or {@link #VALUE_CHANGED}
   */
  public int compareRequeue(
      FutexWord word, int expected, FutexWord target, int wakeCount, int requeueCount) {
    checkSameSort(word, target, "target");
    checkCounts(wakeCount, requeueCount);
    return answer(
        "compareRequeue",
        word,
        forWait(target).compareRequeue(word, expected, target, wakeCount, requeueCount));
  }

  /**
   * Changes {@code second}, wakes {@code count} on {@code word} and, if the old value of {@code second} compares so,
   * {@code secondCount} there; all as one step. Counts are at least 1.
   *
   * @return how many were woken on both
   */
  public int wakeOp(
      FutexWord word, int count, FutexWord second, int secondCount, WakeOp operation) {
    checkSameSort(word, second, "second");
    Objects.requireNonNull(operation, "operation");
    second.checkWritable();
    if (count < 1 || secondCount < 1) {
      throw new IllegalArgumentException(
          "wake counts " + count + " and " + secondCount + ", expected at least 1 each");
    }
    return answer(
        "wakeOp", word, engine(word).wakeOp(word, count, second, secondCount, operation.encoded()));
  }

  /**
   * Sleeps while each word holds its expected value, until one is woken.
   *
   * <p>Two wakes at the same moment are reported as one index, so look at every word again.
   *
   * @param words 1 to 128, all of one sort
   * @param expected as many values
   * @return the index of a woken word, {@link #VALUE_CHANGED} or {@link #TIMED_OUT}
   */
  public int waitAny(FutexWord[] words, int[] expected, long deadline) {
    return waitAny(words, expected, deadline, false);
  }

  /** As {@link #waitAny}, for 1 to 127 words, and until an interrupt: {@link #INTERRUPTED}. */
  public int waitAnyInterruptibly(FutexWord[] words, int[] expected, long deadline) {
    return waitAny(words, expected, deadline, true);
  }

  private int waitAny(FutexWord[] words, int[] expected, long deadline, boolean interruptible) {
    Objects.requireNonNull(words, "words");
    Objects.requireNonNull(expected, "expected");
    // The thread's own word takes a place when the wait is to end by an interrupt.
    int limit = interruptible ? LinuxAbi.FUTEX_WAITV_MAX - 1 : LinuxAbi.FUTEX_WAITV_MAX;
    if (words.length < 1 || words.length > limit || words.length != expected.length) {
      throw new IllegalArgumentException(
          words.length
              + " words and "
              + expected.length
              + " expected values, expected 1 to "
              + limit
              + " of each");
    }
    for (FutexWord word : words) {
      checkSameSort(words[0], word, "word");
      forWait(word);
    }
    int answer = engine(words[0]).waitAny(words, expected, deadline, interruptible);
    return resultOfAny(words, answer);
  }

  /** Whether the word has another value than expected. */
  boolean hasChanged(FutexWord word, int expected) {
    return answer("look", word, forWait(word).look(word, expected)) == VALUE_CHANGED;
  }

  /** As {@link #waitAnyInterruptibly} with valid arguments, for one who looks at the words afterwards. */
  int sleepForAny(FutexWord[] words, int[] expected, long deadline) {
    return resultOfAny(words, engine(words[0]).sleepForAny(words, expected, deadline, true));
  }

  private int resultOfAny(FutexWord[] words, int answer) {
    FutexEngine engine = engine(words[0]);
    if (answer >= 0) {
      passOnIfClosed(engine, words[answer], 0, ANY_BIT);
    }
    for (FutexWord word : words) {
      word.memory().checkOpen();
    }
    return switch (answer) {
      case VALUE_CHANGED, TIMED_OUT, INTERRUPTED -> answer;
      default -> answer("waitAny", words[0], answer);
    };
  }

  /** As {@link #waitAsync(FutexWord, int, Executor)}, with the executor of {@link CompletableFuture}'s own methods. */
  public CompletableFuture<WaitResult> waitAsync(FutexWord word, int expected) {
    return waitAsync(word, expected, new CompletableFuture<>().defaultExecutor());
  }

  /**
   * Waits, blocking nobody, while the word holds {@code expected}: the future is completed when the word was woken, or
   * is seen to hold another value. Of a shared word no <em>other value</em> is missed that is still there when it is
   * woken; several wakes that change nothing may count as one. A change that nobody wakes for is seen within
   * {@link LookAgain#PERIOD_NANOS}.
   *
   * <p>Cancelling the future ends the wait, and so does completing it in any other way: {@code orTimeout(1, SECONDS)},
   * {@code completeOnTimeout(WaitResult.TIMED_OUT, 1, SECONDS)}. A wake that comes too late is passed on. Closing the
   * memory completes it with a {@link org.jfutex.memory.ClosedMemoryException}.
   *
   * <p>A private word needs no thread. One daemon thread serves 127 shared words, whoever waits for them; it ends when
   * there was none for a second.
   *
   * @param executor completes the future, and so runs what depends on it. One that runs it at once, such as
   *     {@code Runnable::run}, has it run by the thread that wakes the word or serves others: it must be short, and not
   *     block
   * @return completed, with {@link WaitResult#VALUE_CHANGED}, if the word does not hold {@code expected}; otherwise
   *     {@link WaitResult#WOKEN} to come
   */
  public CompletableFuture<WaitResult> waitAsync(FutexWord word, int expected, Executor executor) {
    Objects.requireNonNull(executor, "executor");
    FutexEngine engine = forWait(word);
    WordFuture future = new WordFuture(this, word, expected, executor);
    if (!word.isShared()) {
      future.prepare(engine);
    } else if (word.getVolatile() != expected) {
      future.complete(WaitResult.VALUE_CHANGED);
    } else {
      future.watch(watchers);
    }
    return future;
  }

  /**
   * FUTEX_LOCK_PI: becomes the owner of a word of the form TID | WAITERS | OWNER_DIED; an interrupt has to wait.
   *
   * @return false if the deadline passed
   * @throws FutexException EDEADLK this thread is the owner already, ESRCH the owner does not exist
   */
  public boolean lockPi(FutexWord word, long deadline) {
    return lockPi(word, deadline, false) == WaitResult.WOKEN;
  }

  /** As {@link #lockPi}, and until an interrupt; {@link WaitResult#WOKEN} means owner. */
  public WaitResult lockPiInterruptibly(FutexWord word, long deadline) {
    return lockPi(word, deadline, true);
  }

  private WaitResult lockPi(FutexWord word, long deadline, boolean interruptible) {
    Objects.requireNonNull(word, "word");
    checkPlatformThread();
    word.checkWritable();
    FutexEngine engine = forWait(word);
    int answer = engine.lockPi(word, deadline, interruptible);
    giveBackIfClosed(engine, word, word, answer);
    return result("lockPi", word, answer);
  }

  /** Who is told that the memory is closed must not be left the owner of a word that others wait for. */
  private static void giveBackIfClosed(
      FutexEngine engine, FutexWord word, FutexWord owned, int answer) {
    if (answer == 0 && (word.memory().isClosed() || owned.memory().isClosed())) {
      engine.unlockPi(owned);
    }
  }

  /**
   * FUTEX_TRYLOCK_PI.
   *
   * @return false if another thread is the owner
   */
  public boolean tryLockPi(FutexWord word) {
    Objects.requireNonNull(word, "word");
    checkPlatformThread();
    word.checkWritable();
    return result("tryLockPi", word, engine(word).tryLockPi(word)) == WaitResult.WOKEN;
  }

  /**
   * FUTEX_UNLOCK_PI: hands the word to the first waiter, or frees it.
   *
   * @throws FutexException EPERM this thread is not the owner
   */
  public void unlockPi(FutexWord word) {
    checkPlatformThread();
    // Closed or not, as in wake.
    int answer = engine(word).unlockPi(word);
    word.memory().checkOpen();
    answer("unlockPi", word, answer);
  }

  /** What a PI word holds while the calling thread is its owner: its kernel thread id. */
  public int currentTid() {
    checkPlatformThread();
    return sharedEngine.currentTid();
  }

  /**
   * Sleeps while the word holds {@code expected}, until {@link #compareRequeuePi} moved this thread to {@code target}
   * and it became the owner there. An interrupt has to wait.
   *
   * @return {@link WaitResult#WOKEN} as the owner of {@code target}; otherwise not its owner
   */
  public WaitResult waitRequeuePi(FutexWord word, int expected, FutexWord target, long deadline) {
    checkPlatformThread();
    checkSameSort(word, target, "target");
    target.checkWritable();
    forWait(target);
    FutexEngine engine = forWait(word);
    int answer = engine.waitRequeuePi(word, expected, target, deadline);
    giveBackIfClosed(engine, word, target, answer);
    target.memory().checkOpen();
    return result("waitRequeuePi", word, answer);
  }

  /**
   * Makes the first waiter of {@link #waitRequeuePi} the owner of {@code target} if it is free, and moves up to
   * {@code requeueCount} more to its queue.
   *
   * @return how many were made owner or moved, or {@link #VALUE_CHANGED}
   */
  public int compareRequeuePi(FutexWord word, int expected, FutexWord target, int requeueCount) {
    checkSameSort(word, target, "target");
    target.checkWritable();
    checkCounts(1, requeueCount);
    return answer(
        "compareRequeuePi",
        word,
        forWait(target).compareRequeuePi(word, expected, target, 1, requeueCount));
  }

  /**
   * Enqueues a waiter without blocking. Each success must be followed by {@link #waitComplete}.
   *
   * <p>For a private word the waiter counts for every wake from here on. The kernel knows no waiter that does not
   * block: for a shared word the promise is only that no <em>other value of the word</em> is missed which is still
   * there when it is awaited or completed.
   *
   * @return false if the word did not hold {@code expected}; nothing is to be completed then
   * @throws IllegalStateException if the waiter is in use
   */
  public boolean waitPrepare(Waiter waiter, FutexWord word, int expected, int bitset) {
    checkBitset(bitset);
    Objects.requireNonNull(waiter, "waiter");
    int answer = forWait(word).prepare(waiter, word, expected, bitset);
    return answer != VALUE_CHANGED && answer("waitPrepare", word, answer) == 0;
  }

  /** Blocks until a prepared waiter is woken; an interrupt has to wait. */
  public WaitResult await(Waiter waiter, long deadline) {
    return await(waiter, deadline, false);
  }

  /** As {@link #await}, and until an interrupt. */
  public WaitResult awaitInterruptibly(Waiter waiter, long deadline) {
    return await(waiter, deadline, true);
  }

  private WaitResult await(Waiter waiter, long deadline, boolean interruptible) {
    FutexWord word = Objects.requireNonNull(waiter, "waiter").preparedFor();
    return result("await", word, engine(word).await(waiter, deadline, interruptible));
  }

  /**
   * Takes a prepared waiter out of its queue.
   *
   * @return whether it was woken; for a shared word, whether a wait of {@link #await} was or the word changed
   */
  public boolean waitComplete(Waiter waiter) {
    Objects.requireNonNull(waiter, "waiter");
    return engine(waiter.preparedFor()).complete(waiter) != 0; // after a close, too
  }

  /**
   * How often a shared wait that had to go in slices (see {@link KernelFeatures#futexWaitv()}) found, at the end of a
   * slice, that its word had changed without a wake. Now and then that is a waker on its way; a program whose count
   * grows loses wake-ups, which the slices hide.
   */
  public long hiddenWakeUps() {
    return sharedEngine instanceof KernelEngine kernel ? kernel.hiddenWakeUps() : 0;
  }

  /** Every wait of this JVM through this manager at this moment, for diagnosis and tests. */
  public List<FutexWait> waits() {
    List<FutexWait> waits = new ArrayList<>();
    privateEngine.forEachWait(waits::add);
    sharedEngine.forEachWait(waits::add);
    return waits;
  }

  private FutexEngine engine(FutexWord word) {
    return Objects.requireNonNull(word, "word").isShared() ? sharedEngine : privateEngine;
  }

  /** The engine, once the memory knows whom to tell when it is closed. */
  private FutexEngine forWait(FutexWord word) {
    Objects.requireNonNull(word, "word");
    word.memory().checkOpen();
    word.memory().onClose(releaseOnClose);
    return engine(word);
  }

  private void release(MappedMemory memory) {
    privateEngine.release(memory);
    sharedEngine.release(memory);
  }

  private static void checkBitset(int bitset) {
    if (bitset == 0) {
      throw new IllegalArgumentException("bitset 0, expected at least one bit");
    }
  }

  private static void checkCounts(int wakeCount, int requeueCount) {
    if (wakeCount < 0 || requeueCount < 0) {
      throw new IllegalArgumentException(
          "wake count "
              + wakeCount
              + " and requeue count "
              + requeueCount
              + ", expected at least 0 each");
    }
  }

  private static void checkSameSort(FutexWord one, FutexWord other, String otherName) {
    Objects.requireNonNull(one, "word");
    Objects.requireNonNull(other, otherName);
    one.memory().checkOpen();
    other.memory().checkOpen();
    if (one.isShared() != other.isShared()) {
      throw new IllegalArgumentException(
          "key kinds "
              + one.key().kind()
              + " and "
              + other.key().kind()
              + " do not mix, expected two private or two shared words: "
              + one
              + ", "
              + other);
    }
  }

  private static void checkPlatformThread() {
    if (VirtualThreads.isCurrent()) {
      throw new UnsupportedOperationException(
          "found a virtual thread, expected a platform thread: a PI word knows its owner by kernel thread id");
    }
  }

  private WaitResult result(String operation, FutexWord word, int answer) {
    word.memory().checkOpen();
    return switch (answer) {
      case 0 -> WaitResult.WOKEN;
      case VALUE_CHANGED -> WaitResult.VALUE_CHANGED;
      case TIMED_OUT -> WaitResult.TIMED_OUT;
      case INTERRUPTED -> WaitResult.INTERRUPTED;
      default -> throw refused(operation, word, answer);
    };
  }

  private int answer(String operation, FutexWord word, int answer) {
    if (answer < 0 && answer != VALUE_CHANGED) {
      throw refused(operation, word, answer);
    }
    return answer;
  }

  private RuntimeException refused(String operation, FutexWord word, int answer) {
    word.memory().checkOpen();
    int errno = -answer;
    if (errno == Errno.EFAULT) {
      return word.memory().fault(word.offset(), null);
    }
    if (errno == Errno.ENOSYS) {
      return new UnsupportedOperationException(
          operation + " on " + word + " is not offered here; found: " + sharedEngine);
    }
    return new FutexException(
        operation,
        errno,
        word,
        switch (errno) {
          case Errno.EDEADLK ->
              "this thread is its owner already, or owners wait for each other in a circle";
          case Errno.ESRCH -> "the owner that the word names does not exist";
          case Errno.EPERM ->
              "this thread is not its owner, or the owner it names may not be waited for";
          case Errno.EINVAL ->
              "waiters of another kind are queued on it, or its value is none the operation knows";
          default -> "not expected from futex(2)";
        });
  }
}
