// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

/**
 * The error numbers that futex(2) and its relatives answer with, as in {@code asm-generic/errno.h}; x86-64 and aarch64
 * share them. A raw verb returns them negated.
 */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int EINVAL = 22;
  public static final int EDEADLK = 35;
  public static final int ENOSYS = 38;
  public static final int ETIMEDOUT = 110;
  public static final int EOWNERDEAD = 130;

  private Errno() {}

  /** The symbolic name of an errno, {@code "EAGAIN"} for 11; {@code "errno 99"} for one that is not listed. */
  public static String name(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM";
      case ESRCH -> "ESRCH";
      case EINTR -> "EINTR";
      case EAGAIN -> "EAGAIN";
      case ENOMEM -> "ENOMEM";
      case EACCES -> "EACCES";
      case EFAULT -> "EFAULT";
      case EINVAL -> "EINVAL";
      case EDEADLK -> "EDEADLK";
      case ENOSYS -> "ENOSYS";
      case ETIMEDOUT -> "ETIMEDOUT";
      case EOWNERDEAD -> "EOWNERDEAD";
      default -> "errno " + errno;
    };
  }
}
