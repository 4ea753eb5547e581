// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench.child;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.concurrent.locks.Lock;
import java.util.stream.LongStream;
import org.jfutex.futex.FutexManager;
import org.jfutex.memory.MappedMemory;
import org.jfutex.sync.Doorbell;

/**
 * A JVM that measures one task and is commanded over its stdin, as the peers in C are: it says "ready" once it is
 * warm; "slice MILLIS" runs the task for about so long and is answered by two numbers, the value per operation and the
 * share of wakes that found a sleeper, and perhaps by what single operations took; the end of stdin ends it. A pong is
 * commanded by its ping.
 *
 * <pre>
 *   empty-wake FILE OFFSET   mismatching-wait FILE OFFSET   ping FILE OFFSET   pong FILE OFFSET
 *   blocked-wake FILE OFFSET THREADS   blocked-trip FILE OFFSET THREADS
 *   any-ping FILE OFFSET WORDS   any-pong FILE OFFSET WORDS
 *   jmh CLASS.METHOD [PARAMETER=VALUE ...]
 *   allocation ENGINE OPERATION   mutex-allocation KIND OPERATION
 *   region-names REGION NAMES   file-names FOLDER NAMES
 *   mutex-uncontended FILE KIND   mutex-contended FILE OFFSET KIND PROCESSES   file-lock FILE
 *   file-lock-contended FILE OFFSET PROCESSES   mutex-held FILE OFFSET KIND PROCESSES NANOS
 *   semaphore-uncontended FILE   semaphore-contended FILE OFFSET PROCESSES   and semaphore-robust-, -jna- likewise
 *   rwlock-uncontended FILE HALF   rwlock-contended FILE OFFSET HALF PROCESSES   and rwlock-compact- likewise
 *   condition-ping FILE OFFSET   condition-pong FILE OFFSET
 *   barrier FILE   event-set-reset FILE   event-set-take FILE
 *   barrier-ping FILE OFFSET   barrier-pong FILE OFFSET   event-ping FILE OFFSET   event-pong FILE OFFSET
 *   doorbell-ping FILE OFFSET   doorbell-pong FILE OFFSET   and doorbell-spin- likewise
 *   pipe-ping FILE   pipe-pong FILE   socket-ping FILE   socket-pong FILE
 *   socket-select-pong FILE   hand-off FILE KIND CPU ...   threads FILE KIND CPU ...
 *   ring-ping FILE OFFSET WAIT GAP_NANOS   ring-pong FILE OFFSET WAIT   and chronicle- likewise
 *   served-ping FILE OFFSET KIND PLACES   served-block-pong FILE OFFSET KIND PLACES   and -future-, -channel- likewise
 *   offer-ping FILE OFFSET KIND   offer-pong FILE OFFSET KIND   idle-read FILE OFFSET   idle-spin FILE OFFSET
 *   interrupted-wait FILE OFFSET PERCENTILE CPU SLEEPERS_CPU   interrupted-park PERCENTILE CPU SLEEPERS_CPU
 * </pre>
 */
public final class ChildMain {
  private static final String SLICE = "slice ";
  private static final long WARM_UP_CALLS = 200_000;
  private static final long WARM_UP_LOCKS = 2_000_000;
  private static final long WARM_UP_ROUND_TRIPS = 20_000;
  private static final long WARM_UP_ROUND_TRIPS_AWAKE = 2_000_000;

  private ChildMain() {}

  /** See the class. */
  public static void main(String[] args) throws Exception {
    PrintStream answers =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    // Nobody else is to write where the answers go.
    System.setOut(System.err);
    String[] arguments = Arrays.copyOfRange(args, 1, args.length);
    Pong pong = pong(args[0], arguments);
    if (pong != null) {
      answers.println("ready");
      pong.run();
      return;
    }
    try (Task task = task(args[0], arguments)) {
      answers.println("ready");
      serve(task, answers);
    }
  }

