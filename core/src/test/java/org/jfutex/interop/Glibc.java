// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

/** glibc's own mutexes, for threads of this JVM: what native code does that runs in a Java thread. */
final class Glibc {

  private static final int PROCESS_SHARED = 1;
  private static final int ROBUST = 1;
  private static final int PRIORITY_INHERITANCE = 1;

  private Glibc() {}

  /** Linked by JNA. Mutexes and attributes go by address. */
  private static final class Functions {
    static {
      Native.register(Functions.class, NativeLibrary.getProcess());
    }

    static native int pthread_mutexattr_init(byte[] attributes);

    static native int pthread_mutexattr_setpshared(byte[] attributes, int shared);

    static native int pthread_mutexattr_setrobust(byte[] attributes, int robust);

    static native int pthread_mutexattr_setprotocol(byte[] attributes, int protocol);

    static native int pthread_mutex_init(long mutex, byte[] attributes);

    static native int pthread_mutex_lock(long mutex);

    static native int pthread_mutex_unlock(long mutex);
  }

  /** Makes a robust one. */
  static void initRobust(long mutex, boolean shared, boolean priorityInheritance) {
    byte[] attributes = new byte[Long.BYTES]; // 4 are used
    check(Functions.pthread_mutexattr_init(attributes));
    check(Functions.pthread_mutexattr_setrobust(attributes, ROBUST));
    if (shared) {
      check(Functions.pthread_mutexattr_setpshared(attributes, PROCESS_SHARED));
    }
    if (priorityInheritance) {
      check(Functions.pthread_mutexattr_setprotocol(attributes, PRIORITY_INHERITANCE));
    }
    check(Functions.pthread_mutex_init(mutex, attributes));
  }

  static void lock(long mutex) {
    check(Functions.pthread_mutex_lock(mutex));
  }

  static void unlock(long mutex) {
    check(Functions.pthread_mutex_unlock(mutex));
  }

  private static void check(int error) {
    if (error != 0) {
      throw new AssertionError("errno " + error);
    }
  }
}
