// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what got slower, and what faster, from one run to another. */
@Command(
    name = "compare",
    description = "Says what got slower, and what faster, from one run to another, beyond noise.",
    sortOptions = false,
    mixinStandardHelpOptions = true)
public final class Compare implements Callable<Integer> {
  private static final double PERCENT = 100;

  @Parameters(index = "0", paramLabel = "OLD.json", description = "What run --json wrote before.")
  private Path before;

  @Parameters(index = "1", paramLabel = "NEW.json", description = "What it wrote now.")
  private Path after;

  @Option(
      names = "--floor",
      paramLabel = "PERCENT",
      defaultValue = "5",
      description = "A smaller change is noise, whatever the spread; ${DEFAULT-VALUE} by default.")
  private double floor;

  @Option(names = "--json", description = "Answers as JSON.")
  private boolean json;

  @Spec private CommandSpec spec;

  /** Exit status 0 if nothing got slower, 1 if a line did, 2 for a usage error or a file that cannot be read. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Compare()).execute(args));
  }

  @Override
  public Integer call() {
    if (!(floor >= 0)) {
      throw new ParameterException(
          spec.commandLine(), "--floor " + floor + ": expected 0 percent or more");
    }
    List<JsonLine> old = read(before);
    List<JsonLine> now = read(after);
    Comparison comparison = Comparison.of(lines(old), lines(now), floor / PERCENT);
    List<String> warnings = warnings(runs(old), runs(now));
    spec.commandLine()
        .getOut()
        .println(json ? json(comparison, warnings) : text(comparison, warnings));
    return comparison.slower().isEmpty() ? 0 : 1;
  }

  private List<JsonLine> read(Path file) {
    try {
      List<JsonLine> lines = JsonLine.parse(file);
      if (lines.isEmpty() || lines.stream().anyMatch(line -> line.run() == null)) {
        throw new IOException(
            file
                + (lines.isEmpty() ? ": found no line" : ": found a line without 'run'")
                + ", expected what --json of this version writes; measure again");
      }
      return lines;
    } catch (IOException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static List<Line> lines(List<JsonLine> lines) {
    return lines.stream().map(JsonLine::line).toList();
  }

  private static String runs(List<JsonLine> lines) {
    return lines.stream().map(JsonLine::run).distinct().collect(Collectors.joining(" and "));
  }

  /** Another machine or JDK, or another effort. */
  private static List<String> warnings(String old, String now) {
    return old.equals(now) ? List.of() : List.of("the runs differ: " + old + " / " + now);
  }

  private static String text(Comparison comparison, List<String> warnings) {
    StringBuilder text = new StringBuilder();
    warnings.forEach(warning -> text.append("warning: ").append(warning).append('\n'));
    List<Change> changes =
        Stream.concat(comparison.slower().stream(), comparison.faster().stream()).toList();
    if (!changes.isEmpty()) {
      text.append(table(changes)).append('\n');
    }
    comparison
        .onlyOld()
        .forEach(line -> text.append("only in the old run: ").append(title(line)).append('\n'));
    comparison
        .onlyNew()
        .forEach(line -> text.append("only in the new run: ").append(title(line)).append('\n'));
    return text.append(comparison.slower().size())
        .append(" slower, ")
        .append(comparison.faster().size())
        .append(" faster, ")
        .append(comparison.unchanged())
        .append(" unchanged")
        .toString();
  }

  private static String table(List<Change> changes) {
    return AsciiTable.getTable(
        AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS,
        changes,
        List.of(
            column("", HorizontalAlign.LEFT, change -> change.isSlower() ? "slower" : "faster"),
            column("name", HorizontalAlign.LEFT, change -> change.after().name()),
            column("ours", HorizontalAlign.LEFT, change -> change.after().subject()),
            column("peer", HorizontalAlign.LEFT, change -> change.after().peer()),
            column("old", HorizontalAlign.RIGHT, change -> figure(change, change.before())),
            column("new", HorizontalAlign.RIGHT, change -> figure(change, change.after())),
            column("change", HorizontalAlign.RIGHT, Compare::percent)));
  }

  private static ColumnData<Change> column(
      String header, HorizontalAlign align, Function<Change, String> text) {
    return new Column().header(header).dataAlign(align).with(text);
  }

  private static String figure(Change change, Line line) {
    return change.isOfRatios()
        ? Report.ratio(line.ratio()) + " (" + Report.spread(line) + ")"
        : Report.value(line.subjectValue()) + " " + line.unit();
  }

  /** From nothing to something is no percentage. */
  private static String percent(Change change) {
    return change.oldFigure() == 0
        ? "-"
        : String.format(
            Locale.ROOT, "%+.0f %%", PERCENT * (change.newFigure() / change.oldFigure() - 1));
  }

  private static String title(Line line) {
    return line.name() + ": " + line.subject() + " beside " + line.peer();
  }

  /** The comparison, and the warnings with it. */
  private static String json(Comparison comparison, List<String> warnings) {
    Gson gson = new GsonBuilder().setPrettyPrinting().create();
    JsonObject answer = gson.toJsonTree(comparison).getAsJsonObject();
    answer.add("warnings", gson.toJsonTree(warnings));
    return gson.toJson(answer);
  }
}
