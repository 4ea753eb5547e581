// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jfutex.futex.Deadline;
import org.jfutex.futex.FutexManager;
import org.jfutex.futex.Waiter;
import org.jfutex.futex.WakeOp;
import org.jfutex.memory.FileIdentity;
import org.jfutex.memory.FutexWord;
import org.jfutex.memory.MappedMemory;
import org.jfutex.support.SharedFolder;
import org.jfutex.support.TestMemory;
import org.jfutex.sync.AfterReboot;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.MutexOwner;
import org.jfutex.sync.NamedSemaphore;
import org.jfutex.sync.Recovery;
import org.jfutex.sync.SharedEvent;
import org.jfutex.sync.SharedMutex;
import org.jfutex.sync.WaitChannel;
import org.junit.jupiter.api.Test;

/** Every public method says which of its arguments was null, whatever the others were. */
class NullArgumentTest {
  /** What may be null, and what nobody calls by hand. */
  private static final Set<Class<?>> NULLABLE =
      Set.of(Recovery.class, Throwable.class, Object.class);

  @Test
  void isNamed() throws IOException {
    try (SharedFolder folder = new SharedFolder();
        SharedRegion region = SharedRegion.open(folder.file("region"));
        TestMemory test = new TestMemory()) {
      Map<Class<?>, Object> subjects = subjects(region, test.memory());
      Map<Class<?>, Object> samples = samples(folder.file("new"), test.memory(), subjects);
      List<String> wrong = new ArrayList<>();
      int calls = 0;
      for (Map.Entry<Class<?>, Object> subject : subjects.entrySet()) {
        for (Method method : subject.getKey().getMethods()) {
          boolean isCallable =
              subject.getValue() != null || Modifier.isStatic(method.getModifiers());
          if (!isCallable || !isOurs(method)) {
            continue;
          }
          for (int i = 0; i < method.getParameterCount(); i++) {
            Class<?> type = method.getParameterTypes()[i];
            if (!type.isPrimitive() && !NULLABLE.contains(type)) {
              calls++;
              String end = call(method, subject.getValue(), arguments(method, i, samples));
              if (!end.matches("[a-z]\\w*")) {
                wrong.add(method + ", argument " + i + ": " + end);
              }
            }
          }
        }
      }
      assertEquals(List.of(), wrong, () -> String.join("\n", wrong));
      assertTrue(calls > 100, calls + " calls");
    }
  }

  private static boolean isOurs(Method method) {
    return method.getDeclaringClass().getName().startsWith("org.jfutex.")
        && !method.isSynthetic()
        && !method.getName().equals("equals");
  }

  /** What has the methods; where these are all static, the class alone. */
  private static Map<Class<?>, Object> subjects(SharedRegion region, MappedMemory memory) {
    SharedMutex mutex = region.mutex("mutex");
    Map<Class<?>, Object> subjects = new HashMap<>();
    for (Object subject :
        List.of(
            FutexManager.system(),
            WakeOp.set(1),
            memory,
            memory.word(0),
            mutex,
            region,
            region.autoResetEvent("event"),
            region.barrier("barrier", 2),
            region.compactReadWriteLock("compact").readLock(),
            region.compactReadWriteLock("compact").writeLock(),
            region.compactReadWriteLock("compact"),
            region.condition("condition", mutex),
            region.doorbell("doorbell"),
            region.latch("latch", 1),
            region.once("once"),
            region.readWriteLock("lock").readLock(),
            region.readWriteLock("lock").writeLock(),
            region.readWriteLock("lock"),
            region.robustSemaphore("robust", 1),
            region.semaphore("semaphore", 0))) {
      subjects.put(subject.getClass(), subject);
    }
    for (Class<?> utility :
        List.of(
            AfterReboot.class,
            Deadline.class,
            FileIdentity.class,
            MutexOwner.class,
            NamedSemaphore.class,
            RegionSnapshot.class,
            WaitChannel.class)) {
      subjects.put(utility, null);
    }
    return subjects;
  }

  private static Map<Class<?>, Object> samples(
      Path path, MappedMemory memory, Map<Class<?>, Object> subjects) {
    Map<Class<?>, Object> samples = new HashMap<>(subjects);
    samples.putAll(
        Map.ofEntries(
            entry(int.class, 1),
            entry(MutexKind.class, MutexKind.DEFAULT),
            entry(SharedMutex.class, SharedMutex.at(memory, 128)),
            entry(WakeOp.class, WakeOp.set(1).when(WakeOp.Comparison.EQUAL, 0)),
            entry(Waiter.class, new Waiter()),
            entry(long.class, 64L),
            entry(boolean.class, true),
            entry(String.class, "name"),
            entry(Path.class, path),
            entry(ByteBuffer.class, ByteBuffer.allocateDirect(64)),
            entry(Instant.class, Instant.EPOCH),
            entry(Date.class, new Date()),
            entry(TimeUnit.class, TimeUnit.SECONDS),
            entry(Set.class, Set.of()),
            entry(Executor.class, (Executor) Runnable::run),
            entry(Supplier.class, (Supplier<?>) () -> null),
            entry(Runnable.class, (Runnable) () -> {}),
            entry(BooleanSupplier.class, (BooleanSupplier) () -> true),
            entry(Consumer.class, (Consumer<?>) any -> {}),
            entry(int[].class, new int[] {1}),
            entry(FutexWord[].class, new FutexWord[] {memory.word(0)}),
            entry(SharedEvent[].class, new SharedEvent[] {SharedEvent.autoReset(memory, 64)})));
    return samples;
  }

  private static Object[] arguments(Method method, int nullAt, Map<Class<?>, Object> samples) {
    Class<?>[] types = method.getParameterTypes();
    Object[] arguments = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      arguments[i] = i == nullAt ? null : samples.get(types[i]);
    }
    return arguments;
  }

  private static String call(Method method, Object subject, Object... arguments) {
    try {
      method.setAccessible(true); // what a public class inherits from one that is not public
      return "returned " + method.invoke(subject, arguments);
    } catch (InvocationTargetException e) {
      return e.getCause() instanceof NullPointerException missing
          ? String.valueOf(missing.getMessage())
          : "threw " + e.getCause();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
