// SPDX-License-Identifier: Apache-2.0
package org.jfutex.sync;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How long to wait awake for somebody who is about to give a word back, before sleeping. Each word has one, and it
 * learns; a race only blurs it.
 *
 * <pre>
 *   int limit = spin.limit();
 *   for (int pauses = 1; pauses &lt;= limit; pauses *= 2) {
 *     Spin.pause(pauses);
 *     // look at the word; if it was taken: spin.helped(limit), and return; if others sleep already: return
 *   }
 *   spin.wasInVain(limit);
 * </pre>
 *
 * <p>Where others sleep already nobody should spin: they would be woken for nothing.
 */
final class Spin {
  /** CPUs of the machine. This JVM may be pinned to one, and the owner run on another all the same. */
  static final int CPUS = onlineCpus();

  /**
   * How long a spin may be, in pauses: 1023 in all, 1 + 2 + 4 .. + 512, with 10 looks at the word. A pause is 40 ns on
   * the machine that this was measured on (and less on others), so the longest spin is 40 us; to sleep and be woken
   * across CPUs takes 60, and who spins no longer than that loses at most as much again. Pauses that grow leave the
   * cache line to the owner meanwhile: of 2 processes that do nothing but take the mutex, an increment cost 0.91 of
   * glibc's so, 1.09 with at most 256, 1.24 with at most 128, 1.48 without spinning.
   */
  private static final int PAUSES_MAX = 512;

  /** Where spinning did not help lately: 15 pauses, to find out when it does again. */
  private static final int PAUSES_MIN = 8;

  /**
   * Each so many spins, one is as long as can be. Where two take turns and both have gone to sleep, each finds the
   * other asleep, for longer than any short spin; one long one, and both stay awake. Who waits for what takes longer
   * pays 1.3 us a wait for it.
   */
  private static final int PROBE = 32;

  /** The longest pause of the next spin: doubled when spinning helped, halved when not. */
  private int patience = PAUSES_MAX;

  private int inVain;

  private static int onlineCpus() {
    try {
      return count(Files.readString(Path.of("/sys/devices/system/cpu/online")).strip());
    } catch (IOException | NumberFormatException e) {
      return Runtime.getRuntime().availableProcessors();
    }
  }

  /** How many a list such as {@code 0-3,6} names. */
  static int count(String cpus) {
    int count = 0;
    for (String range : cpus.split(",")) {
      String[] ends = range.split("-");
      count += Integer.parseInt(ends[ends.length - 1]) - Integer.parseInt(ends[0]) + 1;
    }
    return count;
  }

  /** The longest pause of a spin that begins now; with one CPU there is none, since the owner could not run. */
  int limit() {
    return CPUS == 1 ? 0 : (inVain & PROBE - 1) == PROBE - 1 ? PAUSES_MAX : patience;
  }

  static void pause(int pauses) {
    for (int i = 0; i < pauses; i++) {
      Thread.onSpinWait();
    }
  }

  void helped(int limit) {
    int longer = Math.min(2 * limit, PAUSES_MAX);
    if (patience != longer) { // or who spins would take a cache line from the others, each time
      patience = longer;
    }
  }

  void wasInVain(int limit) {
    patience = Math.max(Math.min(limit, patience) / 2, PAUSES_MIN);
    inVain++;
  }
}
