// SPDX-License-Identifier: Apache-2.0
package org.jfutex.interop;

import java.nio.ByteBuffer;
import java.util.Map;
import org.jfutex.linux.LinuxAbi;

/**
 * The 40 bytes of a mutex in words that do not depend on who is who: thread ids and addresses are told by the names of
 * peers. Two mutexes with the same history have the same text, or one of them is wrong.
 */
final class MutexBytes {
  static final int KIND = 16;
  static final int BYTES = 40;
  private static final int COUNT = 4;
  private static final int OWNER = 8;
  private static final int NUSERS = 12;
  private static final int SPINS_AND_ELISION = 20;
  private static final int PREV = 24;
  private static final int NEXT = 32;

  private final Map<Character, Peer> peers;
  private final ByteBuffer memory;
  private final int offset;

  private MutexBytes(Map<Character, Peer> peers, ByteBuffer memory, int offset) {
    this.peers = peers;
    this.memory = memory;
    this.offset = offset;
  }

  static String describe(Map<Character, Peer> peers, ByteBuffer memory, int offset) {
    return new MutexBytes(peers, memory, offset).describe();
  }

  private String describe() {
    return "lock "
        + word(field(0))
        + ", count "
        + field(COUNT)
        + ", owner "
        + tid(field(OWNER))
        + ", nusers "
        + field(NUSERS)
        + ", kind 0x"
        + Integer.toHexString(field(KIND))
        + ", spins and elision "
        + field(SPINS_AND_ELISION)
        + ", prev "
        + pointer(memory.getLong(offset + PREV))
        + ", next "
        + pointer(memory.getLong(offset + NEXT));
  }

  private int field(int at) {
    return memory.getInt(offset + at);
  }

  private String word(int word) {
    return ((word & LinuxAbi.FUTEX_WAITERS) != 0 ? "WAITERS " : "")
        + ((word & LinuxAbi.FUTEX_OWNER_DIED) != 0 ? "OWNER_DIED " : "")
        + tid(word & LinuxAbi.FUTEX_TID_MASK);
  }

  private String tid(int tid) {
    return peers.entrySet().stream()
        .filter(peer -> peer.getValue().tid() == tid)
        .map(peer -> peer.getKey().toString())
        .findFirst()
        .orElse("0x" + Integer.toHexString(tid));
  }

  private String pointer(long pointer) {
    long address = pointer & ~LinuxAbi.ROBUST_LIST_PI;
    String mark = address == pointer ? "" : " PI";
    for (Map.Entry<Character, Peer> peer : peers.entrySet()) {
      if (address == peer.getValue().head()) {
        return "the head of " + peer.getKey() + mark;
      }
    }
    return "0x" + Long.toHexString(pointer);
  }
}
