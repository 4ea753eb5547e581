// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Two processes that wake each other; the ping is commanded, and ends the pong when it ends. */
final class PingPong implements Contestant {
  private final Child pong;
  private final Child ping;

  PingPong(List<String> pongCommand, List<String> pingCommand) throws IOException {
    pong = new Child(pongCommand).ready();
    try {
      ping = new Child(pingCommand).ready();
    } catch (IOException e) {
      pong.destroy();
      throw e;
    }
  }

  @Override
  public Slice slice(long millis) throws IOException {
    return ping.slice(millis);
  }

  @Override
  public long cpuNanos() {
    return pong.cpuNanos() + ping.cpuNanos();
  }

  @Override
  public Set<Integer> cpus() {
    return Stream.of(pong, ping).flatMap(one -> one.cpus().stream()).collect(Collectors.toSet());
  }

  @Override
  public void close() {
    ping.close();
    pong.close();
  }
}
