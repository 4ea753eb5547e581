// SPDX-License-Identifier: Apache-2.0
//
// What many sleepers cost, and a sleeper by many words, in C.
//
//   crowd-peer blocked-wake FILE OFFSET N  FUTEX_WAKE with nobody waiting, while N threads sleep by other words
//   crowd-peer blocked-trip FILE OFFSET N  a round trip with one of N such threads, each in its turn
//   crowd-peer any-ping FILE OFFSET N      a round trip with the pong of the same file and offset, whose answer is to
//   crowd-peer any-pong FILE OFFSET N      one of N words, each in its turn
//
// The words are those of CrowdOperations.java and AnyOperations.java. A pong is commanded by its ping; see peer.h.

#include "peer.h"

#include "futex.h"

#include <pthread.h>
#include <string.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

#ifndef FUTEX_32
#define FUTEX_32 2
struct futex_waitv {
  uint64_t val;
  uint64_t uaddr;
  uint32_t flags;
  uint32_t reserved;
};
#endif

#define STOP UINT32_MAX
#define STACK_BYTES 65536

// Words that nobody waits for, taken in turns: no single one's luck in the kernel's hash table decides.
#define EMPTY 64

// The first one is the ping's and the pong's own, on a cache line of its own.
static word_t *own;
static word_t *words;
static unsigned count;
static uint32_t sequence;

static void *sleeper(void *seat) {
  word_t *word = seat;
  for (uint32_t seen = 0;;) {
    wait_while(word, seen);
    seen = atomic_load(word);
    atomic_store(own, seen);
    futex_wake(own, 1);
  }
  return NULL;
}

static long trip(long operations) {
  long woken = 0;
  for (long i = 0; i < operations; i++) {
    uint32_t before = sequence++;
    word_t *word = &words[before % count];
    atomic_store(word, sequence);
    woken += futex_wake(word, 1);
    wait_while(own, before);
  }
  return woken;
}

static long empty_wake(long operations) {
  long woken = 0;
  for (long i = 0; i < operations; i++) woken += futex_wake(&words[count + i % EMPTY], 1);
  return woken;
}

// Each has answered once, and so sleeps.
static void gather(void) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  for (unsigned i = 0; i < count; i++) {
    pthread_t thread;
    errno = pthread_create(&thread, &attributes, sleeper, &words[i]);
    if (errno) die("pthread_create");
  }
  trip(count);
}

static struct futex_waitv *any(void) {
  struct futex_waitv *all = calloc(count, sizeof *all);
  if (!all) die("calloc");
  for (unsigned i = 0; i < count; i++) all[i] = (struct futex_waitv){.uaddr = (uintptr_t)&words[i], .flags = FUTEX_32};
  return all;
}

static long any_ping(long operations) {
  static struct futex_waitv *all;
  if (!all) all = any();
  long woken = 0;
  for (long i = 0; i < operations; i++) {
    unsigned turn = sequence++ % count;
    atomic_store(own, sequence);
    woken += futex_wake(own, 1);
    while (atomic_load(&words[turn]) == all[turn].val) {
      if (syscall(SYS_futex_waitv, all, count, 0, NULL, 0) < 0 && errno != EAGAIN && errno != EINTR) die("futex_waitv");
    }
    all[turn].val = sequence;
  }
  return woken;
}

static void any_pong(void) {
  for (uint32_t seen = 0;;) {
    wait_while(own, seen);
    uint32_t before = seen;
    seen = atomic_load(own);
    if (seen == STOP) return;
    word_t *word = &words[before % count];
    atomic_store(word, seen);
    futex_wake(word, 1);
  }
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: %s blocked-wake|blocked-trip|any-ping|any-pong FILE OFFSET N\n", argv[0]);
    return 2;
  }
  char *place = map_file(argv[2]) + atol(argv[3]);
  own = (word_t *)place;
  words = (word_t *)(place + CACHE_LINE);
  count = atoi(argv[4]);
  if (strncmp(argv[1], "blocked-", 8) == 0) {
    gather();
    say_ready();
    if (strcmp(argv[1], "blocked-wake") == 0) {
      serve(empty_wake);
    } else {
      serve_trips(trip);
    }
  } else if (strcmp(argv[1], "any-ping") == 0) {
    say_ready();
    serve_trips(any_ping);
    atomic_store(own, STOP);
    futex_wake(own, 1);
  } else if (strcmp(argv[1], "any-pong") == 0) {
    say_ready();
    any_pong();
  } else {
    fprintf(stderr, "no such operation: %s\n", argv[1]);
    return 2;
  }
  return 0;
}
