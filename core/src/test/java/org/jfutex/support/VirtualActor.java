// SPDX-License-Identifier: Apache-2.0
package org.jfutex.support;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A virtual thread that makes one call; from JDK 21 on. */
public record VirtualActor<T>(Thread thread, CompletableFuture<T> end) {

  public static <T> VirtualActor<T> start(Callable<T> call) {
    CompletableFuture<T> end = new CompletableFuture<>();
    Runnable task =
        () -> {
          try {
            end.complete(call.call());
          } catch (Throwable e) {
            end.completeExceptionally(e);
          }
        };
    try {
      Object thread =
          Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
      return new VirtualActor<>((Thread) thread, end);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  /** What the call returned; what it threw, wrapped. */
  public T result() throws Exception {
    return end.get(60, TimeUnit.SECONDS);
  }
}
