// SPDX-License-Identifier: Apache-2.0
//
// What a SharedMutex is measured against: glibc's mutexes in a mapped file.
//
//   mutex-peer uncontended FILE KIND                 lock and unlock; in slice i the mutex at another offset
//   mutex-peer contended FILE OFFSET KIND PROCESSES  so many processes increment one counter
//
// KIND is the number that a pthread_mutex_t of that kind holds. The offsets are those of MutexOperations.java and
// ContendedTask.java. See peer.h.

#include "peer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define AGAIN_MASK 3
#define ROBUST 16
#define PRIORITY_INHERITANCE 32

// As many as places in a page where a mutex may share the last 12 bits of its address with what else is hot.
#define MUTEXES 8
#define STRIDE (7 * CACHE_LINE)

// Of a contended mutex, in cache lines: what else there is.
#define COUNTER CACHE_LINE
#define ARRIVED (2 * CACHE_LINE)
#define TOTAL (3 * CACHE_LINE)
#define CAME (4 * CACHE_LINE)

// Between two looks at the clock.
#define BATCH 32

#define NAP_NANOS 50000
#define PATIENCE_NANOS 20e9

static char *memory;
static pthread_mutex_t *mutex;
static long slices;

static void check(int error, const char *what) {
  if (error) {
    errno = error;
    die(what);
  }
}

static void init(pthread_mutex_t *m, int kind) {
  pthread_mutexattr_t attributes;
  check(pthread_mutexattr_init(&attributes), "pthread_mutexattr_init");
  check(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED), "setpshared");
  check(pthread_mutexattr_settype(&attributes, kind & AGAIN_MASK), "settype");
  if (kind & ROBUST) check(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST), "setrobust");
  if (kind & PRIORITY_INHERITANCE) {
    check(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT), "setprotocol");
  }
  check(pthread_mutex_init(m, &attributes), "pthread_mutex_init");
}

static long uncontended(long operations) {
  pthread_mutex_t *m = (pthread_mutex_t *)(memory + slices++ % MUTEXES * STRIDE);
  for (long i = 0; i < operations; i++) {
    check(pthread_mutex_lock(m), "pthread_mutex_lock");
    check(pthread_mutex_unlock(m), "pthread_mutex_unlock");
  }
  return 0;
}

static atomic_uint *field(int offset) { return (atomic_uint *)((char *)mutex + offset); }

// Naps until so many arrived, this process among them.
static void meet(unsigned everybody) {
  atomic_fetch_add(field(ARRIVED), 1);
  double deadline = now_nanos() + PATIENCE_NANOS;
  while (atomic_load(field(ARRIVED)) < everybody) {
    if (now_nanos() > deadline) {
      errno = ETIMEDOUT;
      die("the other processes");
    }
    nanosleep(&(struct timespec){.tv_nsec = NAP_NANOS}, NULL);
  }
}

static long increment_until(double end) {
  volatile unsigned *counter = (volatile unsigned *)((char *)mutex + COUNTER);
  long times = 0;
  do {
    for (int i = 0; i < BATCH; i++) {
      check(pthread_mutex_lock(mutex), "pthread_mutex_lock");
      ++*counter;
      check(pthread_mutex_unlock(mutex), "pthread_mutex_unlock");
    }
    times += BATCH;
  } while (now_nanos() < end);
  return times;
}

static void contended(unsigned processes) {
  unsigned meetings = 0;
  long millis;
  while (scanf(" slice %ld", &millis) == 1) {
    meet(++meetings * processes);
    double start = now_nanos();
    long times = increment_until(start + millis * 1e6);
    double nanos = now_nanos() - start;
    atomic_fetch_add(field(TOTAL), times);
    meet(++meetings * processes);
    if (*field(COUNTER) != *field(TOTAL)) {
      fprintf(stderr, "counted %u increments, expected %u\n", *field(COUNTER), *field(TOTAL));
      exit(1);
    }
    printf("%.3f 0\n", nanos / times);
  }
}

int main(int argc, char **argv) {
  if (argc == 4 && strcmp(argv[1], "uncontended") == 0) {
    memory = map_file(argv[2]);
    for (int i = 0; i < MUTEXES; i++) init((pthread_mutex_t *)(memory + i * STRIDE), atoi(argv[3]));
    say_ready();
    serve(uncontended);
  } else if (argc == 6 && strcmp(argv[1], "contended") == 0) {
    memory = map_file(argv[2]);
    mutex = (pthread_mutex_t *)(memory + atol(argv[3]));
    if (atomic_fetch_add(field(CAME), 1) == 0) init(mutex, atoi(argv[4]));
    say_ready();  // a slice begins when all did
    contended(atol(argv[5]));
  } else {
    fprintf(stderr, "usage: %s uncontended FILE KIND | contended FILE OFFSET KIND PROCESSES\n", argv[0]);
    return 2;
  }
  return 0;
}
