// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import org.jfutex.futex.FutexManager;
import org.jfutex.futex.VirtualThreads;

/** What a thread brings to a mutex: its id and its robust list. One object a thread, used by that thread alone. */
final class CurrentThread {
  /** The id of a virtual thread: it has none that the kernel knows. */
  static final int NO_TID = 0;

  /** No thread is this one. */
  static final CurrentThread NOBODY = new CurrentThread(null, NO_TID);

  private static final ThreadLocal<CurrentThread> CURRENT =
      ThreadLocal.withInitial(CurrentThread::ofCurrent);

  /** How often a thread is looked up until it is remembered instead of another one; a power of two. */
  private static final int LOOK_UPS = 64;

  final Thread thread;
  final int tid;
  private RobustList robustList;
  private int lookUps;

  private CurrentThread(Thread thread, int tid) {
    this.thread = thread;
    this.tid = tid;
  }

  private static CurrentThread ofCurrent() {
    return new CurrentThread(
        Thread.currentThread(),
        VirtualThreads.isCurrent() ? NO_TID : FutexManager.system().currentTid());
  }

  static CurrentThread get() {
    return CURRENT.get();
  }

  /**
   * The list of the robust mutexes that this thread holds.
   *
   * @throws UnsupportedOperationException if the C library keeps none that can be used
   */
  RobustList robustList() {
    RobustList list = robustList;
    return list != null ? list : (robustList = RobustList.ofCurrentThread(tid));
  }

  /** True once in so many times. */
  boolean isSeldom() {
    return (++lookUps & LOOK_UPS - 1) == 0;
  }

  /** Whether there was something to be repaired; see {@link RobustList#repair}. */
  boolean repair() {
    return robustList != null && robustList.repair();
  }
}
