// SPDX-License-Identifier: Apache-2.0
package org.jfutex.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.util.List;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * Runs the tests of a class once more, in a JVM that has no futex system call: there the engine inside the JVM serves
 * the shared words, too.
 */
public final class Polled {
  /** Not to be run so: what starts JVMs of its own, and the test that calls this. */
  public static final String NOT = "kernel";

  private Polled() {}

  public static void run(Class<?> tests) {
    run(tests, "-Djfutex.syscalls=none");
  }

  /** The same where something else is missing. */
  public static void run(Class<?> tests, String flag) {
    ChildJvm.Ended ended = ChildJvm.run(List.of(flag), Polled.class, tests.getName());
    assertEquals(0, ended.status(), ended.output());
  }

  public static void main(String[] arguments) {
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(arguments[0]))
                .filters(TagFilter.excludeTags(NOT))
                .build(),
            listener);
    listener.getSummary().printFailuresTo(new PrintWriter(System.out, true));
    listener.getSummary().printTo(new PrintWriter(System.out, true));
    boolean passed =
        listener.getSummary().getTestsSucceededCount() > 0
            && listener.getSummary().getTotalFailureCount() == 0;
    System.exit(passed ? 0 : 1);
  }
}
