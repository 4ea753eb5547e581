// SPDX-License-Identifier: Apache-2.0
package org.jfutex.region;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A channel whose user dies, or fails, at one of its steps: a write, which takes two if it is long, or a mapping. */
final class MortalChannel extends FileChannel {
  /** What the kernel writes without looking whether the process was killed. */
  private static final int PAGE_BYTES = 4096;

  private final FileChannel file;
  private final RuntimeException death;
  private final IOException failure;
  private int stepsLeft;

  /**
   * @param steps 1 dies at the first
   * @param death or null
   * @param failure instead of a death
   */
  MortalChannel(FileChannel file, int steps, RuntimeException death, IOException failure) {
    this.file = file;
    this.stepsLeft = steps;
    this.death = death;
    this.failure = failure;
  }

  private void step() throws IOException {
    if (--stepsLeft == 0) {
      if (death != null) {
        throw death;
      }
      throw failure;
    }
  }

  @Override
  public int write(ByteBuffer source, long position) throws IOException {
    step();
    if (source.remaining() <= PAGE_BYTES) {
      return file.write(source, position);
    }
    int half = source.remaining() / 2;
    ByteBuffer rest = source.duplicate().position(source.position() + half);
    file.write(source.limit(rest.position()), position);
    step();
    int written = half + file.write(rest, position + half);
    source.limit(rest.limit()).position(rest.position());
    return written;
  }

  @Override
  public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
    step();
    return file.map(mode, position, size);
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    return file.read(target, position);
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  protected void implCloseChannel() throws IOException {
    file.close();
  }

  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("nobody needed it yet");
  }

  @Override
  public int read(ByteBuffer target) {
    throw unused();
  }

  @Override
  public long read(ByteBuffer[] targets, int offset, int length) {
    throw unused();
  }

  @Override
  public int write(ByteBuffer source) {
    throw unused();
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) {
    throw unused();
  }

  @Override
  public long position() {
    throw unused();
  }

  @Override
  public FileChannel position(long newPosition) {
    throw unused();
  }

  @Override
  public FileChannel truncate(long size) {
    throw unused();
  }

  @Override
  public void force(boolean metaData) {
    throw unused();
  }

  @Override
  public long transferTo(long position, long count, WritableByteChannel target) {
    throw unused();
  }

  @Override
  public long transferFrom(ReadableByteChannel source, long position, long count) {
    throw unused();
  }

  @Override
  public FileLock lock(long position, long size, boolean shared) {
    throw unused();
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) {
    throw unused();
  }
}
