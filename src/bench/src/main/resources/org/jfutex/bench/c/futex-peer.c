// SPDX-License-Identifier: Apache-2.0
//
// What jfutex is measured against: the same futex calls in C.
//
//   futex-peer empty-wake FILE OFFSET        FUTEX_WAKE with nobody waiting
//   futex-peer mismatching-wait FILE OFFSET  FUTEX_WAIT that answers EAGAIN
//   futex-peer ping FILE OFFSET              a round trip with the pong of the same file and offset
//   futex-peer pong FILE OFFSET
//
// Each maps the file shared and says "ready". From then on "slice MILLIS" on stdin runs the operation for about so
// long; the answer is nanoseconds per operation and the share of wakes that found a sleeper. The end of stdin ends it.
// A pong is commanded by its ping. Anything unexpected ends the process with a message.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define FILE_BYTES 4096
#define CACHE_LINE 64
#define STOP UINT32_MAX

// Longest plausible cost of an operation; the first slice corrects it.
#define FIRST_GUESS_NANOS 10000.0

typedef _Atomic uint32_t word_t;

static word_t *word;   // of the operation; of a ping or pong: where the ping sleeps
static word_t *other;  // where the pong sleeps
static uint32_t sequence;

static void die(const char *what) {
  perror(what);
  exit(1);
}

// No FUTEX_PRIVATE_FLAG: the words are shared with another process.
static long futex_wake(word_t *w, int count) {
  long woken = syscall(SYS_futex, w, FUTEX_WAKE, count, NULL, NULL, 0);
  if (woken < 0) die("FUTEX_WAKE");
  return woken;
}

static void wait_while(word_t *w, uint32_t value) {
  while (atomic_load(w) == value) {
    if (syscall(SYS_futex, w, FUTEX_WAIT, value, NULL, NULL, 0) < 0 && errno != EAGAIN && errno != EINTR) {
      die("FUTEX_WAIT");
    }
  }
}

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

static double now_nanos(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static void serve(long (*run)(long)) {
  double guess = FIRST_GUESS_NANOS;
  long millis;
  while (scanf(" slice %ld", &millis) == 1) {
    long operations = (long)(millis * 1e6 / guess) + 1;
    double start = now_nanos();
    long woken = run(operations);
    guess = (now_nanos() - start) / operations;
    printf("%.3f %.4f\n", guess, (double)woken / operations);
  }
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s empty-wake|mismatching-wait|ping|pong FILE OFFSET\n", argv[0]);
    return 2;
  }
  int fd = open(argv[2], O_RDWR | O_CLOEXEC);
  if (fd < 0) die(argv[2]);
  char *memory = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) die("mmap");
  word = (word_t *)(memory + atol(argv[3]));
  other = (word_t *)((char *)word + CACHE_LINE);

  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("ready");
  if (strcmp(argv[1], "empty-wake") == 0) {
    serve(empty_wake);
  } else if (strcmp(argv[1], "mismatching-wait") == 0) {
    serve(mismatching_wait);
  } else if (strcmp(argv[1], "ping") == 0) {
    serve(ping);
    stop_pong();
  } else if (strcmp(argv[1], "pong") == 0) {
    pong();
  } else {
    fprintf(stderr, "no such operation: %s\n", argv[1]);
    return 2;
  }
  return 0;
}
