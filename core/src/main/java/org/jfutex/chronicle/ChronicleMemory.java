// SPDX-License-Identifier: Apache-2.0
package org.jfutex.chronicle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.bytes.MappedBytes;
import net.openhft.chronicle.bytes.MappedFile;
import net.openhft.chronicle.core.io.ReferenceOwner;
import org.jfutex.memory.JvmFlags;
import org.jfutex.memory.MappedMemory;

/**
 * Memory of Chronicle Bytes in which words and primitives live, next to what Chronicle itself keeps there:
 *
 * <pre>{@code
 * MappedBytes book = MappedBytes.mappedBytes(file, 1 << 20);
 * ChronicleMemory words = ChronicleMemory.of(book, 0, 64); // all zeros is a free mutex
 * SharedMutex mutex = SharedMutex.at(words.memory(), 0);   // guards the rest of the book
 * }</pre>
 *
 * <p>The store is reserved until {@link #close()}, so what lies beside the words stays where it is. Of {@link
 * MappedBytes}, which map and unmap chunks as they grow, it is the one chunk that the words lie in. They meet those of
 * every other mapping of the file, by Chronicle or not, in every process.
 *
 * <p>After the close every use of a word is a {@link org.jfutex.memory.ClosedMemoryException}, whatever Chronicle
 * unmaps meanwhile: of a file the words have a mapping of their own. Native memory of no file, and a file that was
 * deleted, can only be used where they are: such a store stays reserved, also after the close, as long as something
 * reaches a word of it, and its {@code releaseLast()} says so.
 *
 * <p>All methods may be called by any thread.
 */
public final class ChronicleMemory implements AutoCloseable {
  private final MappedMemory memory;
  private final Reservation reservation;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** One reference to a store. It has two users: this object, and words at the address of the store. */
  private static final class Reservation implements ReferenceOwner {
    final BytesStore<?, ?> store;
    final AtomicInteger users = new AtomicInteger(2);

    Reservation(BytesStore<?, ?> store) {
      this.store = store;
      store.reserve(this);
    }

    /** The chunk that an offset lies in. */
    Reservation(MappedFile file, long offset) throws IOException {
      store = file.acquireByteStore(this, offset - offset % file.chunkSize());
    }

    void leave() {
      if (users.decrementAndGet() == 0) {
        giveBack();
      }
    }

    void giveBack() {
      store.release(this);
    }
  }

  private ChronicleMemory(Reservation reservation, long offset, long bytes) {
    this.reservation = reservation;
    BytesStore<?, ?> store = reservation.store;
    boolean made = false;
    try {
      if (offset < store.start() || bytes > store.realCapacity() - offset) {
        throw new IllegalArgumentException(
            "found offset "
                + offset
                + " and "
                + bytes
                + " bytes, expected a part of what is mapped at once, from "
                + store.start()
                + " to "
                + store.realCapacity());
      }
      memory = MappedMemory.at(store.addressForRead(offset), bytes, reservation::leave);
      made = true;
    } finally {
      if (!made) {
        reservation.giveBack();
      }
    }
  }

  /**
   * The whole of a store of native memory.
   *
   * @throws IllegalArgumentException if it is on the heap, or is {@link MappedBytes}, of which a part must be named
   */
  public static ChronicleMemory of(BytesStore<?, ?> store) {
    if (store instanceof MappedBytes) {
      throw new IllegalArgumentException(
          "found "
              + store.getClass().getName()
              + ", of which to say which part: of(bytes, offset, size)");
    }
    BytesStore<?, ?> underlying = underlying(store);
    return of(underlying, underlying.start(), underlying.realCapacity() - underlying.start());
  }

  /**
   * A part of a store of native memory, or of {@link MappedBytes}, whose file is made longer if need be.
   *
   * @param offset where it begins, in bytes, as Chronicle counts: of {@link MappedBytes} in the file; a multiple of 8
   * @param size in bytes; of {@link MappedBytes} all in one chunk or the overlap behind it
   * @throws IllegalArgumentException if it is on the heap, or is not wholly inside
   * @throws UnsupportedOperationException if the JVM was not started with the flags that Chronicle needs
   */
  public static ChronicleMemory of(BytesStore<?, ?> store, long offset, long size) {
    try {
      Reservation reservation =
          store instanceof MappedBytes mapped
              ? new Reservation(mapped.mappedFile(), Math.max(0, offset))
              : new Reservation(underlying(store));
      return new ChronicleMemory(reservation, offset, size);
    } catch (IOException e) {
      checkFlags(e);
      throw new UncheckedIOException("cannot map offset " + offset + " of " + store.getClass(), e);
    } catch (AssertionError e) {
      checkFlags(e);
      throw e;
    }
  }

  /**
   * Throws if Chronicle found the JDK locked. It wraps what that says in one thing or another; and of a static
   * initialiser that says so, the second use finds only that it failed.
   */
  private static void checkFlags(Throwable found) {
    for (Throwable e = found; e != null; e = e.getCause()) {
      if (e instanceof IllegalAccessException
          || e instanceof IllegalAccessError
          || e instanceof ExceptionInInitializerError) {
        throw JvmFlags.missing("Chronicle", ChronicleMemory.class, found);
      }
    }
  }

  /** What a {@code Bytes} writes to at this time. */
  private static BytesStore<?, ?> underlying(BytesStore<?, ?> store) {
    BytesStore<?, ?> underlying = store.bytesStore();
    if (!underlying.isDirectMemory()) {
      throw new IllegalArgumentException(
          "found "
              + underlying.getClass().getName()
              + ", which the garbage collector moves, expected native memory:"
              + " MappedBytes, or BytesStore.nativeStoreWithFixedCapacity");
    }
    return underlying;
  }

  /** Where words and primitives are made; its offset 0 is the first byte of the part that was named. */
  public MappedMemory memory() {
    return memory;
  }

  /** As {@link MappedMemory#close()}, and gives the store back. The second time does nothing. */
  @Override
  public void close() {
    memory.close();
    if (closed.compareAndSet(false, true)) {
      reservation.leave();
    }
  }

  @Override
  public String toString() {
    return memory.toString();
  }
}
