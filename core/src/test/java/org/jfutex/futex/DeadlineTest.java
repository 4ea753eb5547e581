// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DeadlineTest {

  @Test
  void aTimeoutCountsFromNow() {
    long before = System.nanoTime();
    long deadline = Deadline.after(10, TimeUnit.SECONDS);
    long after = System.nanoTime();
    long nanos = TimeUnit.SECONDS.toNanos(10);
    assertTrue(before + nanos <= deadline && deadline <= after + nanos);
    assertFalse(Deadline.isRealtime(deadline));
    assertFalse(Deadline.hasPassed(deadline));
    assertTrue(Deadline.remaining(deadline) <= nanos);
  }

  @Test
  void zeroAndLessHavePassedAndOverflowNeverPasses() {
    assertTrue(Deadline.hasPassed(Deadline.after(0, TimeUnit.DAYS)));
    assertTrue(Deadline.hasPassed(Deadline.after(Long.MIN_VALUE, TimeUnit.DAYS)));
    assertEquals(Deadline.NONE, Deadline.after(Long.MAX_VALUE, TimeUnit.NANOSECONDS));
    assertEquals(Deadline.NONE, Deadline.after(Long.MAX_VALUE, TimeUnit.DAYS));
    assertFalse(Deadline.hasPassed(Deadline.NONE));
    assertEquals(Long.MAX_VALUE, Deadline.remaining(Deadline.NONE));
  }

  @Test
  void theWallClockHasDeadlinesToo() {
    Instant instant = Instant.ofEpochSecond(1_800_000_000L, 123_456_789);
    long deadline = Deadline.at(instant);
    assertTrue(Deadline.isRealtime(deadline));
    assertEquals(1_800_000_000_123_456_789L, Deadline.nanos(deadline));
    assertTrue(Deadline.hasPassed(Deadline.at(Instant.EPOCH)));
    assertTrue(Deadline.hasPassed(Deadline.at(Instant.MIN)));
    assertTrue(Deadline.isRealtime(Deadline.at(Instant.EPOCH)));
    assertEquals(Deadline.NONE, Deadline.at(Instant.MAX));
    assertFalse(Deadline.hasPassed(Deadline.at(Instant.now().plusSeconds(60))));
  }
}
