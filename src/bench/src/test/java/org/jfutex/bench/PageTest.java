// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The page that shows a run, as text and as a browser shows it. */
class PageTest {
  private static final int PHONE = 360;
  private static final int DESKTOP = 1280;
  private static final int HALF_BRIGHT = 128;

  /** Anti-aliased letters alone have more. */
  private static final int FEW_COLOURS = 16;

  private static final Path PUBLISHED = Path.of("..", "site", "resources", "measured");

  private static final Pattern HEADING = Pattern.compile("<h([1-6])");

  @Test
  void betterAndWorseAreSaidBeyondNoiseOnly() {
    assertEquals(Verdict.BETTER, verdict(0.8, 0.99));
    assertEquals(Verdict.ALIKE, verdict(0.8, 1));
    assertEquals(Verdict.ALIKE, verdict(0.99, 1.01));
    assertEquals(Verdict.WORSE, verdict(1.01, 3));
    assertEquals(
        Verdict.NO_RATIO,
        Verdict.of(new Line("a", "B/op", "ffm", 40, "none", 0, null, null, List.of())));
  }

  private static Verdict verdict(double low, double high) {
    return Verdict.of(Examples.line("a", "ffm", 2, "C", 2, 1, low, high));
  }

  @Test
  void groupIsNamedByTheWordsItsLinesShare() {
    List<String> titles = Group.of(Examples.lines()).stream().map(Group::title).toList();
    assertEquals(
        List.of(
            "empty-wake",
            "mutex-contended",
            "queue-asleep",
            "in-jvm-wake-one-among",
            "allocation-kernel",
            "<script>alert(1)</script>"),
        titles);
  }

