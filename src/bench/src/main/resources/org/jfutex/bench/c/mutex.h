// SPDX-License-Identifier: Apache-2.0
//
// glibc's mutexes in a mapped file, and their conditions. The kind of a mutex is the number that a pthread_mutex_t of
// that kind holds.

#include <errno.h>
#include <pthread.h>

#define AGAIN_MASK 3
#define ROBUST 16
#define PRIORITY_INHERITANCE 32

static inline void check(int error, const char *what) {
  if (error) {
    errno = error;
    die(what);
  }
}

static inline void init_mutex(pthread_mutex_t *m, int kind) {
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

static inline void init_condition(pthread_cond_t *condition) {
  pthread_condattr_t attributes;
  check(pthread_condattr_init(&attributes), "pthread_condattr_init");
  check(pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED), "setpshared");
  check(pthread_cond_init(condition, &attributes), "pthread_cond_init");
}

static inline void lock(void *m) { check(pthread_mutex_lock(m), "pthread_mutex_lock"); }

static inline void unlock(void *m) { check(pthread_mutex_unlock(m), "pthread_mutex_unlock"); }
