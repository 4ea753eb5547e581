// SPDX-License-Identifier: Apache-2.0
package org.jfutex.demo;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.MappedBytes;
import org.jfutex.chronicle.ChronicleMemory;
import org.jfutex.sync.MutexKind;
import org.jfutex.sync.SharedMutex;

/**
 * Accounts in Chronicle {@link MappedBytes}, made safe against the death of a process at any moment by two things
 * dropped in beside them: a robust mutex, and an undo record.
 *
 * <pre>
 *     0  mutex       who takes it after its owner died rolls back before lock() returns
 *    64  pending     i64  1: the undo record counts; 0: it says nothing
 *    72  undo        i64  account, its balance before; account, its balance before; worker, its transfers before
 *   128  recoveries  i64  how often an owner was found dead
 *   192  balances    i64  an account
 *   ...  transfers   i64  a worker: how many it has done, counted in the same step as they are done
 * </pre>
 *
 * <p>The rule: note what was there, say so, change, say that it is done; in this order. Wherever it ends, what is there
 * is the state before or the state after, or the record tells how to get back. Rolling back only writes what the
 * record says and clears it last, so who rolls back may be killed, too, and the next one begins again.
 *
 * <p>The order is that of the thread that was killed, which only the compiler could change: a store-store fence keeps
 * it. The CPU finishes the stores that were made, and the kernel hands the mutex on after them.
 */
final class Ledger implements AutoCloseable {
  static final int ACCOUNTS = 64;
  static final long OPENING_BALANCE = 1_000;

  private static final long MUTEX = 0;
  private static final long PENDING = 64;
  private static final long FROM = PENDING + Long.BYTES;
  private static final long FROM_BALANCE = FROM + Long.BYTES;
  private static final long TO = FROM_BALANCE + Long.BYTES;
  private static final long TO_BALANCE = TO + Long.BYTES;
  private static final long WORKER = TO_BALANCE + Long.BYTES;
  private static final long WORKER_TRANSFERS = WORKER + Long.BYTES;
  private static final long RECOVERIES = 128;
  private static final long BALANCES = 192;
  private static final long TRANSFERS = BALANCES + ACCOUNTS * Long.BYTES;

  private static final long NO = 0;
  private static final long YES = 1;

  private final MappedBytes bytes;
  private final ChronicleMemory words;
  private final SharedMutex mutex;

  /**
   * @param chunk how much of the file is mapped; the ledger takes the beginning of it
   */
  Ledger(Path path, int chunk) throws IOException {
    bytes = MappedBytes.mappedBytes(path.toFile(), chunk, 0);
    words = ChronicleMemory.of(bytes, MUTEX, PENDING - MUTEX);
    mutex = SharedMutex.at(words.memory(), MUTEX, MutexKind.DEFAULT, dead -> recover());
  }

  /** To be held by who calls the other methods, but for {@link #recoveries}. */
  SharedMutex mutex() {
    return mutex;
  }

  void open() {
    for (int account = 0; account < ACCOUNTS; account++) {
      bytes.writeLong(balance(account), OPENING_BALANCE);
    }
  }

  /** All of it or nothing, whatever happens to this process. */
  void apply(Transfer transfer) {
    begin(transfer);
    change(transfer);
    end();
  }

  /** The same, and takes it back: ends where it began. */
  void applyAndTakeBack(Transfer transfer) {
    begin(transfer);
    change(transfer);
    rollBack();
  }

  private void begin(Transfer transfer) {
    note(FROM, transfer.from(), balance(transfer.from()));
    note(TO, transfer.to(), balance(transfer.to()));
    note(WORKER, transfer.worker(), transfers(transfer.worker()));
    VarHandle.storeStoreFence(); // the record is whole before it counts
    bytes.writeLong(PENDING, YES);
    VarHandle.storeStoreFence(); // and counts before anything changes
  }

  /** Which one it is, and what it holds. */
  private void note(long undo, int index, long place) {
    bytes.writeLong(undo, index);
    bytes.writeLong(undo + Long.BYTES, bytes.readLong(place));
  }

  private void change(Transfer transfer) {
    add(balance(transfer.from()), -transfer.amount());
    add(balance(transfer.to()), transfer.amount());
    add(transfers(transfer.worker()), 1);
  }

  private void add(long place, long delta) {
    bytes.writeLong(place, bytes.readLong(place) + delta);
  }

  private void end() {
    VarHandle.storeStoreFence(); // everything has changed before the record stops counting
    bytes.writeLong(PENDING, NO);
    VarHandle.storeStoreFence(); // before the next one is noted
  }

  private void rollBack() {
    if (bytes.readLong(PENDING) == YES) {
      bytes.writeLong(balance((int) bytes.readLong(FROM)), bytes.readLong(FROM_BALANCE));
      bytes.writeLong(balance((int) bytes.readLong(TO)), bytes.readLong(TO_BALANCE));
      bytes.writeLong(transfers((int) bytes.readLong(WORKER)), bytes.readLong(WORKER_TRANSFERS));
      end();
    }
  }

  /** By who took the mutex after its owner died: inside lock(), and until it has returned the mutex says so. */
  private void recover() {
    rollBack();
    add(RECOVERIES, 1);
  }

  private static long balance(int account) {
    return BALANCES + (long) account * Long.BYTES;
  }

  private static long transfers(int worker) {
    return TRANSFERS + (long) worker * Long.BYTES;
  }

  long balanceOf(int account) {
    return bytes.readLong(balance(account));
  }

  long transfersOf(int worker) {
    return bytes.readLong(transfers(worker));
  }

  long sum() {
    long sum = 0;
    for (int account = 0; account < ACCOUNTS; account++) {
      sum += balanceOf(account);
    }
    return sum;
  }

  /** Without the mutex, too. */
  long recoveries() {
    return bytes.readVolatileLong(RECOVERIES);
  }

  @Override
  public void close() {
    words.close();
    bytes.releaseLast();
  }
}