  @Test
  void pageNeedsNothingElseAndNothingInItIsTakenForMarkup() throws IOException {
    String page = page();
    assertFalse(page.contains("://"), "an address of something else");
    assertFalse(page.contains("<script"));
    assertFalse(page.contains("<img"));
    assertTrue(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assertTrue(page.contains("&lt;b&gt;$1 \\ &lt;/b&gt;"), "a note");
    assertFalse(page.contains("NaN") || page.contains("Infinity"));
  }

  @Test
  void headingsAreInOrderAndDrawingsHaveWords() throws IOException {
    String page = page();
    int last = 0;
    for (MatchResult heading : HEADING.matcher(page).results().toList()) {
      int level = Integer.parseInt(heading.group(1));
      assertTrue(level <= last + 1, () -> "a heading of level " + level + " skips one");
      last = level;
    }
    assertTrue(page.contains("<html lang=\"en\">"));
    int drawings = count(page, "<svg ");
    assertEquals(drawings, count(page, "role=\"img\""));
    assertEquals(drawings, count(page, "<svg [^>]*><title>[^<]+</title><desc>[^<]+</desc>"));
    assertEquals(count(page, "class=\"chart\""), count(page, "<table class=\"numbers\">"));
  }

  /** Field by field as it is documented; the second line is one of an older version. */
  @Test
  void jsonOfARunIsDrawn(@TempDir Path folder) throws IOException {
    Path json = folder.resolve("run.json");
    Path html = folder.resolve("page.html");
    Files.writeString(
        json,
        """
        [
        {"name": "mutex-2", "unit": "ns/op", "subject": "ffm", "subjectValue": 20, "peer": "C",
         "peerValue": 10, "ratio": 2.0, "low": 1.9, "high": 2.1, "pairs": 16,
         "point": {"curve": "mutex", "axis": "processes", "x": 2}, "cpu": {"subject": 2, "peer": 1},
         "shares": {"subject": {"least": 0.4, "most": 0.6}, "peer": {"least": 0.1, "most": 0.9}},
         "latencies": {"subject": [[50, 20], [100, 90]], "peer": [[50, 10], [100, 40]]},
         "notes": ["a note"], "run": "JDK 17, quick"},
        {"name": "mutex-1", "unit": "ns/op", "subject": "ffm", "subjectValue": 20, "peer": "C",
         "peerValue": 10, "ratio": 2.0}
        ]
        """);
    int status =
        new CommandLine(new Main()).execute("--from", json.toString(), "--html", html.toString());
    assertEquals(0, status);
    String page = Files.readString(html);
    assertTrue(page.contains("<dt>run</dt><dd>JDK 17, quick</dd>"));
    assertTrue(page.contains("1.90 .. 2.10"));
    assertTrue(page.contains("mutex-2: a note"));
    assertEquals(5, count(page, "class=\"chart\""), "costs, slowest, CPUs, shares, latencies");
  }

  @Test
  void jsonThatIsNoRunIsRefused(@TempDir Path folder) throws IOException {
    String line =
        "{'name': 'a', 'unit': 'ns/op', 'subject': 'ffm', 'subjectValue': 2, 'peer': 'C', 'peerValue': 1";
    for (String text :
        List.of(
            "[]",
            "[{}]",
            "[" + line + ", 'low': 1}]",
            "[" + line + ", 'latencies': {'subject': [[50]]}}]")) {
      Path json = folder.resolve("run.json");
      Files.writeString(json, text.replace('\'', '"'));
      IOException refused = assertThrows(IOException.class, () -> JsonLine.read(json), text);
      assertTrue(refused.getMessage().contains("expected what --json writes"), refused::toString);
    }
  }

  @Test
  void cpusOfALineStandBelowItsName() throws IOException {
    assertTrue(page().contains("empty-wake <small>CPU 0-1,3</small>"));
  }

  @Test
  void whatFailedAndWhatWasLeftOutIsSaid() throws IOException {
    String page = page();
    assertTrue(page.contains("no taskset"));
    assertTrue(page.contains("it died"));
    assertTrue(page.contains("<dt>kernel</dt><dd>Linux: 6</dd>"));
  }

  @Test
  void everyFigureIsShownOnADesktopAndOnAPhone(@TempDir Path folder) throws Exception {
    everyFigureIsShown(page(), chromium(folder));
  }

  /** As it lies in the site, and as it would be drawn now. */
  @Test
  void everyFigureOfThePublishedRunIsShown(@TempDir Path folder) throws Exception {
    Chromium chromium = chromium(folder);
    everyFigureIsShown(Files.readString(PUBLISHED.resolve("index.html")), chromium);
    everyFigureIsShown(new Page(JsonLine.read(PUBLISHED.resolve("results.json"))).html(), chromium);
  }

  private static void everyFigureIsShown(String page, Chromium chromium) throws Exception {
    for (int width : List.of(PHONE, DESKTOP)) {
      Chromium.Answer answer = chromium.load(page, width);
      assertEquals(List.of(), answer.complaints());
      Chromium.Seen seen = answer.seen();
      assertEquals(width, seen.width());
      assertTrue(seen.neededWidth() <= width, () -> "it has to be scrolled aside: " + seen);
      assertEquals(count(page, "class=\"chart\""), seen.charts());
      assertEquals(count(page, "class=\"bar\""), seen.bars());
      assertEquals(0, seen.invisible());
      assertEquals(0, seen.foreign());
      assertEquals(0, seen.fetched());
    }
  }

  @Test
  void pageIsLightOrDarkAsTheReaderPrefers(@TempDir Path folder) throws Exception {
    Chromium chromium = chromium(folder);
    for (int width : List.of(PHONE, DESKTOP)) {
      BufferedImage light = chromium.screenshot(page(), width, Chromium.LIGHT);
      BufferedImage dark = chromium.screenshot(page(), width, Chromium.DARK);
      assertTrue(brightness(light) > HALF_BRIGHT);
      assertTrue(brightness(dark) < HALF_BRIGHT);
      assertTrue(colours(light) > FEW_COLOURS);
      assertTrue(colours(dark) > FEW_COLOURS);
    }
  }

  /** What the other tests would miss if the browser kept it to itself. */
  @Test
  void faultsOfAPageAreNoticed(@TempDir Path folder) throws Exception {
    Chromium.Answer answer =
        chromium(folder)
            .load(
                "<!DOCTYPE html><div style='width: 999px'>wide</div><svg class='chart' height='0'>"
                    + "</svg><img src='data:,'><script>console.error('broken')</script>",
                PHONE);
    assertEquals(1, answer.complaints().size(), answer.complaints()::toString);
    assertTrue(answer.seen().neededWidth() > PHONE);
    assertEquals(1, answer.seen().invisible());
    assertEquals(2, answer.seen().foreign());
  }

  private static String page() throws IOException {
    return new Page(
            new Outcome(
                List.of("JDK:      17", "kernel:   Linux: 6"),
                Examples.lines(),
                List.of("queue: no taskset"),
                List.of("event: it died")))
        .html();
  }

  private static Chromium chromium(Path folder) {
    Chromium chromium = Chromium.find(folder).orElse(null);
    Assumptions.assumeTrue(chromium != null, "no Chromium on the path to show the page");
    return chromium;
  }

  private static int count(String page, String pattern) {
    return (int) Pattern.compile(pattern).matcher(page).results().count();
  }

  /** Of the paper. */
  private static int brightness(BufferedImage image) {
    return image.getRGB(0, 0) & 0xff;
  }

  private static long colours(BufferedImage image) {
    int[] pixels =
        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    return IntStream.of(pixels).distinct().count();
  }
}