  /** What a ping commands, until it ends. */
  private interface Pong {
    void run() throws Exception;
  }

  /** Null if the name is another task's. */
  private static Pong pong(String name, String[] arguments) throws Exception {
    switch (name) {
      case "pong":
        return new SharedWordOperations.Pong(
                FutexManager.system(), memory(arguments), offset(arguments))
            ::run;
      case "any-pong":
        return any(arguments)::pong;
      case "condition-pong":
        return ConditionOperations.shared(memory(arguments), offset(arguments))::pong;
      case "barrier-pong":
        return WordsOperations.barrierOfTwo(memory(arguments), offset(arguments))::pong;
      case "event-pong":
        return WordsOperations.eventsOfTwo(memory(arguments), offset(arguments))::pong;
      case "doorbell-pong":
        return DoorbellOperations.pong(memory(arguments), offset(arguments), false)::pong;
      case "doorbell-spin-pong":
        return DoorbellOperations.pong(memory(arguments), offset(arguments), true)::pong;
      case "pipe-pong":
        ChannelOperations.Meeting pipes = ChannelOperations.pipePong(arguments[0]);
        return () -> pipes.meet().pong();
      case "socket-pong":
        ChannelOperations.Meeting socket = ChannelOperations.socketPong(arguments[0]);
        return () -> socket.meet().pong();
      case "socket-select-pong":
        ChannelOperations.Meeting selected = ChannelOperations.socketPong(arguments[0]);
        return () -> selected.meet().select();
      case "ring-pong":
        return new MessageTask.Consumer(memory(arguments), offset(arguments), ring(arguments))::run;
      case "chronicle-pong":
        return new MessageTask.Consumer(memory(arguments), offset(arguments), queue(arguments))
            ::run;
      case "served-block-pong":
        return served(arguments)::pong;
      case "served-future-pong":
        return served(arguments)::serve;
      case "served-channel-pong":
        return served(arguments)::select;
      case "offer-pong":
        return () -> OfferTask.consume(memory(arguments), offset(arguments), arguments[2]);
      default:
        return null;
    }
  }

