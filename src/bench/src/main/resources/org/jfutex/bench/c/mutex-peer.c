// SPDX-License-Identifier: Apache-2.0
//
// What a SharedMutex is measured against: glibc's mutexes in a mapped file.
//
//   mutex-peer uncontended FILE KIND                 lock and unlock; in slice i the mutex at another offset
//   mutex-peer contended FILE OFFSET KIND PROCESSES  so many processes increment one counter
//   mutex-peer held FILE OFFSET KIND PROCESSES NANOS  the same, with so much work under the mutex
//
// KIND is the number that a pthread_mutex_t of that kind holds. The offsets are those of MutexOperations.java and
// ContendedTask.java. See peer.h.

#include "peer.h"

#include "contended.h"

#include "mutex.h"

#include <string.h>

// As many as places in a page where a mutex may share the last 12 bits of its address with what else is hot.
#define MUTEXES 8
#define STRIDE (7 * CACHE_LINE)

static char *memory;
static long slices;

static double work_nanos;

// Work is time that passes, so that it is as much as Java's.
static void lock_and_work(void *m) {
  lock(m);
  double end = now_nanos() + work_nanos;
  while (now_nanos() < end) {
  }
}

static long uncontended(long operations) {
  pthread_mutex_t *m = (pthread_mutex_t *)(memory + slices++ % MUTEXES * STRIDE);
  for (long i = 0; i < operations; i++) {
    lock(m);
    unlock(m);
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 4 && strcmp(argv[1], "uncontended") == 0) {
    memory = map_file(argv[2]);
    for (int i = 0; i < MUTEXES; i++) init_mutex((pthread_mutex_t *)(memory + i * STRIDE), atoi(argv[3]));
    say_ready();
    serve(uncontended);
  } else if (argc == 6 && strcmp(argv[1], "contended") == 0) {
    char *place = map_file(argv[2]) + atol(argv[3]);
    if (is_first(place)) init_mutex((pthread_mutex_t *)place, atoi(argv[4]));
    say_ready();  // a slice begins when all did
    serve_contended(place, atol(argv[5]), lock, unlock);
  } else if (argc == 7 && strcmp(argv[1], "held") == 0) {
    char *place = map_file(argv[2]) + atol(argv[3]);
    if (is_first(place)) init_mutex((pthread_mutex_t *)place, atoi(argv[4]));
    work_nanos = atof(argv[6]);
    say_ready();
    if (work_nanos > 0) {
      serve_contended(place, atol(argv[5]), lock_and_work, unlock);
    } else {
      serve_contended(place, atol(argv[5]), lock, unlock);
    }
  } else {
    fprintf(stderr, "usage: %s uncontended FILE KIND | contended FILE OFFSET KIND PROCESSES\n", argv[0]);
    fprintf(stderr, "       %s held FILE OFFSET KIND PROCESSES NANOS\n", argv[0]);
    return 2;
  }
  return 0;
}
