// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Two runs, one of them made slower. */
class CompareTest {
  private static final String RUN = "this machine, full";

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter errors = new StringWriter();

  private static Line ratio(String name, double low, double median, double high) {
    Line.Spread spread = new Line.Spread(low, high, 9);
    return new Line(name, "ns/op", "ffm", 100 * median, "C", 100, median, spread, List.of());
  }

  private static Line bytes(String name, double value) {
    return new Line(name, "B/op", "ffm", value, "none", 0, null, null, List.of());
  }

  private Path file(String name, String run, Line... lines) throws IOException {
    return Files.writeString(folder.resolve(name), JsonLine.json(List.of(lines), run));
  }

  private int compare(Path before, Path after, String... options) {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.add(before.toString());
    arguments.add(after.toString());
    return new CommandLine(new Compare())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(errors, true))
        .execute(arguments.toArray(String[]::new));
  }

  @Test
  void oneRunIsNotSlowerThanItself() throws IOException {
    Path run = file("run.json", RUN, ratio("a", 1, 1.1, 1.2), bytes("b", 0));
    assertEquals(0, compare(run, run));
    assertEquals("0 slower, 0 faster, 2 unchanged", out.toString().strip());
  }

  /** Halves that overlap are noise; so are medians that hardly differ. */
  @Test
  void onlyWhatIsBeyondNoiseChanged() throws IOException {
    Path before =
        file(
            "old.json",
            RUN,
            ratio("wide", 0.5, 1, 2),
            ratio("near", 1, 1.01, 1.01),
            ratio("slow", 1, 1.1, 1.2),
            ratio("fast", 1, 1.1, 1.2),
            bytes("little", 0),
            bytes("object", 0));
    Path after =
        file(
            "new.json",
            RUN,
            ratio("wide", 0.9, 1.5, 3),
            ratio("near", 1.02, 1.03, 1.04),
            ratio("slow", 1.3, 1.65, 2),
            ratio("fast", 0.5, 0.55, 0.6),
            bytes("little", 0.2),
            bytes("object", 24));
    assertEquals(1, compare(before, after));
    String text = out.toString();
    assertTrue(text.contains("2 slower, 1 faster, 3 unchanged"), text);
    assertTrue(text.contains("1.10 (1.00 .. 1.20)") && text.contains("+50 %"), text);
    assertTrue(text.contains("24.0 B/op"), text);
    assertFalse(text.contains("wide") || text.contains("near") || text.contains("little"), text);
    assertEquals(0, compare(before, before, "--floor", "0"));
  }

  @Test
  void fasterOnlyIsNoFailureAndTheFloorCanBeRaised() throws IOException {
    Path slow = file("slow.json", RUN, ratio("a", 1.09, 1.1, 1.11));
    Path fast = file("fast.json", RUN, ratio("a", 1, 1, 1));
    assertEquals(0, compare(slow, fast));
    assertEquals(1, compare(fast, slow));
    assertEquals(0, compare(fast, slow, "--floor", "20"));
  }

  @Test
  void otherLinesAndOtherRunsAreSaid() throws IOException {
    Path before = file("old.json", RUN, ratio("a", 1, 1, 1), ratio("gone", 1, 1, 1));
    Path after = file("new.json", "another", ratio("a", 1, 1, 1), ratio("added", 1, 1, 1));
    assertEquals(0, compare(before, after));
    assertTrue(out.toString().contains("only in the old run: gone"), out::toString);
    assertTrue(out.toString().contains("only in the new run: added"), out::toString);
    assertTrue(out.toString().contains("warning: the runs differ: " + RUN), out::toString);
  }

  @Test
  void jsonSaysTheSame() throws IOException {
    Path before = file("old.json", RUN, ratio("a", 1, 1, 1), ratio("gone", 1, 1, 1));
    Path after = file("new.json", RUN, ratio("a", 2, 2, 2));
    assertEquals(1, compare(before, after, "--json"));
    JsonObject answer = JsonParser.parseString(out.toString()).getAsJsonObject();
    JsonObject change = answer.getAsJsonArray("slower").get(0).getAsJsonObject();
    assertEquals(2, change.getAsJsonObject("after").get("ratio").getAsInt());
    assertEquals(0, answer.get("unchanged").getAsInt());
    assertEquals(1, answer.getAsJsonArray("onlyOld").size());
    assertTrue(answer.getAsJsonArray("warnings").isEmpty());
  }

  @Test
  void whatCannotBeReadIsNamed() throws IOException {
    Path good = file("good.json", RUN, ratio("a", 1, 1, 1));
    List<String> bad =
        List.of(
            "",
            "[",
            "[]",
            "null",
            "[null]",
            "{}",
            "[{\"name\": \"a\"}]",
            "[{\"name\": 1, \"subjectValue\": \"x\"}]",
            // Before there were these fields.
            "[{\"name\": \"a\", \"unit\": \"ns/op\", \"subject\": \"ffm\", \"subjectValue\": 1,"
                + " \"peer\": \"C\", \"peerValue\": 1, \"ratio\": 1}]");
    for (String text : bad) {
      Path file = Files.writeString(folder.resolve("bad.json"), text);
      errors.getBuffer().setLength(0);
      assertEquals(2, compare(good, file), text);
      assertTrue(errors.toString().contains("bad.json"), errors::toString);
      assertTrue(errors.toString().contains("expected"), errors::toString);
    }
    assertEquals(2, compare(good, folder.resolve("missing.json")));
    assertTrue(errors.toString().contains("missing.json does not exist"), errors::toString);
    assertEquals(2, compare(good, good, "--floor", "-1"));
  }
}
