// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import static org.jfutex.demo.JsonFields.assertPositive;
import static org.jfutex.demo.JsonFields.isTrue;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jfutex.futex.FutexManager;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.region.SharedRegion;
import org.jfutex.sync.SharedMutex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands as a user runs them: exit status, what goes to stdout, what goes to stderr. */
class CommandLineTest {
  @TempDir Path folder;

  @Test
  void counterCountsExactlyAndLeavesNothingBehind() throws Exception {
    Path file = folder.resolve("counter");
    DemoProcess.Outcome outcome =
        DemoProcess.run(
            folder,
            "counter",
            "--processes",
            "3",
            "--increments",
            "2000",
            "--lock",
            "normal",
            "--file",
            file.toString(),
            "--json");

    JsonObject json = outcome.json();
    assertEquals(0, outcome.status(), outcome::toString);
    assertEquals(
        Set.of(
            "command",
            "ok",
            "lock",
            "processes",
            "increments",
            "expected",
            "actual",
            "elapsedMs",
            "nsPerOp"),
        json.keySet());
    assertEquals("counter", json.get("command").getAsString());
    assertTrue(isTrue(json, "ok"));
    assertEquals("normal", json.get("lock").getAsString());
    assertEquals(3, json.get("processes").getAsInt());
    assertEquals(2_000, json.get("increments").getAsInt());
    assertEquals(6_000, json.get("expected").getAsLong());
    assertEquals(6_000, json.get("actual").getAsLong());
    assertPositive(json, "elapsedMs");
    assertPositive(json, "nsPerOp");
    assertFalse(Files.exists(file));
  }

  @ParameterizedTest
  @EnumSource(LockKind.class)
  void everyKindOfLockCounts(LockKind lock) throws Exception {
    String kind = lock.toString();
    DemoProcess.Outcome outcome =
        DemoProcess.run(
            folder, "counter", "--processes", "2", "--increments", "500", "--lock", kind, "--json");
    assertEquals(0, outcome.status(), outcome::toString);
    assertEquals(kind, outcome.json().get("lock").getAsString());
    assertEquals(1_000, outcome.json().get("actual").getAsLong());
  }

  @ParameterizedTest
  @ValueSource(strings = {"robust", "robust-pi"})
  void crashRecoversOnceAKill(String lock) throws Exception {
    DemoProcess.Outcome outcome =
        DemoProcess.run(folder, "crash", "--lock", lock, "--rounds", "2", "--json");

    JsonObject json = outcome.json();
    assertEquals(0, outcome.status(), outcome::toString);
    assertEquals(
        Set.of("command", "ok", "lock", "rounds", "recovered", "recoveryP50Ns", "recoveryP99Ns"),
        json.keySet());
    assertEquals("crash", json.get("command").getAsString());
    assertTrue(isTrue(json, "ok"));
    assertEquals(lock, json.get("lock").getAsString());
    assertEquals(2, json.get("rounds").getAsInt());
    assertEquals(2, json.get("recovered").getAsInt());
    assertPositive(json, "recoveryP50Ns");
    assertTrue(
        json.get("recoveryP50Ns").getAsLong() <= json.get("recoveryP99Ns").getAsLong(),
        outcome::toString);
  }

  @Test
  void withoutJsonCrashSpeaksToPeople() throws Exception {
    DemoProcess.Outcome outcome = DemoProcess.run(folder, "crash", "--rounds", "1");
    assertEquals(0, outcome.status(), outcome::toString);
    assertTrue(
        outcome.out().contains("1 JVMs killed while they held the lock, 1 recoveries"),
        outcome::toString);
  }

  @Test
  void aLockThatTheSystemDoesNotOfferIsOneLineAndStatus1() throws Exception {
    DemoProcess.Outcome outcome =
        DemoProcess.run(folder, List.of("-Djfutex.syscalls=none"), "crash", "--json");
    assertEquals(1, outcome.status(), outcome::toString);
    assertFalse(isTrue(outcome.json(), "ok"), outcome::toString);
    assertEquals(1, outcome.err().lines().filter(line -> line.contains("crash: ")).count());
    assertFalse(outcome.err().contains("\tat "), outcome::toString);
  }

