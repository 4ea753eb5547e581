// SPDX-License-Identifier: Apache-2.0
//
// What the peers in C have in common: each maps a file shared and says "ready". From then on "slice MILLIS" on stdin
// runs the operation for about so long; the answer is nanoseconds per operation, the share of wakes that found a
// sleeper, what those who did least and most did of it, which is all of one alone, and perhaps nanoseconds of single
// operations. The end of stdin ends it. Anything unexpected ends the process with a message.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define FILE_BYTES 65536
#define CACHE_LINE 64

// Longest plausible cost of an operation; the first slice corrects it.
#define FIRST_GUESS_NANOS 10000.0

// As those of Loop.java.
#define MOST_SAMPLES 1000
#define OPERATIONS_A_SAMPLE 8

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

// Answers slices of an operation that is repeated: run returns how many sleepers it woke. So many operations at most, of
// several each, are timed alone; and after each slice comes the rest, if there is one.
static inline void serve_slices(long (*run)(long operations), long most_samples, void (*rest)(void)) {
  double guess = FIRST_GUESS_NANOS;
  double samples[MOST_SAMPLES];
  long millis;
  while (scanf(" slice %ld", &millis) == 1) {
    long operations = (long)(millis * 1e6 / guess) + 1;
    long count = operations / OPERATIONS_A_SAMPLE;
    if (count > most_samples) count = most_samples;
    long stride = count ? operations / count : 0;
    double start = now_nanos();
    long woken = run(operations - count * stride);
    for (long i = 0; i < count; i++) {
      woken += run(stride - 1);
      double before = now_nanos();
      woken += run(1);
      samples[i] = now_nanos() - before;
    }
    guess = (now_nanos() - start) / operations;
    if (rest) rest();
    printf("%.3f %.4f 1 1", guess, (double)woken / operations);
    for (long i = 0; i < count; i++) printf(" %.0f", samples[i]);
    puts("");
  }
}

static inline void serve(long (*run)(long operations)) { serve_slices(run, 0, NULL); }

// Of round trips: they are so long that the clock does not show.
static inline void serve_trips(long (*run)(long operations)) { serve_slices(run, MOST_SAMPLES, NULL); }
