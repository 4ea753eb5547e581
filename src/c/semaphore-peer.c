// SPDX-License-Identifier: Apache-2.0
//
// The C side of the tests of semaphores between Java and C: glibc's sem_t in a mapped file, and by name; see peer.h.
//
//   semaphore-peer FILE
//
// OFFSET is that of the semaphore in the file, or "named": the one that was opened last. An answer is OK, or the name of
// an errno.
//
//   init OFFSET SHARED VALUE
//   wait OFFSET | trywait OFFSET | post OFFSET
//   timedwait OFFSET MILLIS        until a time of CLOCK_REALTIME
//   getvalue OFFSET                OK VALUE
//   take OFFSET N                  N times, by wait, trywait and timedwait in turn; nothing is given back
//   turns OFFSET INSIDE PERMITS N  N times: takes a permit, counts itself in the u32 at INSIDE meanwhile, where there are
//                                  never more than PERMITS, and gives it back
//   open NAME | create NAME VALUE | close | unlink NAME

#define _GNU_SOURCE
#include "peer.h"

#include <limits.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <time.h>

// Long enough that it expires only if somebody hangs.
#define TURN_MILLIS 60000

static sem_t *named;

static int errno_of(int result) { return result == 0 ? 0 : errno; }

static int timedwait(sem_t *semaphore, long millis) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_sec += millis / 1000;
  time.tv_nsec += millis % 1000 * 1000000;
  if (time.tv_nsec >= 1000000000) {
    time.tv_sec++;
    time.tv_nsec -= 1000000000;
  }
  return errno_of(sem_timedwait(semaphore, &time));
}

static int spin(sem_t *semaphore) {
  int error;
  while ((error = errno_of(sem_trywait(semaphore))) == EAGAIN) sched_yield();
  return error;
}

static int take(sem_t *semaphore, long turn) {
  return turn % 3 == 0   ? errno_of(sem_wait(semaphore))
         : turn % 3 == 1 ? timedwait(semaphore, TURN_MILLIS)
                         : spin(semaphore);
}

static int take_all(sem_t *semaphore, long times) {
  int error = 0;
  for (long i = 0; error == 0 && i < times; i++) error = take(semaphore, i);
  return error;
}

static int turns(sem_t *semaphore, atomic_uint *inside, unsigned permits, long times) {
  for (long i = 0; i < times; i++) {
    int error = take(semaphore, i);
    if (error != 0) return error;
    if (atomic_fetch_add(inside, 1) >= permits) return EBUSY;
    if (i % 16 == 0) sched_yield();
    atomic_fetch_sub(inside, 1);
    if ((error = errno_of(sem_post(semaphore))) != 0) return error;
  }
  return 0;
}

static int open_named(const char *name, int flags, unsigned value) {
  sem_t *opened = sem_open(name, flags, 0600, value);
  if (opened == SEM_FAILED) return errno;
  named = opened;
  return 0;
}

static int obey_name(const char *verb, const char *line) {
  char name[LINE_CHARS];
  long value;
  int words = sscanf(line, "%*s %1023s %ld", name, &value);
  if (strcmp(verb, "open") == 0 && words == 1) return open_named(name, 0, 0);
  if (strcmp(verb, "create") == 0 && words == 2) return open_named(name, O_CREAT | O_EXCL, value);
  if (strcmp(verb, "unlink") == 0 && words == 1) return errno_of(sem_unlink(name));
  if (strcmp(verb, "close") == 0) return errno_of(sem_close(named));
  return -1;
}

static int obey_semaphore(const char *verb, const char *line) {
  char offset[LINE_CHARS];
  long first = 0, second = 0, third = 0;
  int words = sscanf(line, "%*s %1023s %ld %ld %ld", offset, &first, &second, &third);
  sem_t *semaphore = strcmp(offset, "named") == 0 ? named : (sem_t *)(memory + atol(offset));
  if (strcmp(verb, "init") == 0 && words == 3) return errno_of(sem_init(semaphore, first, second));
  if (strcmp(verb, "wait") == 0) return errno_of(sem_wait(semaphore));
  if (strcmp(verb, "trywait") == 0) return errno_of(sem_trywait(semaphore));
  if (strcmp(verb, "post") == 0) return errno_of(sem_post(semaphore));
  if (strcmp(verb, "timedwait") == 0 && words == 2) return timedwait(semaphore, first);
  if (strcmp(verb, "take") == 0 && words == 2) return take_all(semaphore, first);
  if (strcmp(verb, "turns") == 0 && words == 4) {
    return turns(semaphore, (atomic_uint *)(memory + first), second, third);
  }
  if (strcmp(verb, "getvalue") == 0) {
    int value;
    if (sem_getvalue(semaphore, &value) != 0) return errno;
    printf("OK %d\n", value);
    return -2;
  }
  return -1;
}

static void obey(const char *verb, const char *line) {
  int error = obey_name(verb, line);
  if (error == -1) error = obey_semaphore(verb, line);
  if (error == -1) not_understood(line);
  if (error >= 0) puts(name_of(error));
}

int main(int argc, char **argv) { return serve(argc, argv, obey); }
