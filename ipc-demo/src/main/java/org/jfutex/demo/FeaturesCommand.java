// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jfutex.futex.LookAgain;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.linux.KernelFeatures;
import org.jfutex.linux.SyscallsUnavailableException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints what the kernel, and the sandbox around this JVM, allow. */
@Command(
    name = "features",
    description = "Prints what the kernel, and the sandbox around this JVM, allow.")
final class FeaturesCommand implements Callable<Integer> {
  private static final KernelFeatures NONE =
      new KernelFeatures(false, false, false, false, false, false, false, false);

  @Option(names = "--json", description = "One JSON object on stdout, everything else on stderr.")
  private boolean json;

  @Override
  public Integer call() {
    if (json) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("command", "features");
      report.put("ok", true);
      report.putAll(probe().asMap());
      Json.print(report);
    } else {
      print();
    }
    return CommandLine.ExitCode.OK;
  }

  /** Prints them to people, and returns them. */
  static KernelFeatures print() {
    KernelFeatures features = probe();
    features
        .asMap()
        .forEach(
            (name, there) ->
                System.out.printf(
                    "  %-11s %s%n", name, there ? "yes" : "no   " + KernelFeatures.without(name)));
    System.out.printf(
        "  %-11s %d ms, see -Djfutex.healing%n",
        "healing", TimeUnit.NANOSECONDS.toMillis(LookAgain.PERIOD_NANOS));
    return features;
  }

  /** A machine without the system call is no failure: shared words are polled there. */
  private static KernelFeatures probe() {
    try {
      return FutexSyscalls.system().features();
    } catch (SyscallsUnavailableException e) {
      System.err.println(e.getMessage());
      return NONE;
    }
  }
}
