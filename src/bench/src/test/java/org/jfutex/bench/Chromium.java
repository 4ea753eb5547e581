// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;

/**
 * Shows a page without a screen, and tells what is to be seen. The page is put into a frame of the wanted width: no
 * window is as narrow as a phone, and what looks into the frame is no part of the page.
 */
final class Chromium {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");
  private static final long PATIENCE_SECONDS = 60;
  private static final int HEIGHT = 1600;

  /** Of Blink's setting for what a user prefers. */
  static final int DARK = 0;

  static final int LIGHT = 1;

  /** No screen, no sandbox in a container, no network, and nothing of its own over it. */
  private static final List<String> OPTIONS =
      List.of(
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--hide-scrollbars",
          "--host-resolver-rules=MAP * ~NOTFOUND",
          "--enable-logging=stderr",
          "--v=0");

  /** In what it logs of a page's console, whatever the level. */
  private static final String COMPLAINT = "CONSOLE";

  private static final Pattern SEEN = Pattern.compile("<pre id=\"seen\">(.*?)</pre>");

  private static final String FRAME =
      """
      <!DOCTYPE html>
      <html lang="en" style="color-scheme: light dark">
      <title>frame</title>
      <body style="margin: 0">
      <iframe id="frame" style="border: 0; width: %dpx; height: %dpx" srcdoc="%s"></iframe>
      <pre id="seen"></pre>
      <script>
      const frame = document.getElementById('frame');
      frame.onload = () => {
        const page = frame.contentDocument;
        const count = (selector) => page.querySelectorAll(selector).length;
        const area = (one) => one.getBoundingClientRect().width * one.getBoundingClientRect().height;
        document.getElementById('seen').textContent = JSON.stringify({
          width: page.documentElement.clientWidth,
          neededWidth: page.documentElement.scrollWidth,
          charts: count('svg.chart'),
          bars: count('svg.bar'),
          invisible: [...page.querySelectorAll('svg')].filter((svg) => area(svg) === 0).length,
          foreign: count('script, img, link, iframe, object'),
          fetched: frame.contentWindow.performance.getEntriesByType('resource').length
        });
      };
      </script>
      </body>
      </html>
      """;

  private final Path program;
  private final Path folder;

  /** What there is of a page, counted in the browser. */
  record Seen(
      int width, int neededWidth, int charts, int bars, int invisible, int foreign, int fetched) {}

  /**
   * What a program that ran left.
   *
   * @param output the page as it became
   * @param complaints of the page, on the console
   */
  record Answer(String output, List<String> complaints) {
    Seen seen() {
      Matcher seen = SEEN.matcher(output);
      assertTrue(seen.find(), () -> "the page was not loaded: " + complaints);
      return new Gson().fromJson(seen.group(1), Seen.class);
    }
  }

  private Chromium(Path program, Path folder) {
    this.program = program;
    this.folder = folder;
  }

  /**
   * If there is one on the path.
   *
   * @param folder for what it leaves behind
   */
  static Optional<Chromium> find(Path folder) {
    return NAMES.stream()
        .flatMap(name -> CPeers.onPath(name).stream())
        .findFirst()
        .map(program -> new Chromium(program, folder));
  }

  Answer load(String page, int width) throws IOException, InterruptedException {
    return run(page, width, LIGHT, "--dump-dom");
  }

  BufferedImage screenshot(String page, int width, int scheme)
      throws IOException, InterruptedException {
    Path picture = folder.resolve("shown.png");
    run(page, width, scheme, "--screenshot=" + picture);
    return ImageIO.read(picture.toFile()).getSubimage(0, 0, width, HEIGHT);
  }

  private Answer run(String page, int width, int scheme, String... options)
      throws IOException, InterruptedException {
    Path frame = folder.resolve("frame.html");
    String escaped = page.replace("&", "&amp;").replace("\"", "&quot;");
    Files.writeString(frame, String.format(FRAME, width, HEIGHT, escaped));
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(OPTIONS);
    command.addAll(
        List.of(
            "--user-data-dir=" + Files.createTempDirectory(folder, "profile"),
            "--window-size=" + width + "," + HEIGHT,
            "--blink-settings=preferredColorScheme=" + scheme));
    command.addAll(List.of(options));
    command.add(frame.toUri().toString());
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new IOException("no answer by " + command + ": " + Files.readString(errors));
    }
    List<String> complaints =
        Files.readAllLines(errors).stream().filter(line -> line.contains(COMPLAINT)).toList();
    return new Answer(Files.readString(output), complaints);
  }
}
