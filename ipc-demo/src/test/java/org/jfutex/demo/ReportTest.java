// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReportTest {

  @Test
  void anExactTotalIsOk() {
    CounterReport report = CounterReport.of(LockKind.NORMAL, 4, 250, 1_000, 2_000_000, null);
    assertTrue(report.ok());
    assertNull(report.violation());
    assertEquals(2.0, report.elapsedMs());
    assertEquals(2_000.0, report.nsPerOp());
  }

  @Test
  void aLostIncrementIsAViolationThatNamesBothTotals() {
    CounterReport report = CounterReport.of(LockKind.NORMAL, 4, 250, 999, 2_000_000, null);
    assertFalse(report.ok());
    assertTrue(report.violation().contains("999"), report.violation());
    assertTrue(report.violation().contains("1000"), report.violation());
  }

  @Test
  void aFailureIsAViolationWhateverTheTotal() {
    CounterReport report = CounterReport.of(LockKind.NORMAL, 1, 10, 10, 1, "worker died");
    assertFalse(report.ok());
    assertEquals("worker died", report.violation());
  }

  @Test
  void moreThanAnIntIsExpectedExactly() {
    CounterReport report =
        CounterReport.of(LockKind.NORMAL, 3, Integer.MAX_VALUE, 3L * Integer.MAX_VALUE, 1, null);
    assertTrue(report.ok(), report.violation());
  }

  @Test
  void aMissingRoundTripIsAViolation() {
    PingPongReport report = PingPongReport.of(3, roundTrips(2), 1_000L, null);
    assertFalse(report.ok());
    assertTrue(report.violation().contains("found 2"), report.violation());
    assertTrue(report.violation().contains("expected 3"), report.violation());
  }

  @Test
  void aWaiterThatSpunIsAViolation() {
    assertTrue(PingPongReport.of(2, roundTrips(2), 49_000_000L, null).ok());
    PingPongReport report = PingPongReport.of(2, roundTrips(2), 50_000_000L, null);
    assertFalse(report.ok());
    assertTrue(report.violation().contains("50.0 ms"), report.violation());
  }

  private static CrashReport crash(
      int recovered, long takenBack, long total, long shares, long completed) {
    CrashReport.Updates updates = new CrashReport.Updates(total, shares, completed);
    return CrashReport.of(
        LockKind.ROBUST, 3, recovered, takenBack, updates, roundTrips(recovered), null);
  }

  @Test
  void aRecoveryAKillAndAnExactTotalIsOk() {
    assertTrue(crash(3, 3, 100, 100, 100).ok());
    assertFalse(crash(3, 3, 100, 100, 100).asMap().containsKey("violation"));
  }

  @ParameterizedTest
  @CsvSource({
    "2, 3, 100, 100, 100, found 2 recoveries",
    "4, 3, 100, 100, 100, found 4 recoveries",
    "3, 2, 100, 100, 100, found 2 updates that were half-done",
    "3, 3, 101, 100, 100, found a total of 101",
    "3, 3,  99,  99, 100, found a total of 99",
    "3, 3, 100,  99, 100, shares of 99",
  })
  void whateverElseTheKillsLeaveIsAViolation(
      int recovered, long takenBack, long total, long shares, long completed, String violation) {
    CrashReport report = crash(recovered, takenBack, total, shares, completed);
    assertFalse(report.ok());
    assertTrue(report.violation().contains(violation), report.violation());
    assertEquals(report.violation(), report.asMap().get("violation"));
  }

  private static LedgerReport ledger(long done, long recoveries, long sumAfter, int wrong) {
    return LedgerReport.of(3, 100, done, 5, recoveries, 64_000, sumAfter, wrong, null);
  }

  @Test
  void aLedgerInWhichNothingIsAmissIsOk() {
    assertTrue(ledger(100, 5, 64_000, 0).ok());
    assertFalse(ledger(100, 5, 64_000, 0).asMap().containsKey("violation"));
  }

  @ParameterizedTest
  @CsvSource({
    "100, 5, 63999, 0, 'found a sum of 63999, expected 64000'",
    "100, 4, 64000, 0, 'found 4 recoveries, expected 5'",
    "101, 5, 64000, 0, 'found 101 transfers, expected 100'",
    "100, 5, 64000, 2, 'found 2 accounts with another balance'",
  })
  void whateverElseIsInALedgerIsAViolation(
      long done, long recoveries, long sumAfter, int wrong, String violation) {
    LedgerReport report = ledger(done, recoveries, sumAfter, wrong);
    assertFalse(report.ok());
    assertTrue(report.violation().contains(violation), report.violation());
    assertEquals(report.violation(), report.asMap().get("violation"));
  }

  private static QueueReport queue(boolean spin, QueueFigure which, long value, String failure) {
    QueuePlan plan = new QueuePlan(1_000, 2, 100, spin, 0);
    return QueueReport.of(
        plan,
        figure ->
            figure == which
                ? value
                : switch (figure) {
                  case LOST, WRONG -> 0;
                  default -> 1_000_000;
                },
        failure);
  }

  @ParameterizedTest
  @CsvSource({
    "LOST,        1,      found 1 orders lost",
    "WRONG,       2,      found 2 orders twice",
    "IDLE_CPU_NS, 50_000, found an idle consumer that used 5.0 % of a CPU",
  })
  void whateverIsWrongWithTheQueueIsAViolation(QueueFigure figure, String value, String violation) {
    QueueReport report = queue(false, figure, Long.parseLong(value.replace("_", "")), null);
    assertFalse(report.ok());
    assertTrue(report.violation().contains(violation), report.violation());
  }

  @Test
  void aQueueIsOkIfNothingIsLostAndItsConsumerSleeps() {
    QueueReport report = queue(false, QueueFigure.IDLE_CPU_NS, 49_900, null);
    assertTrue(report.ok(), report.violation());
    assertEquals(1_000_000, report.throughputPerSec());
    assertEquals(4.99, report.idleCpuPercent());
    assertTrue(queue(true, QueueFigure.IDLE_CPU_NS, 1_000_000, null).ok());
    assertFalse(queue(false, QueueFigure.LOST, 0, "worker died").ok());
  }

  private static Histogram roundTrips(int count) {
    Histogram histogram = new Histogram(3);
    for (int i = 0; i < count; i++) {
      histogram.recordValue(10_000);
    }
    return histogram;
  }
}
