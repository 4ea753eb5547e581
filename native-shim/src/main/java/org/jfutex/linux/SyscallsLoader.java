// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import java.lang.reflect.InvocationTargetException;

/**
 * Chooses and loads an implementation of {@link FutexSyscalls}, and remembers a failure: its reason is the same on the
 * second use as on the first, where a static initialiser would leave a bare NoClassDefFoundError.
 */
final class SyscallsLoader {
  static final String FFM = "ffm";
  static final String JNA = "jna";
  static final String NONE = "none";

  /** Exists in the multi-release part of the jar alone, hence the look-up by name. */
  private static final String FFM_CLASS = "org.jfutex.linux.FfmFutexSyscalls";

  private static FutexSyscalls loaded;
  private static SyscallsUnavailableException failure;

  private SyscallsLoader() {}

  static synchronized FutexSyscalls system() {
    if (loaded == null && failure == null) {
      try {
        loaded = choose();
      } catch (SyscallsUnavailableException e) {
        failure = e;
      }
    }
    if (failure != null) {
      // A new one each time, so that the stack trace is the caller's own.
      throw new SyscallsUnavailableException(failure.getMessage(), failure.getCause());
    }
    return loaded;
  }

  private static FutexSyscalls choose() {
    String wanted = System.getProperty(FutexSyscalls.PROPERTY);
    if (wanted != null) {
      return load(wanted);
    }
    return ffmIsPresent() ? load(FFM) : load(JNA);
  }

  static boolean ffmIsPresent() {
    return Runtime.version().feature() >= 22
        && SyscallsLoader.class.getResource("FfmFutexSyscalls.class") != null;
  }

  /** False where jfutex is not meant to find the system call, so that polling is no surprise. */
  static boolean isExpected() {
    return isLinux() && !NONE.equals(System.getProperty(FutexSyscalls.PROPERTY));
  }

  private static boolean isLinux() {
    return "Linux".equals(System.getProperty("os.name"));
  }

  static FutexSyscalls load(String name) {
    if (!isLinux()) {
      // Others have a syscall(2) too, with other numbers.
      throw unavailable(
          "this is not Linux", "run on Linux, or share no words between processes", null);
    }
    try {
      switch (name) {
        case FFM:
          return usable(
              (FutexSyscalls) Class.forName(FFM_CLASS).getDeclaredConstructor().newInstance());
        case JNA:
          return usable(new JnaFutexSyscalls());
        case NONE:
          throw unavailable(
              "switched off by -D" + FutexSyscalls.PROPERTY + "=none", "remove it", null);
        default:
          throw unavailable(
              "-D" + FutexSyscalls.PROPERTY + "=" + name + " names no implementation",
              "use ffm, jna or none",
              null);
      }
    } catch (ClassNotFoundException e) {
      throw unavailable(
          "the java.lang.foreign implementation is not there",
          "run on JDK 22 or newer from the packaged jar, built with JDK 22 or newer, or choose -D"
              + FutexSyscalls.PROPERTY
              + "=jna",
          e);
    } catch (SyscallsUnavailableException e) {
      throw e;
    } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
      Throwable reason = reason(e);
      throw unavailable(reason.toString(), remedy(name), reason);
    }
  }

  /** What a reflective call or a static initialiser wrapped. */
  private static Throwable reason(Throwable e) {
    boolean wraps =
        e instanceof InvocationTargetException || e instanceof ExceptionInInitializerError;
    return wraps && e.getCause() != null ? reason(e.getCause()) : e;
  }

  /** A kernel or sandbox may refuse futex(2) altogether; better said here than found by the first lock. */
  private static FutexSyscalls usable(FutexSyscalls syscalls) {
    if (!syscalls.features().futex()) {
      throw unavailable(
          "futex(2) answered "
              + Errno.name(-syscalls.wake(syscalls.context().timespec(0, 0), 0, 1)),
          "allow the futex system call in the sandbox (seccomp) that this JVM runs in",
          null);
    }
    return syscalls;
  }

  private static String remedy(String name) {
    return FFM.equals(name)
        ? "start the JVM with --enable-native-access=ALL-UNNAMED, or choose -D"
            + FutexSyscalls.PROPERTY
            + "=jna"
        : "put jna.jar on the class path, and set -Djna.tmpdir to a folder that is not mounted noexec";
  }

  private static SyscallsUnavailableException unavailable(
      String why, String remedy, Throwable cause) {
    return new SyscallsUnavailableException(
        "The futex system call cannot be reached on "
            + System.getProperty("os.name")
            + " ("
            + System.getProperty("os.arch")
            + ", Java "
            + Runtime.version().feature()
            + "): "
            + why
            + ". Remedy: "
            + remedy
            + ". jfutex needs Linux on amd64 or aarch64.",
        cause);
  }
}
