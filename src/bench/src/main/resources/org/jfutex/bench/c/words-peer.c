// SPDX-License-Identifier: Apache-2.0
//
// What a SharedBarrier and a SharedEvent are measured against: glibc's process-shared barrier, and a flag under a
// process-shared mutex with a condition.
//
//   words-peer barrier FILE              the only party of a barrier
//   words-peer event-set-reset FILE      a manual-reset event that nobody waits for
//   words-peer event-set-take FILE       an auto-reset one that is set when it is waited for
//   words-peer barrier-ping FILE OFFSET  a party of two, with the pong of the same file and offset
//   words-peer barrier-pong FILE OFFSET
//   words-peer event-ping FILE OFFSET    a round trip with that pong, by two auto-reset events
//   words-peer event-pong FILE OFFSET
//   words-peer barrier-meeting FILE OFFSET PROCESSES    so many processes meet again and again, at a barrier
//   words-peer condition-meeting FILE OFFSET PROCESSES  or by a condition that the last one broadcasts
//
// The places of those without an offset are beside those of WordsOperations.java, as many and as far apart. A pong is
// started before its ping and ended by it. See peer.h.

#include "peer.h"

#include "contended.h"

#include "mutex.h"

#include <string.h>

// As many as places in a page that may share the last 12 bits of their address with what else is hot.
#define PLACES 8
#define STRIDE (7 * CACHE_LINE)
#define BESIDE (2 * CACHE_LINE)

// Of two processes.
#define PONGS (2 * CACHE_LINE)
#define STOP (4 * CACHE_LINE)

// Of a batch.
#define MEETINGS 8

struct event {
  pthread_mutex_t mutex;
  pthread_cond_t condition;
  int set;
};

static char *memory;
static long slices;

static char *next_place(void) { return memory + BESIDE + slices++ % PLACES * STRIDE; }

static void init_barrier(char *at, unsigned parties) {
  pthread_barrierattr_t attributes;
  check(pthread_barrierattr_init(&attributes), "pthread_barrierattr_init");
  check(pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED), "setpshared");
  check(pthread_barrier_init((pthread_barrier_t *)at, &attributes, parties), "pthread_barrier_init");
}

static void await(pthread_barrier_t *barrier) {
  int result = pthread_barrier_wait(barrier);
  if (result != PTHREAD_BARRIER_SERIAL_THREAD) check(result, "pthread_barrier_wait");
}

static void init_event(char *at) {
  struct event *event = (struct event *)at;
  init_mutex(&event->mutex, 0);
  init_condition(&event->condition);
}

static void write_set(struct event *event, int set) {
  check(pthread_mutex_lock(&event->mutex), "pthread_mutex_lock");
  event->set = set;
  check(pthread_mutex_unlock(&event->mutex), "pthread_mutex_unlock");
}

static void take(struct event *event) {
  check(pthread_mutex_lock(&event->mutex), "pthread_mutex_lock");
  while (!event->set) check(pthread_cond_wait(&event->condition, &event->mutex), "pthread_cond_wait");
  event->set = 0;
  check(pthread_mutex_unlock(&event->mutex), "pthread_mutex_unlock");
}

// The signal comes after the unlock: so whoever is woken finds the mutex free, and this peer is the faster one.
static void set_for_one(struct event *event) {
  write_set(event, 1);
  check(pthread_cond_signal(&event->condition), "pthread_cond_signal");
}

static void set_for_all(struct event *event) {
  write_set(event, 1);
  check(pthread_cond_broadcast(&event->condition), "pthread_cond_broadcast");
}

static long barrier(long operations) {
  pthread_barrier_t *one = (pthread_barrier_t *)next_place();
  for (long i = 0; i < operations; i++) await(one);
  return 0;
}

static long event_set_reset(long operations) {
  struct event *one = (struct event *)next_place();
  for (long i = 0; i < operations; i++) {
    set_for_all(one);
    write_set(one, 0);
  }
  return 0;
}

static long event_set_take(long operations) {
  struct event *one = (struct event *)next_place();
  for (long i = 0; i < operations; i++) {
    set_for_one(one);
    take(one);
  }
  return 0;
}

static volatile int *stop(void) { return (volatile int *)(memory + STOP); }

static long barrier_ping(long operations) {
  for (long i = 0; i < operations; i++) await((pthread_barrier_t *)memory);
  return 0;
}

static void barrier_pong(void) {
  do await((pthread_barrier_t *)memory);
  while (!*stop());
}

static long event_ping(long operations) {
  for (long i = 0; i < operations; i++) {
    set_for_one((struct event *)(memory + PONGS));
    take((struct event *)memory);
  }
  return 0;
}

