// SPDX-License-Identifier: Apache-2.0
package org.jfutex.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jfutex.bench.child.Pool;

/**
 * Several processes that do the same at the same time; the value is the time that passes for one operation of any.
 *
 * <p>They are dealt out to the CPUs. Left alone they end up on one of them as often as not, since who wakes another
 * pulls it to its own CPU; there they hardly ever meet, and a slice that begins so costs a hundredth of the next one.
 */
final class Team implements Contestant {
  private final List<Child> children = new ArrayList<>();
  private boolean inStep;

  Team(List<String> command, int processes) throws IOException {
    List<Integer> cpus = Machine.allowedCpus();
    try {
      for (int i = 0; i < processes; i++) {
        children.add(new Child(Machine.pinned(cpus.get(i % cpus.size()), command)));
      }
      // Only now: they warm up together.
      for (Child child : children) {
        child.ready();
      }
    } catch (IOException e) {
      children.forEach(Child::destroy);
      throw e;
    }
  }

  /** Each operation is one of all, such as a meeting; the value is the time for one of them. */
  Team inStep() {
    inStep = true;
    return this;
  }

  @Override
  public Slice slice(long millis) throws IOException {
    children.forEach(child -> child.begin(millis));
    List<Double> rates = new ArrayList<>();
    List<List<Long>> samples = new ArrayList<>();
    for (Child child : children) {
      Slice slice = child.end();
      rates.add(1 / slice.value());
      samples.add(slice.nanos());
    }
    List<Long> nanos = Pool.of(samples, rates);
    double all = rates.stream().mapToDouble(Double::doubleValue).sum();
    if (inStep) {
      return new Slice(children.size() / all, 0, 1, 1, nanos);
    }
    return new Slice(1 / all, 0, Collections.min(rates) / all, Collections.max(rates) / all, nanos);
  }

  @Override
  public long cpuNanos() {
    return children.stream().mapToLong(Child::cpuNanos).sum();
  }

  @Override
  public Set<Integer> cpus() {
    return children.stream().flatMap(one -> one.cpus().stream()).collect(Collectors.toSet());
  }

  @Override
  public void close() {
    children.forEach(Child::close);
  }
}
