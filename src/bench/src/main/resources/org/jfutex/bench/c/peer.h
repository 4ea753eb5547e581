// SPDX-License-Identifier: Apache-2.0
//
// What the peers in C have in common: each maps a file shared and says "ready". From then on "slice MILLIS" on stdin
// runs the operation for about so long; the answer is nanoseconds per operation and the share of wakes that found a
// sleeper. The end of stdin ends it. Anything unexpected ends the process with a message.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define FILE_BYTES 16384
#define CACHE_LINE 64

// Longest plausible cost of an operation; the first slice corrects it.
#define FIRST_GUESS_NANOS 10000.0

static inline void die(const char *what) {
  perror(what);
  exit(1);
}

static inline char *map_file(const char *path) {
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) die(path);
  char *memory = mmap(NULL, FILE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) die("mmap");
  return memory;
}

static inline double now_nanos(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e9 + t.tv_nsec;
}

static inline void say_ready(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("ready");
}

// Of an operation that is repeated: run returns how many sleepers it woke.
static inline void serve(long (*run)(long operations)) {
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
