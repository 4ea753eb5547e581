// SPDX-License-Identifier: Apache-2.0
//
// Several processes that increment one plain counter, each as fast as it can, under whatever excludes them, or read it
// under what does not; the fields are those of ContendedTask.java. See peer.h.

#include <errno.h>
#include <stdatomic.h>

// Behind the place of the lock, in cache lines: what else there is.
#define COUNTER CACHE_LINE
#define ARRIVED (2 * CACHE_LINE)
#define TOTAL (3 * CACHE_LINE)
#define CAME (4 * CACHE_LINE)

// Between two looks at the clock, which are two.
#define BATCH 32

// As those of Latencies.java.
#define MOST_LATENCIES 1024

#define NAP_NANOS 50000
#define PATIENCE_NANOS 20e9

#define INLINED static inline __attribute__((always_inline))

static inline atomic_uint *field(char *place, int offset) { return (atomic_uint *)(place + offset); }

// Of all processes one is the first to ask.
static inline int is_first(char *place) { return atomic_fetch_add(field(place, CAME), 1) == 0; }

// Naps until so many arrived, this process among them.
static inline void meet(char *place, unsigned everybody) {
  atomic_fetch_add(field(place, ARRIVED), 1);
  double deadline = now_nanos() + PATIENCE_NANOS;
  while (atomic_load(field(place, ARRIVED)) < everybody) {
    if (now_nanos() > deadline) {
      errno = ETIMEDOUT;
      die("the other processes");
    }
    nanosleep(&(struct timespec){.tv_nsec = NAP_NANOS}, NULL);
  }
}

// What the single operations of a slice took; of many a sample: every second one, every fourth, ..
struct latencies {
  double nanos[MOST_LATENCIES];
  int count;
  long added, stride;
};

static inline void add_latency(struct latencies *latencies, double nanos) {
  if (latencies->added++ % latencies->stride) return;
  if (latencies->count == MOST_LATENCIES) {
    latencies->count /= 2;
    for (int i = 0; i < latencies->count; i++) latencies->nanos[i] = latencies->nanos[2 * i];
    latencies->stride *= 2;
  }
  latencies->nanos[latencies->count++] = nanos;
}

static inline void print_latencies(const struct latencies *latencies) {
  for (int i = 0; i < latencies->count; i++) printf(" %.0f", latencies->nanos[i]);
  puts("");
}

INLINED void work(char *place, int times, int writes, void (*lock)(void *), void (*unlock)(void *)) {
  volatile unsigned *counter = (volatile unsigned *)(place + COUNTER);
  for (int i = 0; i < times; i++) {
    lock(place);
    unsigned before = *counter;
    if (writes) *counter = before + 1;
    unlock(place);
  }
}

// The last of each batch is timed alone.
INLINED long work_until(char *place, double end, struct latencies *latencies, int writes, void (*lock)(void *),
                        void (*unlock)(void *)) {
  long times = 0;
  double now;
  do {
    work(place, BATCH - 1, writes, lock, unlock);
    double before = now_nanos();
    work(place, 1, writes, lock, unlock);
    now = now_nanos();
    add_latency(latencies, now - before);
    times += BATCH;
  } while (now < end);
  return times;
}

// Serves slices; in each all processes take part, and the counter is looked at in the end.
INLINED void serve_work(char *place, unsigned processes, int writes, void (*lock)(void *), void (*unlock)(void *)) {
  unsigned meetings = 0;
  long millis;
  while (scanf(" slice %ld", &millis) == 1) {
    meet(place, ++meetings * processes);
    struct latencies latencies = {.stride = 1};
    double start = now_nanos();
    long times = work_until(place, start + millis * 1e6, &latencies, writes, lock, unlock);
    double nanos = now_nanos() - start;
    if (writes) atomic_fetch_add(field(place, TOTAL), times);
    meet(place, ++meetings * processes);
    if (*field(place, COUNTER) != *field(place, TOTAL)) {
      fprintf(stderr, "counted %u increments, expected %u\n", *field(place, COUNTER), *field(place, TOTAL));
      exit(1);
    }
    printf("%.3f 0 1 1", nanos / times);
    print_latencies(&latencies);
  }
}

INLINED void serve_contended(char *place, unsigned processes, void (*lock)(void *), void (*unlock)(void *)) {
  serve_work(place, processes, 1, lock, unlock);
}
