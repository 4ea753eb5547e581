// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jfutex.region.RegionHeader;
import org.jfutex.region.RegionSnapshot;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what is in a region and how it is at this moment: who holds what, who waits. It only looks. */
@Command(
    name = "inspect",
    description = "Prints what is in a region: header, names, the state and the owner of each.",
    sortOptions = false)
final class InspectCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "A region; to be read is enough.")
  private Path file;

  @Option(names = "--json", description = "One JSON object on stdout, everything else on stderr.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    RegionSnapshot region = RegionSnapshot.read(file);
    if (json) {
      Json.print(asMap(region));
    } else {
      System.out.println(header(region));
      System.out.println(table(region.slots()));
    }
    return CommandLine.ExitCode.OK;
  }

  private static String header(RegionSnapshot region) {
    RegionHeader header = region.header();
    return String.format(
        "layout version %d, %,d bytes, %,d names%nboot %s, PID namespace %s%s",
        header.version(),
        header.size(),
        header.entries(),
        header.bootId(),
        Long.toUnsignedString(header.pidNamespace()),
        region.isOfThisSystem()
            ? ""
            : String.format("%nnot those of this process: thread ids mean other threads here"));
  }

  private static String table(List<RegionSnapshot.Slot> slots) {
    Column[] columns = {
      new Column().header("name").dataAlign(HorizontalAlign.LEFT),
      new Column().header("what").dataAlign(HorizontalAlign.LEFT),
      new Column().header("offset").dataAlign(HorizontalAlign.RIGHT),
      new Column().header("bytes").dataAlign(HorizontalAlign.RIGHT),
      new Column().header("state").dataAlign(HorizontalAlign.LEFT).maxWidth(Integer.MAX_VALUE),
    };
    return AsciiTable.getTable(
        AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS,
        columns,
        slots.stream().map(InspectCommand::row).toArray(String[][]::new));
  }

  private static String[] row(RegionSnapshot.Slot slot) {
    return new String[] {
      harmless(slot.entry().name()),
      slot.what(),
      Long.toString(slot.entry().offset()),
      Long.toString(slot.entry().length()),
      harmless(slot.state())
    };
  }

  /** A stranger may have chosen it: a terminal is not to obey. */
  private static String harmless(String text) {
    return text.replaceAll("\\p{C}", "?");
  }

  private static Map<String, Object> asMap(RegionSnapshot region) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("command", "inspect");
    report.put("ok", true);
    report.put("header", asMap(region.header()));
    report.put("thisSystem", region.isOfThisSystem());
    report.put("slots", region.slots().stream().map(InspectCommand::asMap).toList());
    return report;
  }

  private static Map<String, Object> asMap(RegionHeader header) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("version", header.version());
    fields.put("size", header.size());
    fields.put("features", header.features());
    fields.put("bootId", header.bootId().toString());
    fields.put("pidNamespace", header.pidNamespace());
    fields.put("entries", header.entries());
    return fields;
  }

  private static Map<String, Object> asMap(RegionSnapshot.Slot slot) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", slot.entry().name());
    fields.put("kind", slot.entry().kind().toString());
    fields.put("parameter", slot.entry().parameter());
    fields.put("offset", slot.entry().offset());
    fields.put("length", slot.entry().length());
    fields.put("state", slot.state());
    fields.put("owners", slot.owners());
    return fields;
  }
}