  private static Task task(String name, String[] arguments) throws Exception {
    switch (name) {
      case "jmh":
        return new JmhTask(arguments);
      case "allocation":
        return new AllocationTask(new WordAllocations(arguments[0]).steps(arguments[1]));
      case "mutex-allocation":
        return new AllocationTask(
            new MutexAllocations(KindNumber.parse(arguments[0])).steps(arguments[1]));
      case "interrupted-wait":
        return InterruptTask.futexWait(
            FutexManager.system(),
            memory(arguments).word(offset(arguments)),
            Arrays.copyOfRange(arguments, 2, arguments.length));
      case "interrupted-park":
        return InterruptTask.park(arguments);
      case "empty-wake":
        return new Loop(
            SharedWordOperations.emptyWake(
                FutexManager.system(), memory(arguments), offset(arguments)),
            WARM_UP_CALLS);
      case "mismatching-wait":
        return new Loop(
            SharedWordOperations.mismatchingWait(
                FutexManager.system(), memory(arguments), offset(arguments)),
            WARM_UP_CALLS);
      case "ping":
        return Loop.ofTrips(
            new SharedWordOperations.Ping(
                FutexManager.system(), memory(arguments), offset(arguments)),
            WARM_UP_ROUND_TRIPS);
      case "blocked-wake":
        return new Loop(
            CrowdOperations.emptyWakes(memory(arguments), offset(arguments), count(arguments)),
            WARM_UP_CALLS);
      case "blocked-trip":
        return Loop.ofTrips(
            CrowdOperations.trips(memory(arguments), offset(arguments), count(arguments)),
            WARM_UP_ROUND_TRIPS);
      case "any-ping":
        return Loop.ofTrips(any(arguments), WARM_UP_ROUND_TRIPS);
      case "region-names":
        return new Loop(
            ManyNames.inRegion(Path.of(arguments[0]), Integer.parseInt(arguments[1])),
            WARM_UP_CALLS);
      case "file-names":
        return new Loop(
            ManyNames.asFiles(Path.of(arguments[0]), Integer.parseInt(arguments[1])),
            WARM_UP_CALLS);
      case "mutex-uncontended":
        return new Loop(
            new MutexOperations.Uncontended(memory(arguments), KindNumber.parse(arguments[1])),
            WARM_UP_LOCKS);
      case "mutex-contended":
        return contended(
            arguments,
            MutexOperations.mutex(
                memory(arguments), offset(arguments), KindNumber.parse(arguments[2])),
            arguments[3]);
      case "mutex-held":
        return ContendedTask.holding(
            memory(arguments),
            offset(arguments),
            MutexOperations.mutex(
                memory(arguments), offset(arguments), KindNumber.parse(arguments[2])),
            Integer.parseInt(arguments[3]),
            Long.parseLong(arguments[4]));
      case "semaphore-uncontended":
        return new Loop(SemaphoreOperations.uncontended(memory(arguments)), WARM_UP_LOCKS);
      case "semaphore-robust-uncontended":
        return new Loop(SemaphoreOperations.uncontendedRobust(memory(arguments)), WARM_UP_LOCKS);
      case "semaphore-contended":
        return SemaphoreOperations.contended(
            memory(arguments), offset(arguments), Integer.parseInt(arguments[2]));
      case "semaphore-robust-contended":
        return SemaphoreOperations.contendedRobust(
            memory(arguments), offset(arguments), Integer.parseInt(arguments[2]));
      case "semaphore-jna-uncontended":
        return new Loop(SemaphoreOperations.uncontendedPosix(memory(arguments)), WARM_UP_LOCKS);
      case "semaphore-jna-contended":
        return SemaphoreOperations.contendedPosix(
            memory(arguments), offset(arguments), Integer.parseInt(arguments[2]));
      case "rwlock-uncontended":
        return new Loop(
            ReadWriteOperations.uncontended(memory(arguments), arguments[1]), WARM_UP_LOCKS);
      case "rwlock-compact-uncontended":
        return new Loop(
            ReadWriteOperations.uncontendedCompact(memory(arguments), arguments[1]), WARM_UP_LOCKS);
      case "rwlock-contended":
        return ReadWriteOperations.contended(
            memory(arguments), offset(arguments), arguments[2], Integer.parseInt(arguments[3]));
      case "rwlock-compact-contended":
        return ReadWriteOperations.contendedCompact(
            memory(arguments), offset(arguments), arguments[2], Integer.parseInt(arguments[3]));
      case "file-lock":
        return new Loop(
            MutexOperations.uncontended(new FileChannelLock(Path.of(arguments[0]))), WARM_UP_CALLS);
      case "file-lock-contended":
        return contended(arguments, new FileChannelLock(Path.of(arguments[0])), arguments[2]);
      case "condition-ping":
        return Loop.ofTrips(
            ConditionOperations.shared(memory(arguments), offset(arguments)),
            WARM_UP_ROUND_TRIPS / 2);
      case "barrier":
        return new Loop(WordsOperations.barrier(memory(arguments)), WARM_UP_LOCKS);
      case "event-set-reset":
        return new Loop(WordsOperations.eventSetReset(memory(arguments)), WARM_UP_LOCKS);
      case "event-set-take":
        return new Loop(WordsOperations.eventSetTake(memory(arguments)), WARM_UP_LOCKS);
      case "barrier-ping":
        return Loop.ofTrips(
            WordsOperations.barrierOfTwo(memory(arguments), offset(arguments)),
            WARM_UP_ROUND_TRIPS);
      case "event-ping":
        return Loop.ofTrips(
            WordsOperations.eventsOfTwo(memory(arguments), offset(arguments)), WARM_UP_ROUND_TRIPS);
      case "doorbell-ping":
        return Loop.ofTrips(
            DoorbellOperations.ping(memory(arguments), offset(arguments), false),
            WARM_UP_ROUND_TRIPS);
      case "doorbell-spin-ping":
        return Loop.ofTrips(
            DoorbellOperations.ping(memory(arguments), offset(arguments), true),
            WARM_UP_ROUND_TRIPS_AWAKE);
      case "pipe-ping":
        return Loop.ofTrips(ChannelOperations.pipePing(arguments[0]), WARM_UP_ROUND_TRIPS);
      case "socket-ping":
        return Loop.ofTrips(ChannelOperations.socketPing(arguments[0]), WARM_UP_ROUND_TRIPS);
      case "ring-ping":
        return new MessageTask(
            memory(arguments), offset(arguments), ring(arguments), Long.parseLong(arguments[3]));
      case "chronicle-ping":
        return new MessageTask(
            memory(arguments), offset(arguments), queue(arguments), Long.parseLong(arguments[3]));
      case "served-ping":
        return Loop.ofTrips(served(arguments), WARM_UP_ROUND_TRIPS);
      case "threads":
        return new ThreadTeam(Door.of(arguments[1], memory(arguments)), cpus(arguments));
      case "hand-off":
        return Loop.ofTrips(
            new HandOff(arguments[1], memory(arguments), cpus(arguments)), WARM_UP_ROUND_TRIPS);
      case "offer-ping":
        return new OfferTask(memory(arguments), offset(arguments), arguments[2]);
      case "idle-read":
        return IdleTask.read(memory(arguments), offset(arguments));
      case "idle-spin":
        return IdleTask.spin(memory(arguments), offset(arguments));
      default:
        throw new IllegalArgumentException("no such task: " + name);
    }
  }

