// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line. Without a subcommand it runs the demos one after the other and checks what must hold. */
@Command(
    name = "ipc-demo",
    description = {
      "JVM processes that synchronise through one mapped file.",
      "Without a command: the features of this machine, the counter, the ping-pong, and OK if everything held."
    },
    subcommands = {CounterCommand.class, PingPongCommand.class, FeaturesCommand.class},
    footer = {
      "",
      "Exit status: 0 everything held, 1 something did not, 2 wrong usage.",
      "JVM options such as -Djfutex.syscalls=jna go into JDK_JAVA_OPTIONS."
    })
public final class Main implements Callable<Integer> {

  /** What a command that could not do its work prints instead of its figures. */
  private record Failure(String command, boolean ok, String violation) {}

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Shows this and exits.")
  private boolean help;

  Main() {}

  /** Runs a command and ends the JVM with its exit status. */
  public static void main(String... args) {
    System.exit(
        new CommandLine(new Main())
            .registerConverter(LockKind.class, LockKind::of)
            .setExecutionExceptionHandler((e, command, parsed) -> failed(e, command))
            .execute(args));
  }

  private static int failed(Exception e, CommandLine command) {
    if (e instanceof IOException || e instanceof CancellationException) {
      command.getErr().println(command.getCommandName() + ": " + e);
    } else {
      e.printStackTrace(command.getErr());
    }
    if (command.getParseResult().hasMatchedOption("--json")) {
      Json.print(new Failure(command.getCommandName(), false, e.toString()));
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  @Override
  public Integer call() throws IOException {
    System.out.println("What this machine offers:");
    FeaturesCommand.print();

    System.out.println();
    CounterReport counter = new CounterCommand().measure();
    PingPongReport pingPong = new PingPongCommand().measure();

    System.out.println(table(counter, pingPong));
    for (String violation : violations(counter, pingPong)) {
      System.err.println(violation);
    }
    boolean ok = counter.ok() && pingPong.ok();
    System.out.println(ok ? "OK" : "FAILED");
    return ok ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private static List<String> violations(CounterReport counter, PingPongReport pingPong) {
    List<String> violations = new ArrayList<>();
    if (!counter.ok()) {
      violations.add("counter: " + counter.violation());
    }
    if (!pingPong.ok()) {
      violations.add("pingpong: " + pingPong.violation());
    }
    return violations;
  }

  private static String table(CounterReport counter, PingPongReport pingPong) {
    Column[] columns = {
      new Column().header("").dataAlign(HorizontalAlign.LEFT),
      new Column().header("found").dataAlign(HorizontalAlign.RIGHT),
      new Column().header("expected").dataAlign(HorizontalAlign.RIGHT),
    };
    String[][] rows = {
      {
        text("%d JVMs, %,d increments each: counter", counter.processes(), counter.increments()),
        text("%,d", counter.actual()),
        text("%,d", counter.expected())
      },
      {
        text("    one increment under a %s lock", counter.lock()),
        text("%,.0f ns", counter.nsPerOp()),
        ""
      },
      {
        "2 JVMs, blocked ping-pong: round trips",
        text("%,d", pingPong.rounds()),
        text("%,d", PingPongCommand.DEFAULT_ROUNDS)
      },
      {"    50 % of them within", text("%,d ns", pingPong.p50Ns()), ""},
      {"    99 %", text("%,d ns", pingPong.p99Ns()), ""},
      {"    99.9 %", text("%,d ns", pingPong.p999Ns()), ""},
      {
        text("CPU time of a waiter that slept %,d ms", PingPongCommand.SLEEP_MILLIS),
        pingPong.waiterCpuMs() == null ? "" : text("%,.3f ms", pingPong.waiterCpuMs()),
        text("under %,d ms", PingPongReport.WAITER_CPU_MS_LIMIT)
      },
    };
    return AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns, rows);
  }

  private static String text(String format, Object... figures) {
    return String.format(Locale.ROOT, format, figures);
  }
}
