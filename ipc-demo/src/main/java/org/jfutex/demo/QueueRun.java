// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import org.jfutex.futex.Deadline;

/** The phases of {@link QueueCommand}: one JVM that receives, some that send, and this one that watches. */
final class QueueRun implements AutoCloseable {
  private static final long REDRAW_MILLIS = 100;

  private static final int QUIET_MILLIS = 100;
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(1); // of CPU, in that time
  private static final int QUIET_LOOKS_MAX = 50;

  private final ScratchFile scratch;
  private final QueuePlan plan;
  private final int patienceSeconds;
  private final ProgressBar bar;
  private final QueueFile shared;
  private final ChildJvms workers;

  QueueRun(ScratchFile scratch, QueuePlan plan, int patienceSeconds, ProgressBar bar)
      throws IOException {
    this.scratch = scratch;
    this.plan = plan;
    this.patienceSeconds = patienceSeconds;
    this.bar = bar;
    shared = new QueueFile(scratch.path());
    workers = new ChildJvms(shared.news()::tell);
  }

  /** Returns when all phases are over and all processes have ended. */
  void run() throws IOException, ViolationException {
    long consumer = start(QueueConsumer.class, scratch.path());
    for (int producer = 0; producer < plan.producers(); producer++) {
      start(QueueProducer.class, scratch.path(), producer);
    }
    awaitAll("came to the start", 1);
    for (QueuePhase phase : EnumSet.complementOf(EnumSet.of(QueuePhase.END))) {
      shared.begin(phase);
      if (phase == QueuePhase.IDLE) {
        measureIdle(consumer);
      }
      awaitAll("finished phase " + phase, phase.ordinal() + 2);
    }
    shared.begin(QueuePhase.END);
    workers.awaitEnd(patienceSeconds, TimeUnit.SECONDS);
  }

  private long start(Class<?> main, Object... first) throws IOException {
    List<Object> args = new ArrayList<>(List.of(first));
    args.addAll(plan.arguments());
    return workers.start(main, args.toArray());
  }

  /** From outside, so that it costs the consumer nothing. */
  private void measureIdle(long consumer) throws IOException, ViolationException {
    sleep(QueuePlan.SETTLE_MILLIS);
    if (!plan.spin()) {
      awaitQuiet(consumer);
    }
    long start = System.nanoTime();
    long cpu = CpuTime.nanos(consumer);
    sleep(QueuePlan.IDLE_MILLIS);
    shared.set(QueueFigure.IDLE_CPU_NS, Math.max(0, CpuTime.nanos(consumer) - cpu));
    shared.set(QueueFigure.IDLE_NS, System.nanoTime() - start); // which ends the phase
  }

  /** Its JIT may be compiling yet what it saw before, for seconds on a busy machine. */
  private static void awaitQuiet(long consumer) throws IOException, ViolationException {
    long busy = QUIET_NANOS;
    for (int i = 0; i < QUIET_LOOKS_MAX && busy >= QUIET_NANOS; i++) {
      long cpu = CpuTime.nanos(consumer);
      sleep(QUIET_MILLIS);
      busy = CpuTime.nanos(consumer) - cpu;
    }
  }

  private static void sleep(int millis) throws ViolationException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ViolationException("interrupted while the consumer was idle");
    }
  }

  /** Sleeps until all have; a process that failed, or no progress at all for too long, ends it. */
  private void awaitAll(String what, int times) throws ViolationException {
    int all = plan.producers() + 1;
    long moved = -1;
    long giveUp = Deadline.NONE;
    while (true) {
      int seen = shared.news().seen();
      workers.checkNoneFailed();
      long received = shared.orders().ringBuffer().consumerPosition();
      bar.stepTo(received / Order.BYTES_IN_QUEUE);
      int finished = shared.finished() - (times - 1) * all;
      if (finished == all) {
        return;
      }
      if (received + finished != moved) {
        moved = received + finished;
        giveUp = Deadline.after(patienceSeconds, TimeUnit.SECONDS);
      } else if (Deadline.hasPassed(giveUp)) {
        throw new ViolationException(
            "nothing moved for "
                + patienceSeconds
                + " s: found "
                + finished
                + " processes that "
                + what
                + ", expected "
                + all);
      }
      // Awake now and then to redraw the bar; the news themselves need no such thing.
      shared.news().await(seen, Deadline.after(REDRAW_MILLIS, TimeUnit.MILLISECONDS));
    }
  }

  /**
   * Judges what the consumer found.
   *
   * @param failure what ended the run early, or null
   */
  QueueReport report(String failure) {
    return QueueReport.of(plan, shared::get, failure);
  }

  @Override
  public void close() {
    workers.close();
    shared.close();
  }
}
