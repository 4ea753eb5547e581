// SPDX-License-Identifier: Apache-2.0
//
// What read-write locks are measured against: glibc's in a mapped file.
//
//   rwlock-peer uncontended FILE HALF KIND                 lock and unlock; in slice i the lock at another offset
//   rwlock-peer contended FILE OFFSET HALF KIND PROCESSES  so many processes read one counter, or increment it
//
// HALF is read or write. KIND is the number that pthread_rwlockattr_setkind_np takes: 0 readers first, the default; 2
// writers first. The offsets are those of ReadWriteOperations.java and ContendedTask.java. See peer.h.

#include "peer.h"

#include "contended.h"

#include <pthread.h>
#include <string.h>

// As many as places in a page where one may share the last 12 bits of its address with what else is hot.
#define LOCKS 8
#define STRIDE (7 * CACHE_LINE)

// Behind the locks of the other side, which are longer.
#define PLACES (192 * CACHE_LINE)

static char *memory;
static long slices;

static void check(int error, const char *what) {
  if (error) {
    errno = error;
    die(what);
  }
}

static void init(char *place, int kind) {
  pthread_rwlockattr_t attributes;
  check(pthread_rwlockattr_init(&attributes), "pthread_rwlockattr_init");
  check(pthread_rwlockattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED), "setpshared");
  check(pthread_rwlockattr_setkind_np(&attributes, kind), "setkind_np");
  check(pthread_rwlock_init((pthread_rwlock_t *)place, &attributes), "pthread_rwlock_init");
}

static void read_lock(void *l) { check(pthread_rwlock_rdlock(l), "pthread_rwlock_rdlock"); }

static void write_lock(void *l) { check(pthread_rwlock_wrlock(l), "pthread_rwlock_wrlock"); }

static void unlock(void *l) { check(pthread_rwlock_unlock(l), "pthread_rwlock_unlock"); }

INLINED long repeat(long operations, void (*lock)(void *)) {
  char *place = memory + PLACES + slices++ % LOCKS * STRIDE;
  for (long i = 0; i < operations; i++) {
    lock(place);
    unlock(place);
  }
  return 0;
}

static long reading(long operations) { return repeat(operations, read_lock); }

static long writing(long operations) { return repeat(operations, write_lock); }

static int writes(const char *half) { return strcmp(half, "write") == 0; }

int main(int argc, char **argv) {
  if (argc == 5 && strcmp(argv[1], "uncontended") == 0) {
    memory = map_file(argv[2]);
    for (int i = 0; i < LOCKS; i++) init(memory + PLACES + i * STRIDE, atoi(argv[4]));
    say_ready();
    serve(writes(argv[3]) ? writing : reading);
  } else if (argc == 7 && strcmp(argv[1], "contended") == 0) {
    char *place = map_file(argv[2]) + atol(argv[3]);
    if (is_first(place)) init(place, atoi(argv[5]));
    say_ready();  // a slice begins when all did
    if (writes(argv[4])) {
      serve_work(place, atol(argv[6]), 1, write_lock, unlock);
    } else {
      serve_work(place, atol(argv[6]), 0, read_lock, unlock);
    }
  } else {
    fprintf(stderr, "usage: %s uncontended FILE HALF KIND | contended FILE OFFSET HALF KIND PROCESSES\n", argv[0]);
    return 2;
  }
  return 0;
}
