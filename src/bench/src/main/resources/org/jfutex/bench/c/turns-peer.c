// SPDX-License-Identifier: Apache-2.0
//
// Two processes that take turns under a mutex of glibc's, each asleep meanwhile.
//
//   turns-peer hand-off-ping FILE OFFSET KIND   from the unlock of one until the lock of the other returns
//   turns-peer hand-off-pong FILE OFFSET KIND
//   turns-peer owner-died-ping FILE OFFSET KIND  from the SIGKILL of its owner until the lock of the other returns
//   turns-peer owner-died-pong FILE OFFSET KIND  the parent of those who are killed
//   turns-peer condition-ping FILE OFFSET KIND  a round trip by two conditions of the mutex
//   turns-peer condition-pong FILE OFFSET KIND
//
// The places and the steps are those of MutexHandOff.java, OwnerDeath.java and ConditionOperations.java. A pong is
// started before its ping and ended by it. See peer.h and mutex.h.

#include "peer.h"

#include "mutex.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define PINGS_TURN 0
#define PONGS_TURN 1
#define STOP (-1)

// Of a hand-off. At first it is nobody's turn.
#define HAS_PING 1
#define HAS_PONG 2
#define STOPPED 3
#define NAP_NANOS 50000

// Of a death.
#define NEEDS_VICTIM 0
#define HAS_VICTIM 1
#define NO_MORE 2
#define LOOKS 100
#define LONG_NAP_NANOS 2000000

// In the word of a mutex, for the kernel.
#define WAITED_FOR 0x80000000u

// Longer than anyone spins.
#define WORK_NANOS 100000.0

static char *memory;

static pthread_mutex_t *mutex(void) { return (pthread_mutex_t *)memory; }

static void nap(void) { nanosleep(&(struct timespec){.tv_nsec = NAP_NANOS}, NULL); }

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// Slices of what is timed each time, and takes long beside that.
static void serve_single(double (*timed)(void)) {
  double samples[MOST_SAMPLES];
  long millis;
  while (scanf(" slice %ld", &millis) == 1) {
    double end = now_nanos() + millis * 1e6;
    int count = 0;
    do samples[count++] = timed();
    while (now_nanos() < end && count < MOST_SAMPLES);
    qsort(samples, count, sizeof *samples, by_size);
    printf("%.3f 0 1 1", samples[count / 2]);
    for (int i = 0; i < count; i++) printf(" %.0f", samples[i]);
    puts("");
  }
}

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

static double there(void) {
  give(HAS_PING);
  return take(HAS_PING);
}

static void hand_off_pong(void) {
  while (!atomic_load(holder())) nap();
  for (;;) {
    take(HAS_PONG);
    if (atomic_load(holder()) == STOPPED) break;
    give(HAS_PONG);
  }
  unlock(mutex());
}

// Of a death.

static atomic_int *dying(void) { return (atomic_int *)(memory + CACHE_LINE); }

static volatile int64_t *killed(void) { return (volatile int64_t *)(memory + 2 * CACHE_LINE); }

static double inherit(void) {
  while (atomic_load(dying()) != HAS_VICTIM) nap();
  int error = pthread_mutex_lock(mutex());
  if (error != EOWNERDEAD) check(error ? error : ENOTRECOVERABLE, "pthread_mutex_lock after a death");
  check(pthread_mutex_consistent(mutex()), "pthread_mutex_consistent");
  double nanos = now_nanos() - *killed();
  unlock(mutex());
  atomic_store(dying(), NEEDS_VICTIM);
  return nanos;
}

// A child that locks the mutex and keeps it; it ends with its parent.
static pid_t victim(void) {
  pid_t parent = getpid();
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child > 0) return child;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent) _exit(1);
  lock(mutex());
  atomic_compare_exchange_strong(dying(), &(int){NEEDS_VICTIM}, HAS_VICTIM);  // unless it is over
  for (;;) pause();
}

// Kills one victim after the other, each once somebody sleeps for its mutex.
static void bury_victims(void) {
  atomic_uint *word = (atomic_uint *)mutex();
  while (atomic_load(dying()) != NO_MORE) {
    pid_t child = victim();
    for (int look = 0; atomic_load(dying()) != NO_MORE && !(atomic_load(word) & WAITED_FOR); look++) {
      if (look < LOOKS) nap();
      else nanosleep(&(struct timespec){.tv_nsec = LONG_NAP_NANOS}, NULL);  // the other side's slice
    }
    nap();  // who says so is about to sleep
    *killed() = now_nanos();
    kill(child, SIGKILL);
    if (waitpid(child, NULL, 0) != child) die("waitpid");
    while (atomic_load(dying()) == HAS_VICTIM) nap();
  }
}

// Of conditions.

static pthread_cond_t *pings(void) { return (pthread_cond_t *)(memory + CACHE_LINE); }

static pthread_cond_t *pongs(void) { return (pthread_cond_t *)(memory + 2 * CACHE_LINE); }

static volatile int *turn(void) { return (volatile int *)(memory + 3 * CACHE_LINE); }

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
    fprintf(stderr, "usage: %s hand-off|owner-died|condition FILE OFFSET KIND, with -ping or -pong\n", argv[0]);
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
    take(HAS_PING);
    serve_single(there);
    atomic_store(holder(), STOPPED);
    unlock(mutex());
  } else if (strcmp(operation, "owner-died-pong") == 0) {
    init_mutex(mutex(), atoi(argv[4]));
    say_ready();
    bury_victims();
  } else if (strcmp(operation, "owner-died-ping") == 0) {
    say_ready();
    serve_single(inherit);
    atomic_store(dying(), NO_MORE);
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
