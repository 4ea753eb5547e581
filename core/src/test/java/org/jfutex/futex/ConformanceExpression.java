// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.util.HashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jfutex.linux.Errno;
import org.jfutex.linux.LinuxAbi;

/** Numbers of the table: {@code tid('w1')|WAITERS}, {@code 0b01001000}, {@code -1}. */
final class ConformanceExpression {
  private static final Pattern TID = Pattern.compile("tid\\('(\\w+)'\\)");
  private static final Map<String, Integer> CONSTANTS = constants();
  private static final Map<String, Integer> ERRORS = errors();

  private ConformanceExpression() {}

  private static Map<String, Integer> constants() {
    Map<String, Integer> c = new HashMap<>();
    c.put("WAITERS", LinuxAbi.FUTEX_WAITERS);
    c.put("OWNER_DIED", LinuxAbi.FUTEX_OWNER_DIED);
    c.put("TIDMASK", LinuxAbi.FUTEX_TID_MASK);
    c.put("ANY", LinuxAbi.FUTEX_BITSET_MATCH_ANY);
    c.put("INT_MAX", Integer.MAX_VALUE);
    c.put("SET", LinuxAbi.FUTEX_OP_SET);
    c.put("ADD", LinuxAbi.FUTEX_OP_ADD);
    c.put("OR", LinuxAbi.FUTEX_OP_OR);
    c.put("ANDN", LinuxAbi.FUTEX_OP_ANDN);
    c.put("XOR", LinuxAbi.FUTEX_OP_XOR);
    c.put("SHIFT", LinuxAbi.FUTEX_OP_OPARG_SHIFT);
    c.put("EQ", LinuxAbi.FUTEX_OP_CMP_EQ);
    c.put("NE", LinuxAbi.FUTEX_OP_CMP_NE);
    c.put("LT", LinuxAbi.FUTEX_OP_CMP_LT);
    c.put("LE", LinuxAbi.FUTEX_OP_CMP_LE);
    c.put("GT", LinuxAbi.FUTEX_OP_CMP_GT);
    c.put("GE", LinuxAbi.FUTEX_OP_CMP_GE);
    c.put("WAKE", LinuxAbi.FUTEX_WAKE);
    c.put("FD", 2); // FUTEX_FD, gone since Linux 2.6.26
    c.put("REALTIME", LinuxAbi.FUTEX_CLOCK_REALTIME);
    c.put("REAL", LinuxAbi.CLOCK_REALTIME);
    c.put("MONO", LinuxAbi.CLOCK_MONOTONIC);
    c.put("TAI", 11); // CLOCK_TAI: no clock that futex_waitv(2) knows
    return c;
  }

  private static Map<String, Integer> errors() {
    Map<String, Integer> errors = new HashMap<>();
    for (int errno = 1; errno <= Errno.EOWNERDEAD; errno++) {
      errors.put("-" + Errno.name(errno), -errno);
    }
    return errors;
  }

  /** 32 bits; whoever wants them unsigned says so. */
  static int value(String text, ToIntFunction<String> tids) {
    int value = 0;
    for (String term : text.split("\\|")) {
      value |= term(term.strip(), tids);
    }
    return value;
  }

  private static int term(String term, ToIntFunction<String> tids) {
    Matcher tid = TID.matcher(term);
    if (tid.matches()) {
      return tids.applyAsInt(tid.group(1));
    }
    if (CONSTANTS.containsKey(term)) {
      return CONSTANTS.get(term);
    }
    if (ERRORS.containsKey(term)) {
      return ERRORS.get(term);
    }
    if (term.startsWith("0b")) {
      return Integer.parseUnsignedInt(term.substring(2), 2);
    }
    return (int) (long) Long.decode(term);
  }

  /** Nanoseconds of a duration written in seconds. */
  static long nanos(String seconds) {
    return Math.round(Double.parseDouble(seconds) * 1e9);
  }
}