  @Test
  void withoutJsonCounterSpeaksToPeople() throws Exception {
    DemoProcess.Outcome outcome =
        DemoProcess.run(folder, "counter", "--processes", "1", "--increments", "1000");
    assertEquals(0, outcome.status(), outcome::toString);
    assertTrue(outcome.out().contains("1,000 found, 1,000 expected"), outcome::toString);
  }

  @Test
  void pingpongTellsLatencyAndTheCpuTimeOfASleeper() throws Exception {
    DemoProcess.Outcome outcome = DemoProcess.run(folder, "pingpong", "--rounds", "500", "--json");

    JsonObject json = outcome.json();
    assertEquals(0, outcome.status(), outcome::toString);
    assertEquals(
        Set.of("command", "ok", "rounds", "p50Ns", "p99Ns", "p999Ns", "waiterCpuMs"),
        json.keySet());
    assertEquals("pingpong", json.get("command").getAsString());
    assertTrue(isTrue(json, "ok"));
    assertEquals(500, json.get("rounds").getAsInt());
    assertPositive(json, "p50Ns");
    assertTrue(json.get("p50Ns").getAsLong() <= json.get("p99Ns").getAsLong(), outcome::toString);
    assertTrue(json.get("p99Ns").getAsLong() <= json.get("p999Ns").getAsLong(), outcome::toString);
    assertPositive(json, "waiterCpuMs");
  }

  @Test
  void inspectTellsWhatIsInARegionThatMayOnlyBeRead() throws Exception {
    Path file = folder.resolve("region");
    long tid = FutexManager.system().currentTid();
    try (SharedRegion region = SharedRegion.open(file, 4096)) {
      SharedMutex mutex = region.mutex("book");
      region.word("phase").setVolatile(3);
      mutex.lock();
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
      DemoProcess.Outcome outcome = DemoProcess.run(folder, "inspect", file.toString(), "--json");
      DemoProcess.Outcome table = DemoProcess.run(folder, "inspect", file.toString());
      mutex.unlock();

      assertEquals(0, outcome.status(), outcome::toString);
      JsonObject json = outcome.json();
      assertEquals(Set.of("command", "ok", "header", "thisSystem", "slots"), json.keySet());
      assertTrue(isTrue(json, "ok"));
      assertTrue(isTrue(json, "thisSystem"));
      JsonObject header = json.getAsJsonObject("header");
      assertEquals(
          Set.of("version", "size", "features", "bootId", "pidNamespace", "entries"),
          header.keySet());
      assertEquals(4096, header.get("size").getAsLong());
      assertEquals(2, header.get("entries").getAsInt());
      JsonObject book = json.getAsJsonArray("slots").get(0).getAsJsonObject();
      assertEquals(
          Set.of("name", "kind", "parameter", "offset", "length", "state", "owners"),
          book.keySet());
      assertEquals("book", book.get("name").getAsString());
      assertEquals("mutex", book.get("kind").getAsString());
      JsonObject owner = book.getAsJsonArray("owners").get(0).getAsJsonObject();
      assertEquals(tid, owner.get("tid").getAsLong());
      assertEquals(ProcessHandle.current().pid(), owner.get("pid").getAsLong());
      JsonObject phase = json.getAsJsonArray("slots").get(1).getAsJsonObject();
      assertEquals("3", phase.get("state").getAsString());

      assertEquals(0, table.status(), table::toString);
      assertTrue(table.out().contains("4,096 bytes, 2 names"), table::toString);
      assertTrue(table.out().contains("held by thread " + tid + " of process"), table::toString);
    }
  }

