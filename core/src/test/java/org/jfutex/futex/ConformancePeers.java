// SPDX-License-Identifier: Apache-2.0
package org.jfutex.futex;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Child JVMs, kept for the next scene, because to start one takes longer than the scene. */
final class ConformancePeers implements AutoCloseable {
  private static final int FIRST_WITH_NATIVE_ACCESS_FLAG = 22;
  private static final long ANSWER_SECONDS = 60;

  private final Map<String, Queue<Peer>> idle = new ConcurrentHashMap<>();
  private final Queue<Peer> all = new ConcurrentLinkedQueue<>();

  /** The command line of a child JVM that runs a class of these tests. */
  static List<String> command(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(
        List.of("-Xshare:auto", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx64m"));
    if (Runtime.version().feature() >= FIRST_WITH_NATIVE_ACCESS_FLAG) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    // Surefire hides the real class path behind a jar of its own.
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /** One that is not in use; to be {@linkplain #giveBack given back}. */
  Peer take(ConformanceSubject subject) throws IOException {
    String backend = subject.syscalls().name();
    Peer peer = idleOf(backend).poll();
    if (peer == null) {
      peer = new Peer(backend);
      all.add(peer);
      peer.expect("ready");
    }
    return peer;
  }

  private Queue<Peer> idleOf(String backend) {
    return idle.computeIfAbsent(backend, b -> new ConcurrentLinkedQueue<>());
  }

  /** Ends what the peer does, unless it was killed. */
  void giveBack(Peer peer) {
    if (peer.process.isAlive()) {
      peer.say("end");
      peer.expect("ended");
      idleOf(peer.backend).add(peer);
    }
  }

  @Override
  public void close() {
    all.forEach(peer -> peer.process.destroyForcibly());
  }

  /** One child. */
  static final class Peer {
    private final String backend;
    private final Process process;
    private final PrintStream commands;
    private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private volatile int tid;
    private volatile long start;
    private volatile Integer result;

    private Peer(String backend) throws IOException {
      this.backend = backend;
      process =
          new ProcessBuilder(command(ConformancePeer.class, backend))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      commands = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
      Thread reader = new Thread(this::read, "conformance-peer-" + process.pid());
      reader.setDaemon(true);
      reader.start();
    }

    private void read() {
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          String[] words = line.split(" ");
          switch (words[0]) {
            case "tid" -> {
              start = Long.parseLong(words[2]);
              tid = Integer.parseInt(words[1]);
            }
            case "result" -> result = Integer.parseInt(words[1]);
            default -> answers.add(line);
          }
        }
      } catch (IOException e) {
        answers.add(e.toString()); // killed
      }
    }

    private void say(String line) {
      commands.println(line);
    }

    private void expect(String answer) {
      try {
        String found = answers.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
        if (!answer.equals(found)) {
          throw new AssertionError(
              "child JVM " + process.pid() + ": expected " + answer + ", found " + found);
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    /** Begins the calls of an actor. */
    void run(ConformanceWorld world, String calls) {
      tid = 0;
      result = null;
      say("run " + (world.isPrivate() ? "private" : "shared") + " " + world.path() + " " + calls);
    }

    int tid() {
      return tid;
    }

    /** Of the last call, or null. */
    Integer result() {
      return result;
    }

    /** Whether the last call has returned, or sleeps on a word of the world. */
    boolean isSettled() {
      if (result != null || !process.isAlive()) {
        return true;
      }
      return tid != 0
          && ConformanceProc.isBlocked(
              process.pid(),
              tid,
              address -> start <= address && address < start + ConformanceWorld.BYTES);
    }

    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }
  }
}
