// SPDX-License-Identifier: Apache-2.0
//
// What a SharedSemaphore is measured against: glibc's semaphores in a mapped file, each of one permit.
//
//   semaphore-peer uncontended FILE                 wait and post; in slice i the semaphore at another offset
//   semaphore-peer contended FILE OFFSET PROCESSES  so many processes increment one counter
//
// The offsets are those of SemaphoreOperations.java and ContendedTask.java. See peer.h.

#include "peer.h"

#include "contended.h"

#include <semaphore.h>
#include <string.h>

// As many as places in a page where one may share the last 12 bits of its address with what else is hot.
#define SEMAPHORES 8
#define STRIDE (7 * CACHE_LINE)

static char *memory;
static long slices;

static void init(char *place) {
  if (sem_init((sem_t *)place, 1, 1)) die("sem_init");
}

static void acquire(void *semaphore) {
  if (sem_wait(semaphore)) die("sem_wait");
}

static void release(void *semaphore) {
  if (sem_post(semaphore)) die("sem_post");
}

static long uncontended(long operations) {
  char *semaphore = memory + slices++ % SEMAPHORES * STRIDE;
  for (long i = 0; i < operations; i++) {
    acquire(semaphore);
    release(semaphore);
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "uncontended") == 0) {
    memory = map_file(argv[2]);
    for (int i = 0; i < SEMAPHORES; i++) init(memory + i * STRIDE);
    say_ready();
    serve(uncontended);
  } else if (argc == 5 && strcmp(argv[1], "contended") == 0) {
    char *place = map_file(argv[2]) + atol(argv[3]);
    if (is_first(place)) init(place);
    say_ready();  // a slice begins when all did
    serve_contended(place, atol(argv[4]), acquire, release);
  } else {
    fprintf(stderr, "usage: %s uncontended FILE | contended FILE OFFSET PROCESSES\n", argv[0]);
    return 2;
  }
  return 0;
}
