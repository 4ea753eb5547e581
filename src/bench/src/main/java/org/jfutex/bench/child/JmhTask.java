// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * One JMH benchmark, an iteration a slice.
 *
 * <p>JMH has the loop, the state and the black holes. It does not fork: this process is its fork, made with JMH's own
 * flags, alive for as long as the comparison takes and home to this benchmark alone. JMH would run one benchmark to
 * its end and then the other; between them lie seconds in which the machine changes.
 */
final class JmhTask implements Task {
  /** Brings a state that was set up anew into the caches. */
  private static final TimeValue SETTLE = TimeValue.milliseconds(2);

  private final String benchmark;
  private final List<String> parameters;

  static void declare(Tasks tasks) {
    tasks.task("jmh CLASS.METHOD PARAMETER=VALUE...", JmhTask::new);
  }

  private JmhTask(Arguments arguments) {
    benchmark = arguments.text("CLASS.METHOD");
    parameters = arguments.all("PARAMETER=VALUE");
  }

  @Override
  public Slice slice(long millis) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\." + benchmark.replace(".", "\\.") + "$")
            .forks(0)
            .threads(1)
            .warmupIterations(1)
            .warmupTime(SETTLE)
            .measurementIterations(1)
            .measurementTime(TimeValue.milliseconds(millis))
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    for (String parameter : parameters) {
      String[] nameAndValue = parameter.split("=", 2);
      options.param(nameAndValue[0], nameAndValue[1]);
    }
    Collection<RunResult> results = new Runner(options.build()).run();
    if (results.size() != 1) {
      throw new IllegalStateException(
          benchmark + " names " + results.size() + " benchmarks, expected 1");
    }
    return new Slice(results.iterator().next().getPrimaryResult().getScore(), 0);
  }
}
