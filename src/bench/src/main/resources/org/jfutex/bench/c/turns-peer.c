// SPDX-License-Identifier: Apache-2.0
//
// Two processes that take turns under a mutex of glibc's, each asleep meanwhile.
//
//   turns-peer hand-off-ping FILE OFFSET KIND   from the unlock of one until the lock of the other returns
//   turns-peer hand-off-pong FILE OFFSET KIND
//   turns-peer condition-ping FILE OFFSET KIND  a round trip by two conditions of the mutex
//   turns-peer condition-pong FILE OFFSET KIND
//
// The places and the steps are those of MutexHandOff.java and ConditionOperations.java. A pong is started before its
// ping and ended by it. See peer.h and mutex.h.

#include "peer.h"

#include "mutex.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#define PINGS_TURN 0
#define PONGS_TURN 1
#define STOP (-1)

// Of a hand-off. At first it is nobody's turn.
#define HAS_PING 1
#define HAS_PONG 2
#define STOPPED 3
#define NAP_NANOS 50000

// Longer than anyone spins.
#define WORK_NANOS 100000.0

static char *memory;

static pthread_mutex_t *mutex(void) { return (pthread_mutex_t *)memory; }

// Of a hand-off.

static atomic_int *holder(void) { return (atomic_int *)(memory + CACHE_LINE); }

static volatile double *given(void) { return (volatile double *)(memory + 2 * CACHE_LINE); }

static double take(int self) {
  lock(mutex());
  double nanos = now_nanos() - *given();
  if (atomic_load(holder()) != STOPPED) atomic_store(holder(), self);
  return nanos;
}

static void give(int self) {
  double end = now_nanos() + WORK_NANOS;
  while (now_nanos() < end) {
  }
  *given() = now_nanos();
  unlock(mutex());
  while (atomic_load(holder()) == self) {
  }
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void hand_off_ping(void) {
  double samples[MOST_SAMPLES];
  long millis;
  take(HAS_PING);
  while (scanf(" slice %ld", &millis) == 1) {
    double end = now_nanos() + millis * 1e6;
    int count = 0;
    do {
      give(HAS_PING);
      samples[count++] = take(HAS_PING);
    } while (now_nanos() < end && count < MOST_SAMPLES);
    qsort(samples, count, sizeof *samples, by_size);
    printf("%.3f 0 1 1", samples[count / 2]);
    for (int i = 0; i < count; i++) printf(" %.0f", samples[i]);
    puts("");
  }
  atomic_store(holder(), STOPPED);
  unlock(mutex());
}

static void hand_off_pong(void) {
  while (!atomic_load(holder())) nanosleep(&(struct timespec){.tv_nsec = NAP_NANOS}, NULL);
  for (;;) {
    take(HAS_PONG);
    if (atomic_load(holder()) == STOPPED) break;
    give(HAS_PONG);
  }
  unlock(mutex());
}

// Of conditions.

static pthread_cond_t *pings(void) { return (pthread_cond_t *)(memory + CACHE_LINE); }

static pthread_cond_t *pongs(void) { return (pthread_cond_t *)(memory + 2 * CACHE_LINE); }

static volatile int *turn(void) { return (volatile int *)(memory + 3 * CACHE_LINE); }

static void init_condition(pthread_cond_t *condition) {
  pthread_condattr_t attributes;
  check(pthread_condattr_init(&attributes), "pthread_condattr_init");
  check(pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED), "setpshared");
  check(pthread_cond_init(condition, &attributes), "pthread_cond_init");
}

static void await(pthread_cond_t *condition) { check(pthread_cond_wait(condition, mutex()), "pthread_cond_wait"); }

static void hand_over(int next, pthread_cond_t *sleepers) {
  *turn() = next;
  check(pthread_cond_signal(sleepers), "pthread_cond_signal");
}

static long condition_ping(long operations) {
  for (long i = 0; i < operations; i++) {
    lock(mutex());
    hand_over(PONGS_TURN, pongs());
    while (*turn() != PINGS_TURN) await(pings());
    unlock(mutex());
  }
  return 0;
}

static void condition_pong(void) {
  lock(mutex());
  for (;;) {
    while (*turn() == PINGS_TURN) await(pongs());
    if (*turn() == STOP) break;
    hand_over(PINGS_TURN, pings());
    unlock(mutex());
    lock(mutex());
  }
  unlock(mutex());
}

static void stop_condition_pong(void) {
  lock(mutex());
  hand_over(STOP, pongs());
  unlock(mutex());
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: %s hand-off-ping|hand-off-pong|condition-ping|condition-pong FILE OFFSET KIND\n", argv[0]);
    return 2;
  }
  const char *operation = argv[1];
  memory = map_file(argv[2]) + atol(argv[3]);
  if (strcmp(operation, "hand-off-pong") == 0) {
    init_mutex(mutex(), atoi(argv[4]));
    say_ready();
    hand_off_pong();
  } else if (strcmp(operation, "hand-off-ping") == 0) {
    say_ready();
    hand_off_ping();
  } else if (strcmp(operation, "condition-pong") == 0) {
    init_mutex(mutex(), atoi(argv[4]));
    init_condition(pings());
    init_condition(pongs());
    say_ready();
    condition_pong();
  } else if (strcmp(operation, "condition-ping") == 0) {
    say_ready();
    serve_trips(condition_ping);
    stop_condition_pong();
  } else {
    fprintf(stderr, "no such operation: %s\n", operation);
    return 2;
  }
  return 0;
}