  @Test
  void whatIsNoRegionIsOneLineAndStatus1() throws Exception {
    Path file = Files.writeString(folder.resolve("text"), "no region");
    DemoProcess.Outcome outcome = DemoProcess.run(folder, "inspect", file.toString(), "--json");
    assertEquals(1, outcome.status(), outcome::toString);
    assertFalse(isTrue(outcome.json(), "ok"), outcome::toString);
    assertTrue(outcome.err().contains("magic: found \"no regio\""), outcome::toString);
    assertFalse(outcome.err().contains("\tat "), outcome::toString);
  }

  @Test
  void featuresAreOneBooleanEach() throws Exception {
    DemoProcess.Outcome outcome = DemoProcess.run(folder, "features", "--json");

    JsonObject json = outcome.json();
    assertEquals(0, outcome.status(), outcome::toString);
    Set<String> expected = new LinkedHashSet<>(List.of("command", "ok"));
    expected.addAll(FutexSyscalls.system().features().asMap().keySet());
    assertEquals(expected, json.keySet());
    assertTrue(isTrue(json, "ok"));
    for (String feature : FutexSyscalls.system().features().asMap().keySet()) {
      assertTrue(json.get(feature).getAsJsonPrimitive().isBoolean(), feature);
    }
  }

  @Test
  void featuresTellTheHealingPeriod() throws Exception {
    DemoProcess.Outcome outcome = DemoProcess.run(folder, "features");

    assertTrue(outcome.out().contains("healing     500 ms"), outcome::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "--processes, counter --processes 0",
    "--increments, counter --increments 0 --json",
    "--increments, counter --increments many",
    "--lock, counter --lock unheard-of",
    "--lock, crash --lock normal",
    "--lock, crash --lock unheard-of --json",
    "--rounds, crash --rounds 0",
    "--rounds, crash --rounds 10001",
    "--processes, ledger --processes 0",
    "--transfers, ledger --transfers 0 --json",
    "--kills, ledger --kills -1",
    "--rounds, pingpong --rounds 0",
    "--jsn, features --jsn",
    "FILE, inspect",
    "--file, counter --file /no-such-folder/f",
    "unheard-of, unheard-of",
  })
  void wrongUsageIsStatus2AndNamesTheOption(String option, String line) throws Exception {
    DemoProcess.Outcome outcome = DemoProcess.run(folder, line.split(" "));
    assertAll(
        () -> assertEquals(2, outcome.status(), outcome::toString),
        () -> assertEquals("", outcome.out()),
        () ->
            assertTrue(
                outcome.err().lines().findFirst().orElse("").contains(option), outcome::toString));
  }

  @Test
  void crashOffersTheKindsThatSurviveTheirOwner() throws Exception {
    DemoProcess.Outcome outcome = DemoProcess.run(folder, "crash", "--lock", "normal");
    assertTrue(
        outcome.err().contains("expected one of [robust, robust-pi], found 'normal'"),
        outcome::toString);
  }

  @Test
  void anExistingFileIsRefusedAndStaysAsItIs() throws Exception {
    Path file = Files.writeString(folder.resolve("precious"), "data");
    DemoProcess.Outcome outcome =
        DemoProcess.run(folder, "counter", "--file", file.toString(), "--json");
    assertEquals(2, outcome.status(), outcome::toString);
    assertTrue(outcome.err().contains("--file"), outcome::toString);
    assertTrue(outcome.err().contains(file.toString()), outcome::toString);
    assertEquals("data", Files.readString(file));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "counter --help",
        "crash --help",
        "ledger --help",
        "pingpong --help",
        "queue --help",
        "inspect --help",
        "features --help",
      })
  void everyCommandHelps(String line) throws Exception {
    DemoProcess.Outcome outcome = DemoProcess.run(folder, line.split(" "));
    assertEquals(0, outcome.status(), outcome::toString);
    assertTrue(outcome.out().startsWith("Usage: "), outcome::toString);
  }
}
