// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.stream.Stream;

/** What one needs to know of the machine to judge a figure, and which of its CPUs to take. */
final class Machine {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final Path LOAD = Path.of("/proc/loadavg");
  private static final String ALLOWED = "Cpus_allowed_list:";
  private static final String MODEL = "model name";

  private Machine() {}

  /** The CPUs that this process may use, such as {@code 0-3,8}. */
  static List<Integer> allowedCpus() throws IOException {
    return allowedCpus(STATUS);
  }

  /** Those that a thread may use, by what /proc says of it. */
  static List<Integer> allowedCpus(Path status) throws IOException {
    return parseCpus(value(status, ALLOWED));
  }

  static List<Integer> parseCpus(String list) {
    List<Integer> cpus = new ArrayList<>();
    for (String range : list.trim().split(",")) {
      String[] ends = range.split("-");
      int last = Integer.parseInt(ends[ends.length - 1]);
      for (int cpu = Integer.parseInt(ends[0]); cpu <= last; cpu++) {
        cpus.add(cpu);
      }
    }
    return cpus;
  }

  /**
   * The other way round.
   *
   * @param cpus in their order
   */
  static String cpuList(List<Integer> cpus) {
    StringJoiner ranges = new StringJoiner(",");
    int first = 0;
    for (int i = 0; i < cpus.size(); i++) {
      boolean ends = i + 1 == cpus.size() || cpus.get(i + 1) > cpus.get(i) + 1;
      if (ends) {
        ranges.add(first == i ? "" + cpus.get(i) : cpus.get(first) + "-" + cpus.get(i));
        first = i + 1;
      }
    }
    return ranges.toString();
  }

  /**
   * Another allowed CPU than the first, on another core if there is one: two hardware threads of a core wake each other
   * faster than two cores do.
   *
   * @return -1 if there is only one
   */
  static int secondCpu() throws IOException {
    List<Integer> allowed = allowedCpus();
    List<Integer> siblings = siblings(allowed.get(0));
    List<Integer> others = allowed.subList(1, allowed.size());
    return others.stream()
        .filter(cpu -> !siblings.contains(cpu))
        .findFirst()
        .orElse(others.isEmpty() ? -1 : others.get(0));
  }

  private static List<Integer> siblings(int cpu) throws IOException {
    Path list = Path.of("/sys/devices/system/cpu/cpu" + cpu + "/topology/thread_siblings_list");
    return Files.isReadable(list) ? parseCpus(Files.readString(list)) : List.of(cpu);
  }

  /** The command on one CPU. */
  static List<String> pinned(int cpu, List<String> command) {
    List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(cpu)));
    pinned.addAll(command);
    return pinned;
  }

  /** What makes the figures of two runs hard to compare if it differs, in one line. */
  static String summary() throws IOException {
    return String.format(
        Locale.ROOT,
        "JDK %s, %s %s, %s, %d x %s",
        Runtime.version(),
        System.getProperty("os.name"),
        System.getProperty("os.version"),
        Versions.libc(),
        Runtime.getRuntime().availableProcessors(),
        value(CPU_INFO, MODEL));
  }

  /** One fact a line. */
  static List<String> facts() throws IOException {
    return List.of(
        "jfutex:   " + System.getProperty("jfutex.bench.commit", "unknown"),
        "peers:    " + Versions.peers(),
        String.format(
            Locale.ROOT,
            "JDK:      %s %s (%s)",
            System.getProperty("java.vendor"),
            Runtime.version(),
            System.getProperty("java.vm.name")),
        String.format(
            Locale.ROOT,
            "kernel:   %s %s %s",
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch")),
        String.format(
            Locale.ROOT,
            "CPUs:     %d, %s",
            Runtime.getRuntime().availableProcessors(),
            value(CPU_INFO, MODEL)),
        "load:     " + (Files.isReadable(LOAD) ? Files.readString(LOAD).trim() : "unknown"));
  }

  private static String value(Path file, String name) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("unknown");
    }
  }
}
