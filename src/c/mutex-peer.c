// SPDX-License-Identifier: Apache-2.0
//
// The C side of the tests of mutexes between Java and C: glibc's pthread_mutex_t in a mapped file.
//
//   mutex-peer FILE
//
// What it obeys, beyond what peer.h says; OFFSET is that of the mutex in the file:
//
//   init OFFSET KIND...            process-shared; KIND is of: normal recursive error-check adaptive robust PI
//   lock OFFSET
//   trylock OFFSET
//   timedlock OFFSET MILLIS        until a time of CLOCK_REALTIME
//   clocklock OFFSET MILLIS        until a time of CLOCK_MONOTONIC
//   unlock OFFSET
//   consistent OFFSET
//   destroy OFFSET
//   thread OFFSET                  locks in a thread that ends so; answers when it has ended
//   count OFFSET TOTAL MINE N      N times, holding the mutex: adds 1 to the longs at MINE and TOTAL; takes it by lock,
//                                  trylock and timedlock in turn, and after EOWNERDEAD makes TOTAL the sum of all
//   schedule TID POLICY PRIORITY   sched_setscheduler of any thread; POLICY is fifo or other
//   return                         from main; "exit" calls exit(); neither answers
//
// MINE is the place of this process in a table of SUMMANDS longs that begins at the next long after TOTAL.

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <time.h>

#include "peer.h"

#define SUMMANDS 8

// While counting: long enough that it expires only if somebody hangs, short enough to sleep with a deadline.
#define COUNT_MILLIS 60000

static int init(pthread_mutex_t *mutex, const char *kind) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  if (strstr(kind, "recursive")) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  if (strstr(kind, "error-check")) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  if (strstr(kind, "adaptive")) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
  if (strstr(kind, "robust")) pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  if (strstr(kind, "PI")) pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  int error = pthread_mutex_init(mutex, &attributes);
  pthread_mutexattr_destroy(&attributes);
  return error;
}

static struct timespec after(clockid_t clock, long millis) {
  struct timespec time;
  clock_gettime(clock, &time);
  time.tv_sec += millis / 1000;
  time.tv_nsec += millis % 1000 * 1000000;
  if (time.tv_nsec >= 1000000000) {
    time.tv_sec++;
    time.tv_nsec -= 1000000000;
  }
  return time;
}

static int timedlock(pthread_mutex_t *mutex, long millis) {
  struct timespec deadline = after(CLOCK_REALTIME, millis);
  return pthread_mutex_timedlock(mutex, &deadline);
}

static int clocklock(pthread_mutex_t *mutex, long millis) {
  struct timespec deadline = after(CLOCK_MONOTONIC, millis);
  return pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &deadline);
}

static int spinlock(pthread_mutex_t *mutex) {
  int error;
  while ((error = pthread_mutex_trylock(mutex)) == EBUSY) sched_yield();
  return error;
}

// Volatile: every step is to be in the memory when this process is killed.
static int count(pthread_mutex_t *mutex, volatile int64_t *total, volatile int64_t *mine, long times) {
  for (long i = 0; i < times; i++) {
    int error = i % 3 == 0   ? pthread_mutex_lock(mutex)
                : i % 3 == 1 ? timedlock(mutex, COUNT_MILLIS)
                             : spinlock(mutex);
    if (error == EOWNERDEAD) {
      int64_t sum = 0;
      for (int s = 1; s <= SUMMANDS; s++) sum += total[s];
      *total = sum;
      error = pthread_mutex_consistent(mutex);
    }
    if (error != 0) return error;
    (*mine)++;
    (*total)++;
    if ((error = pthread_mutex_unlock(mutex)) != 0) return error;
  }
  return 0;
}

static void *lock_and_end(void *mutex) { return (void *)(intptr_t)pthread_mutex_lock(mutex); }

// Joining waits for the kernel, which walks the robust list first.
static int lock_in_thread(pthread_mutex_t *mutex) {
  pthread_t thread;
  void *result;
  int error = pthread_create(&thread, NULL, lock_and_end, mutex);
  if (error == 0) error = pthread_join(thread, &result);
  return error != 0 ? error : (int)(intptr_t)result;
}

static int schedule(pid_t tid, const char *policy, int priority) {
  struct sched_param parameter = {.sched_priority = priority};
  int number = strcmp(policy, "fifo") == 0 ? SCHED_FIFO : SCHED_OTHER;
  return sched_setscheduler(tid, number, &parameter) == 0 ? 0 : errno;
}

static int result_of(const char *verb, const char *line) {
  char text[LINE_CHARS];
  long first, second = 0, third = 0, times = 0;
  int chars = 0;
  if (strcmp(verb, "schedule") == 0) {
    if (sscanf(line, "%*s %ld %1023s %ld", &first, text, &second) == 3) return schedule(first, text, second);
  } else if (sscanf(line, "%*s %ld%n", &first, &chars) == 1) {
    pthread_mutex_t *mutex = (pthread_mutex_t *)(memory + first);
    int numbers = sscanf(line + chars, "%ld %ld %ld", &second, &third, &times);
    if (strcmp(verb, "init") == 0) return init(mutex, line + chars);
    if (strcmp(verb, "lock") == 0) return pthread_mutex_lock(mutex);
    if (strcmp(verb, "trylock") == 0) return pthread_mutex_trylock(mutex);
    if (strcmp(verb, "timedlock") == 0 && numbers == 1) return timedlock(mutex, second);
    if (strcmp(verb, "clocklock") == 0 && numbers == 1) return clocklock(mutex, second);
    if (strcmp(verb, "unlock") == 0) return pthread_mutex_unlock(mutex);
    if (strcmp(verb, "consistent") == 0) return pthread_mutex_consistent(mutex);
    if (strcmp(verb, "destroy") == 0) return pthread_mutex_destroy(mutex);
    if (strcmp(verb, "thread") == 0) return lock_in_thread(mutex);
    if (strcmp(verb, "count") == 0 && numbers == 3) {
      return count(mutex, (int64_t *)(memory + second), (int64_t *)(memory + third), times);
    }
  }
  not_understood(line);
  return 0;
}

static void obey(const char *verb, const char *line) { puts(name_of(result_of(verb, line))); }

int main(int argc, char **argv) { return serve(argc, argv, obey); }
