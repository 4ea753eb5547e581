// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.nio.file.Path;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jfutex.region.SharedRegion;

/**
 * A JVM that takes a lock, gives it back, says "ready" and ends. What it loads and sets up until then is what is
 * measured, so there is nothing here that a JVM that locks would not need: a lambda alone takes milliseconds.
 *
 * <pre>
 *   region FILE   file FILE   reentrant FILE
 * </pre>
 */
public final class FirstLock {
  /** The {@code SharedMutex} of a region. */
  public static final String REGION = "region";

  /** {@code FileChannel.lock}. */
  public static final String FILE = "file";

  /** {@code ReentrantLock}: no more than a JVM takes anyway. */
  public static final String REENTRANT = "reentrant";

  private FirstLock() {}

  /** See the class. */
  public static void main(String[] args) throws Exception {
    Lock lock = lock(args[0], Path.of(args[1]));
    lock.lock();
    lock.unlock();
    System.out.println("ready");
  }

  private static Lock lock(String kind, Path file) throws Exception {
    switch (kind) {
      case REGION:
        return SharedRegion.open(file).mutex("first");
      case FILE:
        return new FileChannelLock(file);
      case REENTRANT:
        return new ReentrantLock();
      default:
        throw new IllegalArgumentException("no such lock: " + kind);
    }
  }
}
