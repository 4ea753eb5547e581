// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.util.List;
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
      "Without a command: the features of this machine, each demo, and OK if all held."
    },
    subcommands = {
      CounterCommand.class,
      CrashCommand.class,
      LedgerCommand.class,
      PingPongCommand.class,
      QueueCommand.class,
      InspectCommand.class,
      FeaturesCommand.class
    },
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
    if (e instanceof IOException
        || e instanceof CancellationException
        || e instanceof UnsupportedOperationException) {
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
    boolean robust = FeaturesCommand.print().robustList();

    System.out.println();
    Summary summary =
        new Summary(
            new CounterCommand().measure(robust ? LockKind.ROBUST : LockKind.NORMAL),
            robust ? new CrashCommand().measure() : null,
            robust ? new LedgerCommand().measure() : null,
            new PingPongCommand().measure(),
            robust ? new QueueCommand().measure() : null);

    System.out.println(summary.table());
    List<String> violations = summary.violations();
    violations.forEach(System.err::println);
    System.out.println(violations.isEmpty() ? "OK" : "FAILED");
    return violations.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }
}
