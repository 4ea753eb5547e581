// SPDX-License-Identifier: Apache-2.0
package org.jfutex.linux;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Set;

/**
 * A thread's private futex word that {@link Thread#interrupt()} wakes.
 *
 * <p>The JDK calls {@link Selector#wakeup()} on the selector in which an interrupted thread blocks. This is a selector
 * that selects nothing: between {@link #arm()} and {@link #disarm()} a wake-up sets the word to {@link #FIRED} and
 * wakes it, and futex_waitv(2) on {this word, the word waited for} returns. The interrupt status stays set.
 *
 * <p>A wake-up may come late, even after {@code disarm()}, from an interrupt of an earlier wait: so the memory of the
 * word is this object's own, and a fired word means nothing unless the thread really is interrupted or its memory was
 * closed.
 */
public final class InterruptWord extends AbstractSelector {
  /** The word before anything happened: what a wait expects. */
  public static final int IDLE = 0;

  /** The word once a wake-up came. */
  public static final int FIRED = 1;

  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private final FutexSyscalls syscalls;
  private final ByteBuffer memory = ByteBuffer.allocateDirect(Integer.BYTES);
  private final long address;

  InterruptWord(FutexSyscalls syscalls) {
    super(null);
    this.syscalls = syscalls;
    this.address = syscalls.addressOf(memory);
  }

  /** The address of the word, to be waited for as a private word that holds {@link #IDLE}. */
  public long address() {
    return address;
  }

  /** From here an interrupt, one that came before included, fires the word. */
  public void arm() {
    INT.setVolatile(memory, 0, IDLE);
    begin();
  }

  /** Ends what {@link #arm} began. */
  public void disarm() {
    end();
  }

  /** Whether a wake-up came since {@link #arm()}, for this wait or for an earlier one. */
  public boolean hasFired() {
    return (int) INT.getVolatile(memory, 0) == FIRED;
  }

  /** Fires the word and wakes the thread that waits for it. */
  @Override
  public Selector wakeup() {
    INT.setVolatile(memory, 0, FIRED);
    syscalls.wake(address, LinuxAbi.FUTEX_PRIVATE_FLAG, 1);
    return this;
  }

  @Override
  protected void implCloseSelector() {}

  @Override
  protected SelectionKey register(
      AbstractSelectableChannel channel, int operations, Object attachment) {
    throw selectsNothing();
  }

  @Override
  public Set<SelectionKey> keys() {
    throw selectsNothing();
  }

  @Override
  public Set<SelectionKey> selectedKeys() {
    throw selectsNothing();
  }

  @Override
  public int selectNow() {
    throw selectsNothing();
  }

  @Override
  public int select(long timeout) {
    throw selectsNothing();
  }

  @Override
  public int select() {
    throw selectsNothing();
  }

  private static UnsupportedOperationException selectsNothing() {
    return new UnsupportedOperationException("an interrupt word is no selector for channels");
  }
}