static void event_pong(void) {
  for (;;) {
    take((struct event *)(memory + PONGS));
    if (*stop()) return;
    set_for_one((struct event *)memory);
  }
}

// Of several processes that meet; behind what contended.h has.
struct meeting {
  union {
    pthread_barrier_t barrier;
    pthread_mutex_t mutex;
  };
  char contended[CAME + CACHE_LINE - sizeof(pthread_mutex_t)];
  pthread_cond_t condition;
  unsigned parties, arrived, generation;
  atomic_int last;
};

static struct meeting *meeting(void) { return (struct meeting *)memory; }

static void init_meeting(unsigned parties) {
  init_mutex(&meeting()->mutex, PTHREAD_MUTEX_ERRORCHECK | ROBUST);
  init_condition(&meeting()->condition);
  meeting()->parties = parties;
}

static void meet_at_barrier(void) { await(&meeting()->barrier); }

static void meet_by_condition(void) {
  struct meeting *m = meeting();
  lock(&m->mutex);
  unsigned generation = m->generation;
  if (++m->arrived == m->parties) {
    m->arrived = 0;
    m->generation++;
    check(pthread_cond_broadcast(&m->condition), "pthread_cond_broadcast");
  }
  while (m->generation == generation) check(pthread_cond_wait(&m->condition, &m->mutex), "pthread_cond_wait");
  unlock(&m->mutex);
}

// All do as many: the first of them says before the last meeting of a batch whether it is the last one of all.
static void serve_meetings(int first, unsigned processes, void (*meet_all)(void)) {
  unsigned gathered = 0;
  long millis;
  while (scanf(" slice %ld", &millis) == 1) {
    meet(memory, ++gathered * processes);
    struct latencies latencies = {.stride = 1};
    long times = 0;
    double start = now_nanos();
    do {
      for (int i = 1; i < MEETINGS; i++) meet_all();
      if (first) atomic_store(&meeting()->last, now_nanos() - start > millis * 1e6);
      double before = now_nanos();
      meet_all();
      add_latency(&latencies, now_nanos() - before);
      times += MEETINGS;
    } while (!atomic_load(&meeting()->last));
    printf("%.3f 0 1 1", (now_nanos() - start) / times);
    print_latencies(&latencies);
  }
}

static int usage(const char *name) {
  fprintf(stderr, "usage: %s barrier|event-set-reset|event-set-take FILE\n", name);
  fprintf(stderr, "       %s barrier-ping|barrier-pong|event-ping|event-pong FILE OFFSET\n", name);
  fprintf(stderr, "       %s barrier-meeting|condition-meeting FILE OFFSET PROCESSES\n", name);
  return 2;
}

int main(int argc, char **argv) {
  if (argc < 3 || argc > 5) return usage(argv[0]);
  const char *operation = argv[1];
  memory = map_file(argv[2]) + (argc > 3 ? atol(argv[3]) : 0);
  if (argc == 3 && strcmp(operation, "barrier") == 0) {
    for (int i = 0; i < PLACES; i++) init_barrier(next_place(), 1);
    say_ready();
    serve(barrier);
  } else if (argc == 3 && strncmp(operation, "event-set-", 10) == 0) {
    for (int i = 0; i < PLACES; i++) init_event(next_place());
    say_ready();
    serve(strcmp(operation, "event-set-take") == 0 ? event_set_take : event_set_reset);
  } else if (argc == 4 && strcmp(operation, "barrier-ping") == 0) {
    say_ready();
    serve_trips(barrier_ping);
    *stop() = 1;
    barrier_ping(1);
  } else if (argc == 4 && strcmp(operation, "barrier-pong") == 0) {
    init_barrier(memory, 2);
    say_ready();
    barrier_pong();
  } else if (argc == 4 && strcmp(operation, "event-ping") == 0) {
    say_ready();
    serve_trips(event_ping);
    *stop() = 1;
    set_for_one((struct event *)(memory + PONGS));
  } else if (argc == 4 && strcmp(operation, "event-pong") == 0) {
    init_event(memory);
    init_event(memory + PONGS);
    say_ready();
    event_pong();
  } else if (argc == 5 && strcmp(operation, "barrier-meeting") == 0) {
    int first = is_first(memory);
    if (first) init_barrier(memory, atoi(argv[4]));
    say_ready();  // a slice begins when all did
    serve_meetings(first, atoi(argv[4]), meet_at_barrier);
  } else if (argc == 5 && strcmp(operation, "condition-meeting") == 0) {
    int first = is_first(memory);
    if (first) init_meeting(atoi(argv[4]));
    say_ready();
    serve_meetings(first, atoi(argv[4]), meet_by_condition);
  } else {
    return usage(argv[0]);
  }
  return 0;
}
