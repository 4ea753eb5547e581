// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.util.List;
import java.util.stream.Stream;
import org.jfutex.bench.child.KindNumber;
import org.jfutex.sync.MutexKind;

/** What operations allocate. */
final class AllocationCatalogue implements Theme {
  private static final String IN_JVM = "in-jvm";
  private static final String KERNEL = "kernel";
  private static final String HAND_OFF = "hand-off";

  private static final List<String> OPERATIONS =
      List.of(
          "wait-mismatching",
          "wake",
          "requeue",
          HAND_OFF,
          "hand-off-timed",
          "hand-off-interruptible",
          "hand-off-requeued");

  private final Cpus cpus;
  private final String anyBackend;

  AllocationCatalogue(Means means) {
    cpus = means.cpus();
    anyBackend = means.backend();
  }

  @Override
  public void addTo(Catalogue catalogue) {
    for (String operation : OPERATIONS) {
      catalogue.addOfEachBackend(backend -> Stream.of(kernel(operation, backend)));
    }
    catalogue.add(
        Stream.concat(OPERATIONS.stream(), Stream.of("prepare-complete")).map(this::inJvm));
    catalogue.add(MutexCatalogue.PROTOCOLS.stream().map(this::mutexAwake), Need.BACKEND);
    catalogue.addOfEachBackend(this::mutexesAsleep);
  }

  private Benchmark kernel(String operation, String backend) {
    return word(KERNEL, operation, backend, backend);
  }

  private Benchmark inJvm(String operation) {
    return word(IN_JVM, operation, "jfutex", anyBackend);
  }

  private Benchmark word(String engine, String operation, String subject, String backend) {
    return line(engine + "-" + operation, subject, backend, "allocation", engine, operation);
  }

  /** Makes no system call. */
  private Benchmark mutexAwake(MutexKind kind) {
    return mutex(KindNumber.name(kind), anyBackend, kind, "lock");
  }

  private Stream<Benchmark> mutexesAsleep(String backend) {
    return Stream.concat(
        MutexCatalogue.PROTOCOLS.stream()
            .map(kind -> mutex(KindNumber.name(kind) + "-" + HAND_OFF, backend, kind, HAND_OFF)),
        Stream.of("condition", "condition-interruptible")
            .map(operation -> mutex(operation, backend, MutexKind.DEFAULT, operation)));
  }

  private Benchmark mutex(String name, String backend, MutexKind kind, String operation) {
    return line(
        "mutex-" + name, backend, backend, "mutex-allocation", KindNumber.of(kind), operation);
  }

  private Benchmark line(String name, String subject, String backend, String... task) {
    return new Allocation(
        "allocation-" + name, subject, file -> cpus.alone(new ChildJvm(backend), task));
  }
}
