// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import static org.jfutex.demo.JsonFields.assertPositive;
import static org.jfutex.demo.JsonFields.isTrue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The queue and the ledger as a user runs them. */
class WorkloadsTest {
  @TempDir Path folder;

  @Test
  void queueDeliversEveryOrderAndItsConsumerSleeps() throws Exception {
    DemoProcess.Outcome outcome =
        DemoProcess.run(
            folder, "queue", "--messages", "20001", "--producers", "3", "--rate", "500", "--json");

    JsonObject json = outcome.json();
    assertEquals(0, outcome.status(), outcome::toString);
    assertEquals(
        Set.of(
            "command",
            "ok",
            "messages",
            "producers",
            "spin",
            "throughputPerSec",
            "ratePerSec",
            "p50Ns",
            "p99Ns",
            "p999Ns",
            "idleCpuPercent",
            "lost"),
        json.keySet());
    assertEquals("queue", json.get("command").getAsString());
    assertTrue(isTrue(json, "ok"));
    assertEquals(20_001, json.get("messages").getAsInt());
    assertEquals(3, json.get("producers").getAsInt());
    assertFalse(json.get("spin").getAsBoolean());
    assertEquals(500, json.get("ratePerSec").getAsInt());
    assertEquals(0, json.get("lost").getAsLong());
    assertPositive(json, "throughputPerSec");
    assertPositive(json, "p50Ns");
    assertTrue(
        json.get("p50Ns").getAsLong() <= json.get("p99Ns").getAsLong()
            && json.get("p99Ns").getAsLong() <= json.get("p999Ns").getAsLong(),
        outcome::toString);
    assertTrue(json.get("idleCpuPercent").getAsDouble() < 5, outcome::toString);
  }

  /** The JVM of who spins is not idle, and that is no violation. */
  @Test
  void aConsumerThatSpinsIsNeverIdle() throws Exception {
    DemoProcess.Outcome outcome =
        DemoProcess.run(
            folder,
            "queue",
            "--messages",
            "1000",
            "--producers",
            "1",
            "--rate",
            "100",
            "--spin",
            "--json");
    assertEquals(0, outcome.status(), outcome::toString);
    assertTrue(isTrue(outcome.json(), "spin"));
    assertPositive(outcome.json(), "idleCpuPercent");
  }

  @Test
  void anOrderThatIsDroppedIsFoundToBeLost() throws Exception {
    DemoProcess.Outcome outcome =
        DemoProcess.run(
            folder, "queue", "--messages", "1000", "--rate", "100", "--drop", "99", "--json");
    assertEquals(1, outcome.status(), outcome::toString);
    assertFalse(isTrue(outcome.json(), "ok"));
    assertEquals(1, outcome.json().get("lost").getAsLong());
    assertTrue(outcome.err().contains("found 1 orders lost"), outcome::toString);
  }

  @Test
  void ledgerKeepsEveryPennyAndDoesEveryTransferOnce() throws Exception {
    int kills = Integer.getInteger("jfutex.ledger.kills", 3);
    try (DemoProcess demo =
        DemoProcess.start(
            folder, "ledger", "--transfers", "5001", "--kills", "" + kills, "--json")) {
      DemoProcess.Outcome outcome = demo.await(60 + 5L * kills);

      JsonObject json = outcome.json();
      assertEquals(0, outcome.status(), outcome::toString);
      assertEquals(
          Set.of(
              "command",
              "ok",
              "processes",
              "transfers",
              "done",
              "kills",
              "recoveries",
              "sumBefore",
              "sumAfter"),
          json.keySet());
      assertEquals("ledger", json.get("command").getAsString());
      assertTrue(isTrue(json, "ok"));
      assertEquals(5_001, json.get("done").getAsLong());
      assertEquals(kills, json.get("recoveries").getAsInt());
      assertPositive(json, "sumBefore");
      assertEquals(json.get("sumBefore").getAsLong(), json.get("sumAfter").getAsLong());
    }
  }

  @Test
  void aProcessAloneRollsBackWhatItsPredecessorLeft() throws Exception {
    DemoProcess.Outcome outcome =
        DemoProcess.run(folder, "ledger", "--processes", "1", "--transfers", "100", "--kills", "1");
    assertEquals(0, outcome.status(), outcome::toString);
    assertTrue(
        outcome.out().contains("1 JVMs killed in the middle of a transfer, 1 recoveries"),
        outcome::toString);
    assertTrue(outcome.out().contains("64,000 before, 64,000 after"), outcome::toString);
  }

  @Test
  void aFlagThatChronicleMissesIsOneLineAndStatus1() throws Exception {
    DemoProcess.Outcome outcome = DemoProcess.run(folder, List.of(), "ledger", "--json");
    assertEquals(1, outcome.status(), outcome::toString);
    assertFalse(isTrue(outcome.json(), "ok"), outcome::toString);
    assertTrue(
        outcome.err().contains("--add-opens=java.base/java.lang.reflect=ALL-UNNAMED"),
        outcome::toString);
    assertFalse(outcome.err().contains("\tat "), outcome::toString);
  }
}
