// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jfutex.bench.child.WarmUp;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures jfutex beside its peers, in one run. */
@Command(
    name = "run",
    description =
        "Measures jfutex beside its peers, in one run. Lower is better, in values and ratios.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
public final class Main implements Callable<Integer> {
  /** How much children warm up for a quick run. */
  private static final String BRIEF = "0.05";

  private static final String QUICK =
      "quick: no evidence, since most JVMs have served other lines before; ";

  @Option(names = "--quick", description = "Every line once, briefly, to see that it works.")
  private boolean quick;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      description = "The lines whose name begins so; may be given several times.")
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also writes the lines as a JSON array.")
  private Path json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Also draws the lines, as one page that needs nothing else.")
  private Path html;

  @Option(
      names = "--from",
      paramLabel = "FILE",
      description = "With --html: measures nothing, and draws what --json wrote.")
  private Path from;

  @Option(names = "--list", description = "Says what would be measured, and ends.")
  private boolean list;

  @Spec private CommandSpec spec;

  /** Exit status 0 if every line was measured, 1 if one could not be, 2 for a usage error. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    requireWritable("--json", json);
    requireWritable("--html", html);
    if (from != null) {
      return draw();
    }
    if (quick) {
      // Before there is a catalogue, which has command lines.
      System.setProperty(WarmUp.PROPERTY, BRIEF);
      System.setProperty(IdleJvms.PROPERTY, Boolean.TRUE.toString());
    }
    Optional<Path> compiler = CPeers.compiler();
    try (CPeers peers = compiler.isPresent() ? CPeers.compile(compiler.get()) : null) {
      Means means = Means.found(peers);
      Catalogue catalogue = Catalogue.of(means);
      List<Benchmark> chosen = catalogue.benchmarks().stream().filter(this::isWanted).toList();
      for (String name : only) {
        if (chosen.stream().noneMatch(benchmark -> benchmark.name().startsWith(name))) {
          throw new ParameterException(
              spec.commandLine(),
              "--only " + name + " begins no name of what can be measured; --list shows them");
        }
      }
      if (list) {
        chosen.forEach(b -> System.out.println(title(b)));
        catalogue.leftOut().forEach(reason -> System.out.println("left out: " + reason));
        return 0;
      }
      return measure(chosen, catalogue.leftOut(), means);
    }
  }

  private void requireWritable(String option, Path file) {
    if (file != null && !canBeWritten(file.toAbsolutePath())) {
      throw new ParameterException(spec.commandLine(), option + " " + file + ": cannot be written");
    }
  }

  private int draw() throws IOException {
    if (html == null) {
      throw new ParameterException(spec.commandLine(), "--from needs --html, the page to draw");
    }
    if (quick || list || json != null || !only.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "--from measures nothing, so it goes with --html alone");
    }
    Files.writeString(html, new Page(readFrom()).html());
    return 0;
  }

  private Outcome readFrom() {
    try {
      return JsonLine.read(from);
    } catch (IOException e) {
      throw new ParameterException(spec.commandLine(), "--from " + e.getMessage(), e);
    }
  }

  private static boolean canBeWritten(Path file) {
    return !Files.isDirectory(file)
        && Files.isWritable(Files.exists(file) ? file : file.getParent());
  }

  private boolean isWanted(Benchmark benchmark) {
    return only.isEmpty() || only.stream().anyMatch(benchmark.name()::startsWith);
  }

  @SuppressWarnings("checkstyle:IllegalCatch") // a line that fails is no reason to lose the others
  private int measure(List<Benchmark> chosen, List<String> leftOut, Means means)
      throws IOException {
    // Before the load that this run makes.
    List<String> facts = new ArrayList<>(Machine.facts());
    facts.add("pinned:   " + means.cpus().fact());
    facts.add("backends: " + String.join(", ", means.backends()));
    Effort effort = quick ? Effort.QUICK : Effort.FULL;
    facts.add("effort:   " + (quick ? QUICK : "full, ") + effort);
    facts.add("date:     " + Instant.now().truncatedTo(ChronoUnit.MINUTES));
    List<Line> lines = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    Progress progress = new Progress(chosen.size());
    try (progress) {
      for (Benchmark benchmark : chosen) {
        String title = title(benchmark);
        progress.begin(title);
        try {
          lines.add(benchmark.run(effort));
        } catch (IOException | RuntimeException e) {
          failures.add(title + ": " + e.getMessage());
          System.err.println(title + ": " + e);
        }
      }
    } finally {
      IdleJvms.endAll();
    }
    Report report = new Report(lines);
    facts.forEach(System.out::println);
    System.out.println(report.table());
    report.notes().forEach(System.out::println);
    leftOut.forEach(reason -> System.out.println("left out: " + reason));
    failures.forEach(failure -> System.out.println("failed: " + failure));
    System.out.println("took:     " + progress.took());
    facts.add("took:     " + Progress.text(progress.elapsed()));
    if (json != null) {
      String run = Machine.summary() + (quick ? ", quick" : ", full");
      Files.writeString(json, JsonLine.json(lines, run) + System.lineSeparator());
    }
    if (html != null) {
      Outcome outcome = new Outcome(facts, lines, leftOut, failures);
      Files.writeString(html, new Page(outcome).html());
    }
    return failures.isEmpty() ? 0 : 1;
  }

  private static String title(Benchmark benchmark) {
    return benchmark.name() + ": " + benchmark.subject() + " beside " + benchmark.peer();
  }
}
