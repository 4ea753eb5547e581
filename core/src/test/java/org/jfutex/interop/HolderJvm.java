// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.Kinds;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedMutex;

/**
 * A JVM that comes to its end while it holds mutexes of each robust kind: its main thread one of each, and a daemon
 * thread one of each; or while it counts with one of each.
 */
final class HolderJvm implements AutoCloseable {
  /** How it ends. */
  enum End {
    KILLED,
    KILLED_WHILE_COUNTING,
    RETURN_OF_MAIN,
    SYSTEM_EXIT
  }

  /** How many robust kinds there are. */
  static final int KINDS = 6;

  /** As which it counts. */
  static final int COUNTER = 0;

  private static final int FIRST_WITH_NATIVE_ACCESS_FLAG = 22;
  private static final int SECONDS = 60;
  private static final String READY = "ready";

  private final Process process;

  private HolderJvm(Process process) {
    this.process = process;
  }

  /** Of a tally. The mutexes of the first six rows are held by the main thread, the next six by the other one. */
  static int offset(int row) {
    return 64 + row * Tally.BYTES;
  }

  /** Returns when it holds, or counts. */
  static HolderJvm start(Path file, End end) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xshare:auto", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    if (Runtime.version().feature() >= FIRST_WITH_NATIVE_ACCESS_FLAG) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(HolderJvm.class.getName(), file.toString(), end.name()));
    HolderJvm jvm =
        new HolderJvm(
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    String line =
        new BufferedReader(
                new InputStreamReader(jvm.process.getInputStream(), StandardCharsets.UTF_8))
            .readLine();
    if (!READY.equals(line)) {
      jvm.close();
      throw new AssertionError("child JVM: " + line);
    }
    return jvm;
  }

  /** Lets it end, or kills it. */
  void end(End end) throws IOException, InterruptedException {
    if (end == End.KILLED || end == End.KILLED_WHILE_COUNTING) {
      process.destroyForcibly();
    } else {
      process.getOutputStream().close();
    }
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("child JVM does not end by " + end);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** The child. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    MappedMemory memory = MappedMemory.open(Path.of(arguments[0]));
    End end = End.valueOf(arguments[1]);
    if (end == End.KILLED_WHILE_COUNTING) {
      for (int row = 0; row < KINDS; row++) {
        Tally tally = new Tally(memory, offset(row));
        startDaemon(() -> countForEver(tally));
      }
    } else {
      hold(memory, 0);
      CountDownLatch held = new CountDownLatch(1);
      startDaemon(
          () -> {
            hold(memory, KINDS);
            held.countDown();
            sleepForEver();
          });
      held.await();
    }
    System.out.println(READY);
    System.out.flush();
    awaitEndOfInput();
    if (end == End.SYSTEM_EXIT) {
      System.exit(0);
    }
  }

  private static void startDaemon(Runnable body) {
    Thread thread = new Thread(body);
    thread.setDaemon(true);
    thread.start();
  }

  private static void hold(MappedMemory memory, int firstRow) {
    List<MutexKind> kinds = Kinds.robust().toList();
    for (int i = 0; i < kinds.size(); i++) {
      SharedMutex.at(memory, offset(firstRow + i), kinds.get(i), Kinds.NO_REPAIR).lock();
    }
  }

  private static void countForEver(Tally tally) {
    try {
      tally.count(COUNTER, () -> true);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void sleepForEver() {
    while (true) {
      LockSupport.park();
    }
  }

  private static void awaitEndOfInput() throws IOException {
    System.in.transferTo(OutputStream.nullOutputStream());
  }
}
