// SPDX-License-Identifier: Apache-2.0
//
// What jfutex is measured against: the same futex calls in C.
//
//   futex-peer empty-wake FILE OFFSET        FUTEX_WAKE with nobody waiting
//   futex-peer mismatching-wait FILE OFFSET  FUTEX_WAIT that answers EAGAIN
//   futex-peer ping FILE OFFSET              a round trip with the pong of the same file and offset
//   futex-peer pong FILE OFFSET
//   futex-peer spin-ping FILE OFFSET         the same awake: nobody sleeps, nobody is woken
//   futex-peer spin-pong FILE OFFSET
//
// A pong is commanded by its ping; for the others see peer.h.

#include "peer.h"

#include "futex.h"

#include <limits.h>
#include <string.h>

#define STOP UINT32_MAX

// Between slices a pong that spins sleeps, or it would take its CPU from the other side's turn.
#define PAUSE 0

static word_t *word;   // of the operation; of a ping or pong: where the ping sleeps
static word_t *other;  // where the pong sleeps
static uint32_t sequence;
static int paused = 1;  // the pong that spins

static long empty_wake(long operations) {
  long woken = 0;
  for (long i = 0; i < operations; i++) woken += futex_wake(word, 1);
  return woken;
}

static long mismatching_wait(long operations) {
  uint32_t value = atomic_load(word) + 1;
  for (long i = 0; i < operations; i++) {
    if (syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0) != -1 || errno != EAGAIN) die("FUTEX_WAIT");
  }
  return 0;
}

static long ping(long operations) {
  long woken = 0;
  for (long i = 0; i < operations; i++) {
    uint32_t before = sequence++;
    atomic_store(other, sequence);
    woken += futex_wake(other, 1);
    wait_while(word, before);
  }
  return woken;
}

// As who spins should: the processor is told.
static void spin_while(word_t *w, uint32_t value) {
  while (atomic_load_explicit(w, memory_order_acquire) == value) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }
}

static long spin_ping(long operations) {
  for (long i = 0; i < operations; i++) {
    uint32_t before = sequence++;
    atomic_store_explicit(other, sequence, memory_order_release);
    if (paused) futex_wake(other, 1);
    paused = 0;
    spin_while(word, before);
  }
  return 0;
}

static void pause_pong(void) {
  atomic_store(other, PAUSE);
  paused = 1;
}

static void spin_pong(void) {
  for (uint32_t seen = PAUSE; seen != STOP;) {
    if (seen == PAUSE) {
      wait_while(other, seen);
    } else {
      spin_while(other, seen);
    }
    seen = atomic_load_explicit(other, memory_order_acquire);
    if (seen != PAUSE) atomic_store_explicit(word, seen, memory_order_release);
  }
}

static void stop_pong(void) {
  atomic_store(other, STOP);
  futex_wake(other, INT_MAX);
}

static void pong(void) {
  uint32_t seen = 0;
  for (;;) {
    wait_while(other, seen);
    seen = atomic_load(other);
    if (seen == STOP) return;
    atomic_store(word, seen);
    futex_wake(word, 1);
  }
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s empty-wake|mismatching-wait|ping|pong|spin-ping|spin-pong FILE OFFSET\n", argv[0]);
    return 2;
  }
  char *memory = map_file(argv[2]);
  word = (word_t *)(memory + atol(argv[3]));
  other = (word_t *)((char *)word + CACHE_LINE);

  say_ready();
  if (strcmp(argv[1], "empty-wake") == 0) {
    serve(empty_wake);
  } else if (strcmp(argv[1], "mismatching-wait") == 0) {
    serve(mismatching_wait);
  } else if (strcmp(argv[1], "ping") == 0) {
    serve_trips(ping);
    stop_pong();
  } else if (strcmp(argv[1], "pong") == 0) {
    pong();
  } else if (strcmp(argv[1], "spin-ping") == 0) {
    serve_slices(spin_ping, MOST_SAMPLES, pause_pong);
    stop_pong();
  } else if (strcmp(argv[1], "spin-pong") == 0) {
    spin_pong();
  } else {
    fprintf(stderr, "no such operation: %s\n", argv[1]);
    return 2;
  }
  return 0;
}
