// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jfutex.agrona.BlockingRingBuffer;
import org.jfutex.bench.child.ChildMain;
import org.jfutex.bench.child.CpuPin;
import org.jfutex.bench.child.WarmUp;
import org.jfutex.chronicle.FutexPauser;
import org.jfutex.linux.FutexSyscalls;
import org.jfutex.memory.JvmFlags;
import org.openjdk.jmh.runner.CompilerHints;

/** The command line of a JVM that measures; the same JDK and class path as this one's. */
final class ChildJvm {
  private static final int FIRST_WITH_NATIVE_ACCESS = 22;
  private static final int FIRST_WITH_UNSAFE_WARNING = 24;

  private static final String SERIAL_GC = "-XX:+UseSerialGC";

  /** Of one whose figures are no evidence: little memory, and no time for C2. */
  private static final List<String> CHEAP = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1");

  private final List<String> flags = new ArrayList<>();

  /**
   * A JVM with the flags that every child has.
   *
   * @param backend ffm, jna or none
   */
  ChildJvm(String backend) {
    flags.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= FIRST_WITH_NATIVE_ACCESS) {
      flags.add("--enable-native-access=ALL-UNNAMED");
    }
    flags.addAll(JvmFlags.of(BlockingRingBuffer.class));
    flags.add("-D" + FutexSyscalls.PROPERTY + "=" + backend);
    flags.add("-D" + WarmUp.PROPERTY + "=" + System.getProperty(WarmUp.PROPERTY, "1"));
    if (IdleJvms.areKept()) {
      flags.addAll(CHEAP);
      withSerialGc();
    }
  }

  /** One thread collects, and only when there is something to collect: for a JVM that shares its only CPU with it. */
  ChildJvm withSerialGc() {
    if (!flags.contains(SERIAL_GC)) {
      flags.add(SERIAL_GC);
    }
    return this;
  }

  /** How often a sleeper looks again; 0 for never. */
  ChildJvm withHealing(int millis) {
    flags.add("-Djfutex.healing=" + millis);
    return this;
  }

  /** The thread that measures runs on that CPU alone. */
  ChildJvm on(int cpu) {
    flags.add("-D" + CpuPin.PROPERTY + "=" + cpu);
    return this;
  }

  /** What Chronicle needs. */
  ChildJvm withChronicleFlags() {
    flags.addAll(JvmFlags.of(FutexPauser.class));
    // Its pausers are what their names say, on however few CPUs.
    flags.add("-Dpauser.minProcessors=0");
    return withUnsafe();
  }

  private ChildJvm withUnsafe() {
    if (Runtime.version().feature() >= FIRST_WITH_UNSAFE_WARNING) {
      flags.add("--sun-misc-unsafe-memory-access=allow");
    }
    return this;
  }

  /** As JMH's own forks: what it must not inline, and black holes that cost nothing. */
  ChildJvm withJmhFlags() {
    CompilerHints.addCompilerHints(flags);
    // Two children at a time; they run in turns.
    flags.add("-Djmh.ignoreLock=true");
    // JMH 1.37 looks for object layouts with it, once.
    return withUnsafe();
  }

  List<String> command(String... task) {
    return commandOf(ChildMain.class, task);
  }

  /** Of one that is not commanded. */
  List<String> commandOf(Class<?> main, String... task) {
    List<String> command = new ArrayList<>(flags);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(task));
    return command;
  }
}