  private static Task contended(String[] arguments, Lock lock, String processes)
      throws IOException {
    return new ContendedTask(
        memory(arguments),
        offset(arguments),
        lock::lock,
        lock::unlock,
        Integer.parseInt(processes));
  }

  private static AnyOperations any(String[] arguments) throws IOException {
    return new AnyOperations(memory(arguments), offset(arguments), count(arguments));
  }

  private static int count(String[] arguments) {
    return Integer.parseInt(arguments[2]);
  }

  private static Link ring(String[] arguments) throws IOException {
    return RingLink.of(arguments[2], memory(arguments), offset(arguments) + MessageTask.BYTES);
  }

  private static Link queue(String[] arguments) throws IOException {
    return QueueLink.of(
        arguments[2],
        arguments[0] + ".queue-" + arguments[1],
        Doorbell.at(memory(arguments), offset(arguments) + MessageTask.BYTES));
  }

  private static AsyncOperations.Served served(String[] arguments) throws IOException {
    return AsyncOperations.of(
        arguments[2], memory(arguments), offset(arguments), Integer.parseInt(arguments[3]));
  }

  private static List<String> cpus(String[] arguments) {
    return List.of(arguments).subList(2, arguments.length);
  }

  private static MappedMemory memory(String[] arguments) throws IOException {
    return MappedMemory.open(Path.of(arguments[0]));
  }

  private static int offset(String[] arguments) {
    return Integer.parseInt(arguments[1]);
  }

  private static void serve(Task task, PrintStream answers) throws Exception {
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String command; (command = commands.readLine()) != null; ) {
      if (!command.startsWith(SLICE)) {
        throw new IllegalArgumentException("found '" + command + "', expected 'slice MILLIS'");
      }
      Task.Slice slice = task.slice(Long.parseLong(command.substring(SLICE.length())));
      StringJoiner answer = new StringJoiner(" ");
      answer.add(String.format(Locale.ROOT, "%.4f %.4f", slice.value(), slice.sleepers()));
      LongStream.of(slice.nanos()).mapToObj(Long::toString).forEach(answer::add);
      answers.println(answer);
    }
  }
}
