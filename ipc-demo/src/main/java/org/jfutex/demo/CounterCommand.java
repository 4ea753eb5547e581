// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import me.tongfei.progressbar.ProgressBar;
import org.jfutex.futex.Deadline;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Several JVMs increment one plain counter in a mapped file, each under the same lock. Two of them inside at a time
 * would lose an increment sooner or later, and the total would tell.
 */
@Command(
    name = "counter",
    description =
        "Several JVMs increment one plain counter under one shared lock; the total must be exact.",
    sortOptions = false)
final class CounterCommand implements Callable<Integer> {
  private static final int MAX_PROCESSES = 1_000;
  private static final int MAX_PATIENCE_SECONDS = 3_600;
  private static final long REDRAW_MILLIS = 100;

  /** For the start of a JVM on a busy machine. */
  private static final int START_SECONDS = 30;

  @Option(
      names = "--processes",
      paramLabel = "N",
      description = "JVMs that count, 1 to 1000 (default ${DEFAULT-VALUE}).")
  private int processes = 4;

  @Option(
      names = "--increments",
      paramLabel = "M",
      description = "Increments of each, at least 1 (default ${DEFAULT-VALUE}).")
  private int increments = 250_000;

  @Option(
      names = "--lock",
      paramLabel = "KIND",
      description = "One of ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private LockKind lock = LockKind.ROBUST;

  @Option(
      names = "--file",
      paramLabel = "F",
      description =
          "The file to share; created, and deleted at the end. It must not exist (default: one in /dev/shm).")
  private Path file;

  @Option(names = "--json", description = "One JSON object on stdout, everything else on stderr.")
  private boolean json;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      hidden = true,
      description = "Give up when nothing was counted for so long.")
  private int patienceSeconds = 30;

  @Spec private CommandSpec command;

  @Override
  public Integer call() throws IOException {
    Bounds.check(command, "--processes", processes, 1, MAX_PROCESSES);
    Bounds.check(command, "--increments", increments, 1, Integer.MAX_VALUE);
    Bounds.check(command, "--patience", patienceSeconds, 1, MAX_PATIENCE_SECONDS);
    CounterReport report = measure(lock);
    if (json) {
      Json.print(report);
    } else {
      System.out.printf(
          "%,d found, %,d expected: %d JVMs, %,d increments each, lock %s%n%,.1f ms, %,.1f ns an increment%n",
          report.actual(),
          report.expected(),
          report.processes(),
          report.increments(),
          report.lock(),
          report.elapsedMs(),
          report.nsPerOp());
    }
    if (!report.ok()) {
      System.err.println("counter: " + report.violation());
      return CommandLine.ExitCode.SOFTWARE;
    }
    return CommandLine.ExitCode.OK;
  }

  /** Starts the workers, lets them go together, and reads the counter when all are done. */
  CounterReport measure(LockKind lock) throws IOException {
    try (ScratchFile scratch = createFile();
        ProgressBar bar = Progress.bar("counter", (long) processes * increments)) {
      CounterFile shared = new CounterFile(scratch.memory());
      shared.lock(lock); // if this system does not offer it, fails here and not in every worker
      long started = System.nanoTime();
      long ended;
      String failure = null;
      try (ChildJvms workers = new ChildJvms(shared.news()::tell)) {
        for (int worker = 0; worker < processes; worker++) {
          workers.start(CounterWorker.class, scratch.path(), lock, worker, increments);
        }
        await("arrived", shared::arrived, START_SECONDS, shared, workers, bar);
        started = System.nanoTime();
        shared.open();
        await("finished", shared::finished, patienceSeconds, shared, workers, bar);
        ended = System.nanoTime();
        workers.awaitEnd(START_SECONDS, TimeUnit.SECONDS);
      } catch (ViolationException e) {
        ended = System.nanoTime();
        failure = e.getMessage();
      }
      return CounterReport.of(
          lock, processes, increments, shared.counter(), ended - started, failure);
    }
  }

  private ScratchFile createFile() throws IOException {
    long bytes = CounterFile.bytes(processes);
    if (file == null) {
      return ScratchFile.createTemporary(bytes);
    }
    try {
      return ScratchFile.create(file, bytes);
    } catch (FileSystemException e) {
      throw new ParameterException(
          command.commandLine(), "Invalid value for option '--file': " + file + ": " + why(e), e);
    }
  }

  private static String why(FileSystemException e) {
    if (e instanceof FileAlreadyExistsException) {
      return "exists already and was not changed, expected the name of a new file";
    }
    if (e instanceof NoSuchFileException) {
      return "its folder does not exist";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    return e.getReason() == null ? e.toString() : e.getReason();
  }

  /** Sleeps until all workers got so far; a worker that failed, or no progress at all for too long, ends it. */
  private void await(
      String stage,
      IntSupplier count,
      int patience,
      CounterFile shared,
      ChildJvms workers,
      ProgressBar bar)
      throws ViolationException {
    long moved = -1;
    long giveUp = Deadline.NONE;
    while (true) {
      int seen = shared.news().seen();
      workers.checkNoneFailed();
      long progress = shared.progress(processes);
      bar.stepTo(progress);
      if (count.getAsInt() == processes) {
        return;
      }
      // Whatever moved: a worker arrived, counted or finished.
      long moves = progress + shared.arrived() + shared.finished();
      if (moves != moved) {
        moved = moves;
        giveUp = Deadline.after(patience, TimeUnit.SECONDS);
      } else if (Deadline.hasPassed(giveUp)) {
        throw new ViolationException(
            "nothing moved for "
                + patience
                + " s: found "
                + count.getAsInt()
                + " workers that "
                + stage
                + ", expected "
                + processes);
      }
      // Awake now and then to redraw the bar; the news themselves need no such thing.
      shared.news().await(seen, Deadline.after(REDRAW_MILLIS, TimeUnit.MILLISECONDS));
    }
  }
}
