// SPDX-License-Identifier: Apache-2.0
//
// jfutex for C and C++: the primitives of org.jfutex.sync on the same bytes, so that C and Java processes share them.
//
// C11 or C++17, Linux, 64 bits, little-endian, glibc 2.30 or newer; link with -pthread. Header only: no globals, no
// allocation. All memory is the caller's, mapped MAP_SHARED; all-zero bytes are the initial state of everything.
//
// Results are 0 or a positive errno, as pthread's; errno itself may change. A deadline is an absolute time of
// CLOCK_MONOTONIC, NULL means none, one that passed means to try once. Nothing returns EINTR, and nothing is a
// cancellation point. What happens before a release (unlock, signal, set, count down, arrival) happens before the
// acquisition that sees it returns, in any process and either language.
//
// Whoever sleeps looks again every JFUTEX_HEALING_MILLIS, since a wake-up may die with the process that got it: a death
// costs the others that long, and little more. That holds for the functions in here, not for pthread's own.

#ifndef JFUTEX_H
#define JFUTEX_H

#ifndef _GNU_SOURCE
#ifdef _FEATURES_H
#error "compile with -D_GNU_SOURCE, or include jfutex.h first: a C library header came before it"
#endif
#define _GNU_SOURCE 1  // syscall(2), pthread_mutex_clocklock(3), open file description locks
#endif

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#if !defined(__linux__) || !defined(__LP64__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "jfutex.h needs Linux on a little-endian machine of 64 bits"
#endif
#if !defined(__GLIBC__) || !__GLIBC_PREREQ(2, 30)
#error "jfutex.h needs glibc 2.30 or newer: its mutexes are glibc's, and it keeps their robust list"
#endif

// How often a sleeper looks again; 0 for never.
#ifndef JFUTEX_HEALING_MILLIS
#define JFUTEX_HEALING_MILLIS 500
#endif

// ---- Words ---------------------------------------------------------------------------------------------------------
//
// GCC's and Clang's __atomic builtins: they are the same in C11 and C++17 and work on plain integers in mapped memory,
// while C's _Atomic types do not exist in C++17, and C++'s std::atomic_ref comes with C++20.

static inline uint32_t jfutex_load(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }

// Changes what was seen to value; or sees what is there now, and is false.
static inline int jfutex_change(uint32_t *word, uint32_t *seen, uint32_t value) {
  return __atomic_compare_exchange_n(word, seen, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE);
}

// Writes a parameter over the 0 of a new primitive; EINVAL if there is another one.
static inline int jfutex_settle(uint32_t *word, uint32_t parameter) {
  uint32_t found = 0;
  return jfutex_change(word, &found, parameter) || found == parameter ? 0 : EINVAL;
}

// A deadline, so many milliseconds from now.
static inline struct timespec jfutex_after(long millis) {
  const long second = 1000000000L;
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  time.tv_sec += millis / 1000;
  time.tv_nsec += millis % 1000 * (second / 1000);
  if (time.tv_nsec >= second) {
    time.tv_sec++;
    time.tv_nsec -= second;
  }
  return time;
}

static inline int jfutex_is_before(const struct timespec *a, const struct timespec *b) {
  return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

// Until when to sleep, where the caller would sleep until a deadline; part 8 is an eighth of the time between looks.
// *own tells whether that is the deadline.
static inline struct timespec jfutex_look_again(const struct timespec *deadline, int part, int *own) {
  const long for_ever = LONG_MAX / 4000000;  // 73 years
  struct timespec look =
      jfutex_after(JFUTEX_HEALING_MILLIS > 0 ? (JFUTEX_HEALING_MILLIS + part - 1) / part : for_ever);
  *own = deadline != NULL && !jfutex_is_before(&look, deadline);
  return *own ? *deadline : look;
}

// Sleeps while a word is what is expected. Except for the errors of a word that is no memory, the caller looks again:
// 0 when woken, or the word is another; EINTR for no reason; ETIMEDOUT if the deadline passed.
static inline int jfutex_sleep_part(uint32_t *word, uint32_t expected, const struct timespec *deadline, int part) {
  int own;
  struct timespec until = jfutex_look_again(deadline, part, &own);
  if (until.tv_sec < 0) return ETIMEDOUT;  // which the kernel takes for an error
  if (syscall(SYS_futex, word, FUTEX_WAIT_BITSET, expected, &until, NULL, FUTEX_BITSET_MATCH_ANY) == 0) return 0;
  if (errno == EAGAIN) return 0;
  return errno == ETIMEDOUT && !own ? EINTR : errno;
}

static inline int jfutex_sleep(uint32_t *word, uint32_t expected, const struct timespec *deadline) {
  return jfutex_sleep_part(word, expected, deadline, 1);
}

// Whether that result ends the wait.
static inline int jfutex_is_over(int result) { return result != 0 && result != EINTR; }

// How many were woken.
static inline int jfutex_wake(uint32_t *word, int count) {
  long woken = syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
  return woken > 0 ? (int)woken : 0;
}

// ---- Mutex: a process-shared pthread_mutex_t of glibc, 40 bytes (48 on aarch64, of which 40 count) -----------------
//
//    0 lock   u32   0 free; if robust or PI: thread id, FUTEX_WAITERS, FUTEX_OWNER_DIED; else 1 held, 2 others sleep
//    4 count  u32   8 owner s32 (0x7fffffff: inconsistent)   12 nusers u32   16 kind s32   24, 32 the robust list
//
// pthread_mutex_unlock, pthread_mutex_trylock and pthread_mutex_consistent work on it as on any other.

enum {
  JFUTEX_MUTEX_NORMAL = 128,
  JFUTEX_MUTEX_RECURSIVE = 129,
  JFUTEX_MUTEX_ERROR_CHECK = 130,
  JFUTEX_MUTEX_ROBUST = 16,  // to be added to one of them
  JFUTEX_MUTEX_PI = 32,      // likewise: priority inheritance
  JFUTEX_MUTEX_DEFAULT = JFUTEX_MUTEX_ERROR_CHECK | JFUTEX_MUTEX_ROBUST,

  JFUTEX_MUTEX_AGAIN = 3,     // mask: what happens when the owner takes it again
  JFUTEX_MUTEX_ADAPTIVE = 3,  // glibc's own kind of normal
  JFUTEX_MUTEX_HINTS = 256 | 512,
  JFUTEX_MUTEX_INCONSISTENT = 0x7fffffff,
  JFUTEX_MUTEX_BYTES = 40
};

static_assert(offsetof(pthread_mutex_t, __data.__lock) == 0, "the word of a mutex");
static_assert(offsetof(pthread_mutex_t, __data.__count) == 4, "how often a mutex is held");
static_assert(offsetof(pthread_mutex_t, __data.__owner) == 8, "the owner of a mutex");
static_assert(offsetof(pthread_mutex_t, __data.__kind) == 16, "the kind of a mutex");
static_assert(offsetof(pthread_mutex_t, __data.__list.__next) == 32, "the robust list of a mutex");

// Of a kind field, what two mutexes of one kind have in common.
static inline int jfutex_mutex_kind(int field) {
  int kind = field & ~JFUTEX_MUTEX_HINTS;
  return (kind & JFUTEX_MUTEX_AGAIN) == JFUTEX_MUTEX_ADAPTIVE ? kind & ~JFUTEX_MUTEX_AGAIN : kind;
}

// Whether one can be made with it.
static inline int jfutex_mutex_is_kind(int kind) {
  const int known = JFUTEX_MUTEX_NORMAL | JFUTEX_MUTEX_AGAIN | JFUTEX_MUTEX_ROBUST | JFUTEX_MUTEX_PI;
  return (kind & JFUTEX_MUTEX_NORMAL) != 0 && (kind & ~known) == 0 && jfutex_mutex_kind(kind) == kind;
}

static inline int jfutex_mutex_is_zero(const pthread_mutex_t *mutex) {
  const uint32_t *words = (const uint32_t *)(const void *)mutex;
  for (size_t i = 0; i < JFUTEX_MUTEX_BYTES / sizeof *words; i++) {
    if (jfutex_load(&words[i]) != 0) return 0;
  }
  return 1;
}

// Makes a free mutex of zeros, by one compare-and-set of the kind: of those who come at the same moment one makes it,
// which pthread_mutex_init cannot promise. One of that kind stays as it is; EINVAL if there is anything else.
static inline int jfutex_mutex_init(pthread_mutex_t *mutex, int kind) {
  int *field = &mutex->__data.__kind, found = 0;
  if (!jfutex_mutex_is_kind(kind)) return EINVAL;
  // Whoever comes second may find no zeros, because the first one holds its mutex already.
  if (__atomic_load_n(field, __ATOMIC_ACQUIRE) == 0 && jfutex_mutex_is_zero(mutex)) {
    __atomic_compare_exchange_n(field, &found, kind, 0, __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE);
  }
  return jfutex_mutex_kind(__atomic_load_n(field, __ATOMIC_ACQUIRE)) == kind ? 0 : EINVAL;
}

// As pthread_mutex_clocklock, but it looks again now and then. The kernel itself hands on a PI mutex.
static inline int jfutex_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *deadline) {
  if ((mutex->__data.__kind & JFUTEX_MUTEX_PI) != 0) {
    return deadline == NULL ? pthread_mutex_lock(mutex) : pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, deadline);
  }
  for (;;) {
    int own;
    struct timespec until = jfutex_look_again(deadline, 1, &own);
    int result = pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &until);
    if (result != ETIMEDOUT || own) return result;
  }
}

static inline int jfutex_mutex_lock(pthread_mutex_t *mutex) { return jfutex_mutex_timedlock(mutex, NULL); }

static inline uint32_t *jfutex_mutex_word(pthread_mutex_t *mutex) { return (uint32_t *)(void *)mutex; }

// The owner notes in the word that others sleep for it, so that unlocking wakes one; false for a PI mutex, where they
// queue in the kernel.
static inline int jfutex_mutex_add_sleepers(pthread_mutex_t *mutex) {
  const uint32_t contended = 2;
  int kind = mutex->__data.__kind;
  if ((kind & JFUTEX_MUTEX_PI) != 0) return 0;
  if ((kind & JFUTEX_MUTEX_ROBUST) != 0) {
    __atomic_fetch_or(jfutex_mutex_word(mutex), FUTEX_WAITERS, __ATOMIC_SEQ_CST);
  } else {
    __atomic_store_n(jfutex_mutex_word(mutex), contended, __ATOMIC_SEQ_CST);
  }
  return 1;
}

// The thread is about to sleep on another word, from where it may be moved to the mutex: if it dies woken, the kernel
// finds the mutex pending in the thread's robust list and wakes the next one. Taking the mutex ends that.
static inline void jfutex_mutex_begin_sleep(pthread_mutex_t *mutex) {
  struct robust_list_head *head = NULL;
  size_t bytes;
  int robust = (mutex->__data.__kind & (JFUTEX_MUTEX_ROBUST | JFUTEX_MUTEX_PI)) == JFUTEX_MUTEX_ROBUST;
  if (robust && syscall(SYS_get_robust_list, 0, &head, &bytes) == 0 && head != NULL) {
    struct robust_list *entry = (struct robust_list *)(void *)&mutex->__data.__list.__next;
    __atomic_store_n(&head->list_op_pending, entry, __ATOMIC_RELEASE);
  }
}

// ---- Condition: 16 bytes -------------------------------------------------------------------------------------------
//
//   0 sequence   u32   what waiters sleep on; every signal changes it
//   4 waiters    u32   who came and did not go; a killed one is counted for ever
//   8 signalled  u32   who was signalled and did not go yet; a killed one likewise
//
// All three are written by the owner of the mutex alone. A signal wakes nobody: it moves the sleeper to the mutex, and
// unlocking wakes it. Where several are signalled at once some are woken instead, and unlocking wakes the others one by
// one. (In Java unlocking wakes some at once; here it is glibc's, and wakes one.) They queue for the mutex anew, so no
// order is kept. To a PI mutex nobody can be moved; there the sleepers are woken.

typedef struct {
  uint32_t sequence, waiters, signalled, unused;
} jfutex_condition;

static_assert(sizeof(jfutex_condition) == 16, "a condition");

#define JFUTEX_CONDITION_WAKES_A_CPU 4
#define JFUTEX_CONDITION_CPUS_MAX 4

// Gives a mutex back entirely; how often a recursive one was held is told through *holds.
static inline int jfutex_mutex_release(pthread_mutex_t *mutex, unsigned *holds) {
  int recursive = (mutex->__data.__kind & JFUTEX_MUTEX_AGAIN) == (JFUTEX_MUTEX_RECURSIVE & JFUTEX_MUTEX_AGAIN);
  *holds = recursive ? mutex->__data.__count : 1;
  if (recursive) mutex->__data.__count = 1;
  return pthread_mutex_unlock(mutex);
}

// Takes it again, as one to whom sleepers may have been moved: unlocking is to wake the next one.
static inline int jfutex_mutex_take_again(pthread_mutex_t *mutex, unsigned holds) {
  int result = jfutex_mutex_lock(mutex);
  if (result != 0 && result != EOWNERDEAD) return result;
  if (holds != 1) mutex->__data.__count = holds;
  jfutex_mutex_add_sleepers(mutex);
  return result;
}

// Gives the mutex back, sleeps until signalled, and takes it again; it may return 0 for no reason. ETIMEDOUT only if no
// signal was meant for this thread. EOWNERDEAD: the owner of the mutex died meanwhile, and this thread holds it, as
// after pthread_mutex_lock. It does not hold it after ENOTRECOVERABLE. EPERM: it did not hold it; EINVAL: the mutex was
// inconsistent; both at once, with nothing changed.
//
// No signal is lost: it changes the sequence, under the mutex, after this thread read it there; so either the kernel
// finds it changed, or this thread is asleep and is moved.
static inline int jfutex_condition_timedwait(jfutex_condition *condition, pthread_mutex_t *mutex,
                                             const struct timespec *deadline) {
  int owner = mutex->__data.__owner;
  if (owner == JFUTEX_MUTEX_INCONSISTENT) return EINVAL;
  if (owner != (int)syscall(SYS_gettid)) return EPERM;
  condition->waiters++;
  uint32_t seen = jfutex_load(&condition->sequence);
  unsigned holds;
  int error = jfutex_mutex_release(mutex, &holds);
  if (error != 0) {
    condition->waiters--;
    return error;
  }
  jfutex_mutex_begin_sleep(mutex);
  int slept = jfutex_sleep(&condition->sequence, seen, deadline);
  error = jfutex_mutex_take_again(mutex, holds);
  if (error != 0 && error != EOWNERDEAD) return error;
  condition->waiters--;
  if (condition->signalled > 0) {
    // Perhaps another one's; then that one was woken as well, and finds none.
    condition->signalled--;
    slept = 0;
  }
  return error != 0 ? error : slept == EINTR ? 0 : slept;
}

static inline int jfutex_condition_wait(jfutex_condition *condition, pthread_mutex_t *mutex) {
  return jfutex_condition_timedwait(condition, mutex, NULL);
}

// How many are woken at once where all are signalled: one by one they would wait for each other's wake-up while CPUs
// are idle; but only one at a time gets in.
static inline int jfutex_condition_wakes(void) {
  static int cpus;
  int known = __atomic_load_n(&cpus, __ATOMIC_RELAXED);
  if (known == 0) {
    known = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (known < 1) known = 1;
    __atomic_store_n(&cpus, known, __ATOMIC_RELAXED);
  }
  return JFUTEX_CONDITION_WAKES_A_CPU * (known < JFUTEX_CONDITION_CPUS_MAX ? known : JFUTEX_CONDITION_CPUS_MAX);
}

// Changes the sequence, and moves sleepers to the mutex, having noted there that it has some. Who gave the mutex back
// and does not sleep yet finds the sequence changed: that one is signalled, too.
static inline int jfutex_condition_notify(jfutex_condition *condition, pthread_mutex_t *mutex, int count) {
  if (condition->waiters == 0) return 0;
  if (mutex->__data.__owner != (int)syscall(SYS_gettid)) return EPERM;
  int waiting = (int)(condition->waiters - condition->signalled);
  uint32_t next = __atomic_add_fetch(&condition->sequence, 1, __ATOMIC_SEQ_CST);
  long reached = -1;
  if (jfutex_mutex_add_sleepers(mutex)) {
    uint32_t *to = jfutex_mutex_word(mutex);
    long wakes = count > 1 && waiting > 1 ? jfutex_condition_wakes() : 0;
    reached = syscall(SYS_futex, &condition->sequence, FUTEX_CMP_REQUEUE, wakes, (long)count, to, next);
  }
  if (reached < 0) reached = jfutex_wake(&condition->sequence, count);
  int expected = count < waiting ? count : waiting;
  condition->signalled += (uint32_t)(reached > expected ? (int)reached : expected);
  return 0;
}

// For the owner of the mutex; EPERM if that is another thread, and somebody waits.
static inline int jfutex_condition_signal(jfutex_condition *condition, pthread_mutex_t *mutex) {
  return jfutex_condition_notify(condition, mutex, 1);
}

static inline int jfutex_condition_broadcast(jfutex_condition *condition, pthread_mutex_t *mutex) {
  return jfutex_condition_notify(condition, mutex, INT_MAX);
}

// ---- Compact read-write lock: 8 bytes ------------------------------------------------------------------------------
//
//   0 state    bits 0-29  how many readers hold it; all ones: a writer does
//              bit 30     READERS_WAIT: readers sleep on the state
//              bit 31     WRITERS_WAIT: writers sleep on the next word
//   4 writers  u32        one more each time a writer is woken
//
// Writers go first: while one waits no new reader gets in. Nobody is known as the owner, so nobody may take it again
// while he holds it, and a killed holder is counted for ever. The algorithm is that of Rust's standard library.

typedef struct {
  uint32_t state, writers;
} jfutex_rwlock;

static_assert(sizeof(jfutex_rwlock) == 8, "a compact read-write lock");

#define JFUTEX_RWLOCK_READER UINT32_C(1)
#define JFUTEX_RWLOCK_HOLDERS UINT32_C(0x3fffffff)  // mask
#define JFUTEX_RWLOCK_WRITER JFUTEX_RWLOCK_HOLDERS
#define JFUTEX_RWLOCK_READERS_MAX (JFUTEX_RWLOCK_WRITER - 1)
#define JFUTEX_RWLOCK_READERS_WAIT UINT32_C(0x40000000)
#define JFUTEX_RWLOCK_WRITERS_WAIT UINT32_C(0x80000000)

static inline int jfutex_rwlock_is_free(uint32_t state) { return (state & JFUTEX_RWLOCK_HOLDERS) == 0; }

static inline int jfutex_rwlock_is_write_locked(uint32_t state) {
  return (state & JFUTEX_RWLOCK_HOLDERS) == JFUTEX_RWLOCK_WRITER;
}

static inline int jfutex_rwlock_is_full(uint32_t state) {
  return (state & JFUTEX_RWLOCK_HOLDERS) == JFUTEX_RWLOCK_READERS_MAX;
}

// No writer, and nobody waits: a bit for that makes it greater than any count.
static inline int jfutex_rwlock_is_readable(uint32_t state) { return state < JFUTEX_RWLOCK_READERS_MAX; }

// EBUSY if a writer holds it; who waits is not asked. EAGAIN if there are too many readers.
static inline int jfutex_rwlock_tryrdlock(jfutex_rwlock *lock) {
  uint32_t state = jfutex_load(&lock->state);
  while (!jfutex_rwlock_is_write_locked(state)) {
    if (jfutex_rwlock_is_full(state)) return EAGAIN;
    if (jfutex_change(&lock->state, &state, state + JFUTEX_RWLOCK_READER)) return 0;
  }
  return EBUSY;
}

// EBUSY if anybody holds it.
static inline int jfutex_rwlock_trywrlock(jfutex_rwlock *lock) {
  uint32_t state = jfutex_load(&lock->state);
  while (jfutex_rwlock_is_free(state)) {
    if (jfutex_change(&lock->state, &state, state | JFUTEX_RWLOCK_WRITER)) return 0;
  }
  return EBUSY;
}

static inline int jfutex_rwlock_wake_writers(jfutex_rwlock *lock, int count) {
  __atomic_fetch_add(&lock->writers, 1, __ATOMIC_SEQ_CST);
  return jfutex_wake(&lock->writers, count);
}

// Of a free lock that others wait for: WRITERS_WAIT => 0, and a writer is woken; READERS_WAIT => 0, and all readers
// are; with both bits WRITERS_WAIT goes and a writer is woken or, if none sleeps, READERS_WAIT goes, too. If the word
// changes meanwhile, somebody holds it and will pass it on: a bit that is set has everybody do so.
static inline void jfutex_rwlock_pass_on(jfutex_rwlock *lock, uint32_t state) {
  if (state == JFUTEX_RWLOCK_WRITERS_WAIT && jfutex_change(&lock->state, &state, 0)) {
    jfutex_rwlock_wake_writers(lock, 1);
    return;
  }
  if (state == (JFUTEX_RWLOCK_READERS_WAIT | JFUTEX_RWLOCK_WRITERS_WAIT)) {
    if (!jfutex_change(&lock->state, &state, JFUTEX_RWLOCK_READERS_WAIT)) return;
    if (jfutex_rwlock_wake_writers(lock, 1) > 0) return;
    state = JFUTEX_RWLOCK_READERS_WAIT;
  }
  if (state == JFUTEX_RWLOCK_READERS_WAIT && jfutex_change(&lock->state, &state, 0)) jfutex_wake(&lock->state, INT_MAX);
}

// Only the kernel knows. It counts whom it moves to where he sleeps, and that wakes nobody: or the question of one
// reader would have the next one find the writer awake. A sandbox that counts only whom it wakes is asked by that.
static inline int jfutex_rwlock_no_writer_sleeps(jfutex_rwlock *lock) {
  const long one = 1;
  if (syscall(SYS_futex, &lock->writers, FUTEX_REQUEUE, 0, one, &lock->writers, 0) > 0) return 0;
  return jfutex_wake(&lock->writers, INT_MAX) == 0;
}

// The waiting bits of those that gave up or died go, and all look again. Whether the bits are gone.
static inline int jfutex_rwlock_rouse(jfutex_rwlock *lock, uint32_t state) {
  if (!jfutex_change(&lock->state, &state, state & JFUTEX_RWLOCK_HOLDERS)) return 0;
  jfutex_rwlock_wake_writers(lock, INT_MAX);
  jfutex_wake(&lock->state, INT_MAX);
  return 1;
}

static inline int jfutex_rwlock_timedrdlock(jfutex_rwlock *lock, const struct timespec *deadline) {
  const int nap = 8;
  uint32_t slept_on = 0;
  int doubted = 0;
  for (int slept = 0;;) {
    uint32_t state = jfutex_load(&lock->state);
    if (jfutex_rwlock_is_readable(state)) {
      if (jfutex_change(&lock->state, &state, state + JFUTEX_RWLOCK_READER)) return 0;
      continue;
    }
    if (jfutex_rwlock_is_full(state)) return EAGAIN;
    // Who wakes it changes the state before: if it is the same, nobody did, all the time. If no writer sleeps either,
    // one may be just awake, to look again as readers do, and asleep a moment later: hence a nap before the bits go.
    int abandoned =
        state == slept_on && !jfutex_rwlock_is_write_locked(state) && jfutex_rwlock_no_writer_sleeps(lock);
    if (abandoned && (doubted || jfutex_is_over(slept)) && jfutex_rwlock_rouse(lock, state)) continue;
    if (jfutex_is_over(slept)) return slept;
    slept_on = state | JFUTEX_RWLOCK_READERS_WAIT;
    if (state != slept_on && !jfutex_change(&lock->state, &state, slept_on)) continue;
    doubted = abandoned;
    slept = jfutex_sleep_part(&lock->state, slept_on, deadline, doubted ? nap : 1);
  }
}

static inline int jfutex_rwlock_rdlock(jfutex_rwlock *lock) { return jfutex_rwlock_timedrdlock(lock, NULL); }

// A writer leaves without the lock: readers that it kept out are to come in now. Behind a writer they wait anyway.
static inline void jfutex_rwlock_give_up(jfutex_rwlock *lock, uint32_t state) {
  while ((state & JFUTEX_RWLOCK_WRITERS_WAIT) != 0 && !jfutex_rwlock_is_write_locked(state) &&
         jfutex_rwlock_no_writer_sleeps(lock) && !jfutex_rwlock_rouse(lock, state)) {
    state = jfutex_load(&lock->state);
  }
}

static inline int jfutex_rwlock_timedwrlock(jfutex_rwlock *lock, const struct timespec *deadline) {
  uint32_t others = 0;  // who slept cannot know whether other writers do
  for (int slept = 0;;) {
    uint32_t state = jfutex_load(&lock->state);
    if (jfutex_rwlock_is_free(state)) {
      if (jfutex_change(&lock->state, &state, state | JFUTEX_RWLOCK_WRITER | others)) return 0;
      continue;
    }
    if (jfutex_is_over(slept)) {
      jfutex_rwlock_give_up(lock, state);
      return slept;
    }
    others = JFUTEX_RWLOCK_WRITERS_WAIT;
    if ((state & others) == 0 && !jfutex_change(&lock->state, &state, state | others)) continue;
    // Whoever clears WRITERS_WAIT changes the sequence after that. Read before a look that finds the bit set, it is the
    // one that is still to change.
    uint32_t sequence = jfutex_load(&lock->writers);
    state = jfutex_load(&lock->state);
    if (jfutex_rwlock_is_free(state) || (state & others) == 0) continue;
    slept = jfutex_sleep(&lock->writers, sequence, deadline);
  }
}

static inline int jfutex_rwlock_wrlock(jfutex_rwlock *lock) { return jfutex_rwlock_timedwrlock(lock, NULL); }

// By a reader or by the writer; EPERM if nobody holds it. The last one to leave passes it on.
static inline int jfutex_rwlock_unlock(jfutex_rwlock *lock) {
  uint32_t state = jfutex_load(&lock->state), left;
  do {
    if (jfutex_rwlock_is_free(state)) return EPERM;
    left = state - (jfutex_rwlock_is_write_locked(state) ? JFUTEX_RWLOCK_WRITER : JFUTEX_RWLOCK_READER);
  } while (!jfutex_change(&lock->state, &state, left));
  if (left != 0 && jfutex_rwlock_is_free(left)) jfutex_rwlock_pass_on(lock, left);
  return 0;
}

// ---- Event: 4 bytes, at a multiple of 8 ----------------------------------------------------------------------------
//
//   bit 0      SET         by set; cleared by reset and, auto reset, by who goes on
//   bit 1      WAITERS     by who is about to sleep; cleared by set, which wakes: all, or, auto reset, one
//   bits 2-31  generation  of sets
//
// Manual reset: everybody goes on from set to reset, and who waited when it was set. Auto reset: each set lets one go
// on. Which of the two it is is not in the bytes; all have to use it in the same way.

typedef struct {
  uint32_t state;
} jfutex_event;

#define JFUTEX_EVENT_SET UINT32_C(1)
#define JFUTEX_EVENT_WAITERS UINT32_C(2)
#define JFUTEX_EVENT_GENERATION UINT32_C(4)  // one of it; it wraps around

static inline int jfutex_event_is_set(const jfutex_event *event) {
  return (jfutex_load(&event->state) & JFUTEX_EVENT_SET) != 0;
}

// No wake-up is lost: who sleeps noted WAITERS while the event was not set, and whoever takes WAITERS away wakes.
static inline int jfutex_event_set_and_wake(jfutex_event *event, int count) {
  uint32_t state = jfutex_load(&event->state), next;
  do {
    // Written even if it is set: this orders what was done before with who goes on next.
    next = ((state & ~JFUTEX_EVENT_WAITERS) + JFUTEX_EVENT_GENERATION) | JFUTEX_EVENT_SET;
  } while (!jfutex_change(&event->state, &state, next));
  if ((state & JFUTEX_EVENT_WAITERS) != 0) jfutex_wake(&event->state, count);
  return 0;
}

// Manual reset.
static inline int jfutex_event_set(jfutex_event *event) { return jfutex_event_set_and_wake(event, INT_MAX); }

// Manual or auto reset.
static inline int jfutex_event_reset(jfutex_event *event) {
  __atomic_fetch_and(&event->state, ~JFUTEX_EVENT_SET, __ATOMIC_SEQ_CST);
  return 0;
}

// Manual reset.
static inline int jfutex_event_timedwait(jfutex_event *event, const struct timespec *deadline) {
  const uint32_t flags = JFUTEX_EVENT_SET | JFUTEX_EVENT_WAITERS;
  uint32_t state = jfutex_load(&event->state);
  const uint32_t came = state & ~flags;
  for (int slept = 0;; state = jfutex_load(&event->state)) {
    if ((state & JFUTEX_EVENT_SET) != 0 || (state & ~flags) != came) return 0;
    if (jfutex_is_over(slept)) return slept;
    uint32_t waiting = state | JFUTEX_EVENT_WAITERS;
    if (state != waiting && !jfutex_change(&event->state, &state, waiting)) continue;
    slept = jfutex_sleep(&event->state, waiting, deadline);
  }
}

static inline int jfutex_event_wait(jfutex_event *event) { return jfutex_event_timedwait(event, NULL); }

// Auto reset: lets one go on. As it slept, it notes WAITERS again when it takes the event or sleeps on, for the others.
static inline int jfutex_event_set_auto(jfutex_event *event) { return jfutex_event_set_and_wake(event, 1); }

// Auto reset: waits until it is set, and takes it.
static inline int jfutex_event_timedtake(jfutex_event *event, const struct timespec *deadline) {
  uint32_t others = 0;  // who slept cannot know whether others do
  for (int slept = 0;;) {
    uint32_t state = jfutex_load(&event->state);
    if ((state & JFUTEX_EVENT_SET) != 0) {
      if (jfutex_change(&event->state, &state, (state & ~JFUTEX_EVENT_SET) | others)) return 0;
      continue;
    }
    if (jfutex_is_over(slept)) return slept;
    others = JFUTEX_EVENT_WAITERS;
    if ((state & others) == 0 && !jfutex_change(&event->state, &state, state | others)) continue;
    slept = jfutex_sleep(&event->state, state | others, deadline);
  }
}

static inline int jfutex_event_take(jfutex_event *event) { return jfutex_event_timedtake(event, NULL); }

// ---- Latch: 8 bytes ------------------------------------------------------------------------------------------------
//
//   0 arrived  bits 0-30  how often it was counted down; it is open when that is the count
//              bit 31     WAITERS: wake all who sleep, when it opens
//   4 count    u32        written once over 0

typedef struct {
  uint32_t arrived, count;
} jfutex_latch;

static_assert(sizeof(jfutex_latch) == 8, "a latch");

#define JFUTEX_LATCH_WAITERS UINT32_C(0x80000000)

// Makes a latch of zeros; EINVAL if there is one of another count, or the count is none of 1 to 2^31 - 1.
static inline int jfutex_latch_init(jfutex_latch *latch, uint32_t count) {
  if (count == 0 || count >= JFUTEX_LATCH_WAITERS) return EINVAL;
  return jfutex_settle(&latch->count, count);
}

static inline int jfutex_latch_is_open(const jfutex_latch *latch, uint32_t state) {
  return (state & ~JFUTEX_LATCH_WAITERS) >= jfutex_load(&latch->count);
}

// How often it has to be counted down yet.
static inline uint32_t jfutex_latch_count(const jfutex_latch *latch) {
  uint32_t state = jfutex_load(&latch->arrived);
  return jfutex_latch_is_open(latch, state) ? 0 : latch->count - (state & ~JFUTEX_LATCH_WAITERS);
}

// The last one opens it, for ever. EINVAL if it was never made, by any of the functions that wait, too.
static inline int jfutex_latch_count_down(jfutex_latch *latch) {
  uint32_t state = jfutex_load(&latch->arrived), next;
  if (jfutex_load(&latch->count) == 0) return EINVAL;
  do {
    if (jfutex_latch_is_open(latch, state)) return 0;
    next = state + 1;
    if (jfutex_latch_is_open(latch, next)) next &= ~JFUTEX_LATCH_WAITERS;
  } while (!jfutex_change(&latch->arrived, &state, next));
  if ((state & ~next & JFUTEX_LATCH_WAITERS) != 0) jfutex_wake(&latch->arrived, INT_MAX);
  return 0;
}

static inline int jfutex_latch_timedwait(jfutex_latch *latch, const struct timespec *deadline) {
  if (jfutex_load(&latch->count) == 0) return EINVAL;
  for (int slept = 0;;) {
    uint32_t state = jfutex_load(&latch->arrived);
    if (jfutex_latch_is_open(latch, state)) return 0;
    if (jfutex_is_over(slept)) return slept;
    uint32_t waiting = state | JFUTEX_LATCH_WAITERS;
    if (state != waiting && !jfutex_change(&latch->arrived, &state, waiting)) continue;
    slept = jfutex_sleep(&latch->arrived, waiting, deadline);
  }
}

static inline int jfutex_latch_wait(jfutex_latch *latch) { return jfutex_latch_timedwait(latch, NULL); }

// ---- Doorbell: 8 bytes ---------------------------------------------------------------------------------------------
//
//   0 state  bits 0-1    sleepers: 0 none, 1 one, 2 perhaps several; by who is about to sleep, cleared by ring
//            bit 2       FENCES: rings are to fence (mode 2); by who is about to sleep, cleared by rings in vain
//            bit 3       FENCED: every ring does (mode 2); by who slept for a millisecond, cleared with FENCES
//            bits 4-31   rings that woke somebody; it wraps around
//   4 mode   0 not chosen yet, 1 FENCE, 2 MEMBARRIER; by the first to come
//
// Lets those who look for work somewhere else sleep until there may be some. Who publishes rings after it; who looks
// prepares, looks once more, and sleeps by its ticket, or cancels it if there was work after all. Of two that do so at
// one moment one at least sees what the other stored: with MEMBARRIER the first sleeper fences for both, and then rings
// fence until there were no sleepers for long.

typedef struct __attribute__((aligned(8))) {
  uint32_t state, mode;
} jfutex_doorbell;

static_assert(sizeof(jfutex_doorbell) == 8, "a doorbell");

typedef struct {
  uint32_t announced;
} jfutex_ticket;

#define JFUTEX_DOORBELL_SLEEPERS UINT32_C(3)  // mask
#define JFUTEX_DOORBELL_ONE UINT32_C(1)
#define JFUTEX_DOORBELL_SEVERAL UINT32_C(2)
#define JFUTEX_DOORBELL_FENCES UINT32_C(4)
#define JFUTEX_DOORBELL_FENCED UINT32_C(8)
#define JFUTEX_DOORBELL_RING UINT32_C(16)  // one of it
#define JFUTEX_DOORBELL_FENCE UINT32_C(1)
#define JFUTEX_DOORBELL_MEMBARRIER UINT32_C(2)
#define JFUTEX_DOORBELL_FIRST_SLEEP_MILLIS 1
#define JFUTEX_DOORBELL_IN_VAIN_MAX UINT32_C(512)

// 0 if this process is registered, so that it need not fence when it rings. Only where that was tried out.
static inline int jfutex_membarrier_register(void) {
#ifdef __x86_64__
  const long needed = MEMBARRIER_CMD_GLOBAL_EXPEDITED | MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED;
  long offered = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0);
  if (offered < 0 || (offered & needed) != needed) return ENOSYS;
  return syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, 0) == 0 ? 0 : errno;
#else
  return ENOSYS;
#endif
}

// Makes a doorbell of zeros, or joins one, once in each process; EINVAL if none is there. *fences is for ring: whether
// this process has to fence, because of the doorbell's mode or because it could not register for membarrier(2).
static inline int jfutex_doorbell_init(jfutex_doorbell *doorbell, int *fences) {
  uint32_t mode = 0;
  *fences = jfutex_membarrier_register() != 0;
  const uint32_t mine = *fences ? JFUTEX_DOORBELL_FENCE : JFUTEX_DOORBELL_MEMBARRIER;
  if (jfutex_change(&doorbell->mode, &mode, mine)) mode = mine;
  if (mode == JFUTEX_DOORBELL_FENCE) *fences = 1;
  return mode == JFUTEX_DOORBELL_FENCE || mode == JFUTEX_DOORBELL_MEMBARRIER ? 0 : EINVAL;
}

// Wakes all who sleep; after the store, of release order at least, that publishes what they look for.
static inline int jfutex_doorbell_ring(jfutex_doorbell *doorbell, int fences) {
  static __thread uint32_t in_vain;  // rings that fenced, one after the other
  if (fences) {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
  } else {
    __atomic_signal_fence(__ATOMIC_SEQ_CST);  // the compiler must keep the order that the CPU is made to keep
  }
  uint32_t state = __atomic_load_n(&doorbell->state, __ATOMIC_RELAXED);
  if ((state & (JFUTEX_DOORBELL_SLEEPERS | JFUTEX_DOORBELL_FENCES)) == 0) return 0;
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  state = jfutex_load(&doorbell->state);
  if ((state & JFUTEX_DOORBELL_SLEEPERS) == 0 && ++in_vain >= JFUTEX_DOORBELL_IN_VAIN_MAX) {
    in_vain = 0;
    jfutex_change(&doorbell->state, &state, state & ~(JFUTEX_DOORBELL_FENCES | JFUTEX_DOORBELL_FENCED));
    return 0;
  }
  do {
    if ((state & JFUTEX_DOORBELL_SLEEPERS) == 0) return 0;
  } while (!jfutex_change(&doorbell->state, &state, (state & ~JFUTEX_DOORBELL_SLEEPERS) + JFUTEX_DOORBELL_RING));
  in_vain = 0;
  jfutex_wake(&doorbell->state, INT_MAX);
  return 0;
}

// Gives a ticket back, so that the next ring costs nothing if nobody else sleeps; once used up, does nothing.
static inline int jfutex_doorbell_cancel(jfutex_doorbell *doorbell, const jfutex_ticket *ticket) {
  uint32_t state = jfutex_load(&doorbell->state);
  if ((ticket->announced & JFUTEX_DOORBELL_SLEEPERS) == JFUTEX_DOORBELL_ONE &&
      (state | JFUTEX_DOORBELL_FENCED) == (ticket->announced | JFUTEX_DOORBELL_FENCED)) {
    jfutex_change(&doorbell->state, &state, state & ~JFUTEX_DOORBELL_SLEEPERS);
  }
  return 0;
}

// Whether a sleeper need not fence for those who ring.
static inline int jfutex_doorbell_every_ring_fences(const jfutex_doorbell *doorbell, uint32_t state) {
  return (state & JFUTEX_DOORBELL_FENCED) != 0 || jfutex_load(&doorbell->mode) != JFUTEX_DOORBELL_MEMBARRIER;
}

// Says that the caller is about to sleep; it looks for work once more then. An errno of membarrier(2), with no ticket,
// if the doorbell's mode needs that and this process has none.
static inline int jfutex_doorbell_prepare(jfutex_doorbell *doorbell, jfutex_ticket *ticket) {
  const uint32_t asks = jfutex_load(&doorbell->mode) == JFUTEX_DOORBELL_MEMBARRIER ? JFUTEX_DOORBELL_FENCES : 0;
  uint32_t state = jfutex_load(&doorbell->state);
  do {
    uint32_t sleepers =
        (state & JFUTEX_DOORBELL_SLEEPERS) == 0 ? JFUTEX_DOORBELL_ONE : JFUTEX_DOORBELL_SEVERAL;
    ticket->announced = (state & ~JFUTEX_DOORBELL_SLEEPERS) | sleepers | asks;
  } while (!jfutex_change(&doorbell->state, &state, ticket->announced));
  if (jfutex_doorbell_every_ring_fences(doorbell, ticket->announced)) return 0;
  if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0) == 0) return 0;
  int error = errno;
  jfutex_doorbell_cancel(doorbell, ticket);
  return error;
}

static inline int jfutex_doorbell_is_rung(const jfutex_doorbell *doorbell, const jfutex_ticket *ticket) {
  const uint32_t rings = ~(JFUTEX_DOORBELL_RING - 1);
  uint32_t state = jfutex_load(&doorbell->state);
  return (state & JFUTEX_DOORBELL_SLEEPERS) == 0 || ((state ^ ticket->announced) & rings) != 0;
}

// 0 if it was rung since the ticket was given, which is used up then: look for work, and prepare anew. EAGAIN if not:
// look for work, and sleep again by the same ticket. ETIMEDOUT when the time is over.
static inline int jfutex_doorbell_timedsleep(jfutex_doorbell *doorbell, const jfutex_ticket *ticket,
                                             const struct timespec *deadline) {
  uint32_t state = jfutex_load(&doorbell->state);
  if (jfutex_doorbell_is_rung(doorbell, ticket)) return 0;
  // Until every ring fences a sleep is short: the kernel may have passed over a CPU whose store is still on its way.
  struct timespec soon = jfutex_after(JFUTEX_DOORBELL_FIRST_SLEEP_MILLIS);
  int is_short = !jfutex_doorbell_every_ring_fences(doorbell, state) &&
                 (deadline == NULL || jfutex_is_before(&soon, deadline));
  int slept = jfutex_sleep(&doorbell->state, state, is_short ? &soon : deadline);
  if (jfutex_doorbell_is_rung(doorbell, ticket)) return 0;
  if (is_short && slept == ETIMEDOUT) {
    jfutex_change(&doorbell->state, &state, state | JFUTEX_DOORBELL_FENCED);
    return EAGAIN;
  }
  return jfutex_is_over(slept) ? slept : EAGAIN;
}

static inline int jfutex_doorbell_sleep(jfutex_doorbell *doorbell, const jfutex_ticket *ticket) {
  return jfutex_doorbell_timedsleep(doorbell, ticket, NULL);
}

// ---- Barrier: 8 bytes ----------------------------------------------------------------------------------------------
//
//   0 state    bits 0-14   arrived, in this generation
//              bit 15      BROKEN: by who timed out, or was interrupted in Java; until it is reset
//              bits 16-31  generation: one more when it trips, or is reset
//   4 parties  bits 0-14   written once over 0
//              bits 15-31  how the last 17 generations ended, the last one first: 1 reset, 0 tripped

typedef struct __attribute__((aligned(8))) {
  uint32_t state, parties;
} jfutex_barrier;

static_assert(sizeof(jfutex_barrier) == 8, "a barrier");

#define JFUTEX_BARRIER_PARTIES_MAX UINT32_C(0x7fff)
#define JFUTEX_BARRIER_ARRIVED UINT32_C(0x7fff)  // mask
#define JFUTEX_BARRIER_BROKEN UINT32_C(0x8000)
#define JFUTEX_BARRIER_GENERATION UINT32_C(0xffff0000)  // mask
#define JFUTEX_BARRIER_ONE_GENERATION UINT32_C(0x10000)
#define JFUTEX_BARRIER_GENERATION_SHIFT 16
#define JFUTEX_BARRIER_ENDS_SHIFT 15  // in the second word
#define JFUTEX_BARRIER_ENDS 17        // bits
#define JFUTEX_BARRIER_TRIPPED UINT32_C(0)
#define JFUTEX_BARRIER_RESET UINT32_C(1)

// Both words at once.
typedef uint64_t __attribute__((may_alias)) jfutex_barrier_words;

static inline uint64_t jfutex_barrier_load(const jfutex_barrier *barrier) {
  return __atomic_load_n((const jfutex_barrier_words *)(const void *)barrier, __ATOMIC_ACQUIRE);
}

static inline int jfutex_barrier_is_size(uint32_t parties) {
  return parties >= 1 && parties <= JFUTEX_BARRIER_PARTIES_MAX;
}

// Makes a barrier of zeros; EINVAL if there is one for others, or the parties are none of 1 to 32767.
static inline int jfutex_barrier_init(jfutex_barrier *barrier, uint32_t parties) {
  uint32_t found = 0;
  if (!jfutex_barrier_is_size(parties)) return EINVAL;
  if (jfutex_change(&barrier->parties, &found, parties)) return 0;
  return (found & JFUTEX_BARRIER_PARTIES_MAX) == parties ? 0 : EINVAL;
}

static inline void jfutex_barrier_wake(jfutex_barrier *barrier, uint32_t state) {
  if ((state & JFUTEX_BARRIER_ARRIVED) != 0) jfutex_wake(&barrier->state, INT_MAX);
}

// Breaks the generation, and wakes all who wait; false if the word changed meanwhile.
static inline int jfutex_barrier_break(jfutex_barrier *barrier, uint32_t state) {
  uint32_t broken = (state & JFUTEX_BARRIER_GENERATION) | JFUTEX_BARRIER_BROKEN;
  if (!jfutex_change(&barrier->state, &state, broken)) return 0;
  jfutex_barrier_wake(barrier, state);
  return 1;
}

// Ends the generation, and wakes all who wait; false if a word changed meanwhile.
static inline int jfutex_barrier_next(jfutex_barrier *barrier, uint64_t words, uint32_t end) {
  uint32_t state = (uint32_t)words, second = (uint32_t)(words >> 32);
  uint32_t ends = (second >> JFUTEX_BARRIER_ENDS_SHIFT << 1) | end;
  second = (second & JFUTEX_BARRIER_PARTIES_MAX) | (ends << JFUTEX_BARRIER_ENDS_SHIFT);
  uint64_t next = (uint64_t)second << 32 | ((state & JFUTEX_BARRIER_GENERATION) + JFUTEX_BARRIER_ONE_GENERATION);
  if (!__atomic_compare_exchange_n((jfutex_barrier_words *)(void *)barrier, &words, next, 0, __ATOMIC_SEQ_CST,
                                   __ATOMIC_ACQUIRE)) {
    return 0;
  }
  jfutex_barrier_wake(barrier, state);
  return 1;
}

// How the generation ended that was the current one so many ago; of those forgotten, as the oldest known.
static inline uint32_t jfutex_barrier_end(uint64_t words, uint32_t ago) {
  if (ago > JFUTEX_BARRIER_ENDS) ago = JFUTEX_BARRIER_ENDS;
  return (uint32_t)(words >> 32) >> (JFUTEX_BARRIER_ENDS_SHIFT + ago - 1) & 1;
}

// Sleeps until the generation of who came then is over.
static inline int jfutex_barrier_sleep(jfutex_barrier *barrier, uint32_t came, const struct timespec *deadline) {
  for (int slept = 0;;) {
    uint64_t words = jfutex_barrier_load(barrier);
    uint32_t state = (uint32_t)words;
    uint32_t since = (state >> JFUTEX_BARRIER_GENERATION_SHIFT) - (came >> JFUTEX_BARRIER_GENERATION_SHIFT);
    since &= JFUTEX_BARRIER_GENERATION >> JFUTEX_BARRIER_GENERATION_SHIFT;
    if (since != 0 && jfutex_barrier_end(words, since) == JFUTEX_BARRIER_TRIPPED) return 0;
    if (since != 0 || (state & JFUTEX_BARRIER_BROKEN) != 0) return ECANCELED;
    if (jfutex_is_over(slept)) {
      if (jfutex_barrier_break(barrier, state)) return slept;
      slept = EINTR;  // perhaps the others came
    } else {
      slept = jfutex_sleep(&barrier->state, state, deadline);
    }
  }
}

// Arrives, and sleeps until all parties have; *to_come, unless it is NULL, is how many had not yet: 0 for the last one.
// ETIMEDOUT breaks the barrier: then, and if it is reset, the others get ECANCELED.
//
// No wake-up is lost: who arrived before the last one is counted in the word that it exchanges, and, if it does not
// sleep yet, finds the word changed.
static inline int jfutex_barrier_timedwait(jfutex_barrier *barrier, uint32_t *to_come,
                                           const struct timespec *deadline) {
  uint32_t parties = jfutex_load(&barrier->parties) & JFUTEX_BARRIER_PARTIES_MAX;
  if (!jfutex_barrier_is_size(parties)) return EINVAL;
  for (;;) {
    uint64_t words = jfutex_barrier_load(barrier);
    uint32_t state = (uint32_t)words, came = state, arrived = state & JFUTEX_BARRIER_ARRIVED;
    if ((state & JFUTEX_BARRIER_BROKEN) != 0) return ECANCELED;
    int is_last = arrived + 1 >= parties;
    if (is_last ? jfutex_barrier_next(barrier, words, JFUTEX_BARRIER_TRIPPED)
                : jfutex_change(&barrier->state, &state, state + 1)) {
      if (to_come != NULL) *to_come = is_last ? 0 : parties - 1 - arrived;
      return is_last ? 0 : jfutex_barrier_sleep(barrier, came, deadline);
    }
  }
}

static inline int jfutex_barrier_wait(jfutex_barrier *barrier, uint32_t *to_come) {
  return jfutex_barrier_timedwait(barrier, to_come, NULL);
}

// Begins anew; who waits gets ECANCELED.
static inline int jfutex_barrier_reset(jfutex_barrier *barrier) {
  while (!jfutex_barrier_next(barrier, jfutex_barrier_load(barrier), JFUTEX_BARRIER_RESET)) {
  }
  return 0;
}

// ---- Region: a file that describes itself ---------------------------------------------------------------------------
//
//      0 magic u64 "jfutexRG"      8 version u32, written last    12 byte order u32    16 size u64    24 features u64
//     32 boot id, 16 bytes        48 PID namespace u64            56 entries u32, how many are published
//    128 mutex of who adds a name: robust and error-check
//    256 directory: entries of 128 bytes, each written before it is counted, and never changed after
//   size slots, from the end of the file down: each ends where the one before begins, at a multiple of 64
//
// Whoever opens the path first makes the file, whoever asks for a name first makes what it stands for, in C or Java;
// all get the same. A process that is killed meanwhile has made nothing, and is in nobody's way.
//
// What went wrong is told by an errno, and for people by a message, if there is a place for one:
//   EINVAL   a name, size or parameter that cannot be; or the name stands for something else
//   ENOENT   there is no such name, and only Java makes what it is to stand for
//   EBADMSG  the file is not a region that can be used here, or was corrupted; it is left as it is
//   ENOSPC   no room for another name       ESTALE  the file was deleted or replaced, or is from before a reboot
//   EBUSY    the directory's mutex was not free for JFUTEX_REGION_PATIENCE_MILLIS
// and by the errno of open(2), fstat(2), mmap(2) and the like.

// The mutex is held for microseconds; a machine that is overloaded may take seconds for them.
#ifndef JFUTEX_REGION_PATIENCE_MILLIS
#define JFUTEX_REGION_PATIENCE_MILLIS 10000
#endif

// What a name stands for.
enum {
  JFUTEX_WORD = 1,
  JFUTEX_BYTES = 2,
  JFUTEX_MUTEX = 3,  // parameter: its kind
  JFUTEX_CONDITION = 4,
  JFUTEX_CRASH_SAFE_RWLOCK = 5,  // Java's alone
  JFUTEX_RWLOCK = 6,
  JFUTEX_SEMAPHORE = 7,         // made by Java alone; parameter: the permits that it began with
  JFUTEX_ROBUST_SEMAPHORE = 8,  // Java's alone
  JFUTEX_BARRIER = 9,  // parameter: parties
  JFUTEX_LATCH = 10,   // parameter: count
  JFUTEX_EVENT_MANUAL = 11,
  JFUTEX_EVENT_AUTO = 12,
  JFUTEX_ONCE = 13,  // Java's alone
  JFUTEX_DOORBELL = 14
};

#define JFUTEX_NAME_BYTES_MAX 104

typedef struct {
  uint64_t magic;
  uint32_t version, byte_order;
  uint64_t size, features;
  unsigned char boot_id[16];
  uint64_t pid_namespace;
  uint32_t entries;
  unsigned char zeros[68];
  pthread_mutex_t mutex;
} jfutex_header;

typedef struct {
  uint32_t kind, parameter;
  uint64_t offset, length;
  char name[JFUTEX_NAME_BYTES_MAX];  // UTF-8, then zeros
} jfutex_entry;

#define JFUTEX_HEADER_BYTES UINT64_C(256)
#define JFUTEX_SLOT_ALIGNMENT UINT64_C(64)
#define JFUTEX_REGION_BYTES_MIN (JFUTEX_HEADER_BYTES + sizeof(jfutex_entry) + JFUTEX_SLOT_ALIGNMENT)
#define JFUTEX_REGION_BYTES_MAX UINT64_C(0x7fffffff)
#define JFUTEX_REGION_BYTES_DEFAULT UINT64_C(0x100000)
#define JFUTEX_REGION_VERSION 1
#define JFUTEX_REGION_BYTE_ORDER UINT32_C(0x01020304)

static_assert(offsetof(jfutex_header, version) == 8 && offsetof(jfutex_header, byte_order) == 12, "the header");
static_assert(offsetof(jfutex_header, size) == 16 && offsetof(jfutex_header, features) == 24, "the header");
static_assert(offsetof(jfutex_header, boot_id) == 32 && offsetof(jfutex_header, pid_namespace) == 48, "the header");
static_assert(offsetof(jfutex_header, entries) == 56 && offsetof(jfutex_header, mutex) == 128, "the header");
static_assert(sizeof(sem_t) == 32, "a semaphore");
static_assert(sizeof(jfutex_header) <= 256 && sizeof(jfutex_entry) == 128, "the directory");
static_assert(offsetof(jfutex_entry, offset) == 8 && offsetof(jfutex_entry, length) == 16, "an entry");
static_assert(offsetof(jfutex_entry, name) == 24, "an entry");

typedef struct {
  jfutex_header *header;  // the beginning of the mapping
  size_t bytes;
  int fd;  // tells whether the file was deleted
} jfutex_region;

typedef struct {
  char text[512];
} jfutex_message;

__attribute__((format(printf, 3, 4))) static inline int jfutex_refuse(jfutex_message *message, int error,
                                                                      const char *format, ...) {
  if (message != NULL) {
    va_list values;
    va_start(values, format);
    vsnprintf(message->text, sizeof message->text, format, values);
    va_end(values);
  }
  return error;
}

static inline int jfutex_failed(jfutex_message *message, const char *path, const char *call) {
  int error = errno;
  return jfutex_refuse(message, error, "%s: %s: %s", path, call, strerror(error));
}

// Network file systems, whose files other machines change: the kernel's futexes do not reach those.
static inline int jfutex_is_of_this_machine(const struct statfs *fs) {
  const uint32_t networks[] = {0x6969 /* nfs */, 0x517b /* smb */, 0xff534d42 /* cifs */, 0xfe534d42 /* smb2 */,
                               0x01021997 /* 9p */, 0x00c36400 /* ceph */, 0x5346414f /* afs */, 0x73757245 /* coda */,
                               0x564c /* ncp */, 0x7461636f /* ocfs2 */, 0x0bd00bd0 /* lustre */,
                               0x47504653 /* gpfs */};
  for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) {
    if ((uint32_t)fs->f_type == networks[i]) return 0;
  }
  return 1;
}

// Refuses what is no regular file, and symbolic links in folders that everybody may write: who may do that may redirect
// them, to any file that this process may write. *link tells whether the path itself is a link.
static inline int jfutex_region_check_path(const char *path, int *link, jfutex_message *message) {
  char name[PATH_MAX];
  struct stat file, folder;
  size_t length = strlen(path), begin = 0;
  *link = 0;
  if (length == 0 || length >= sizeof name) {
    return jfutex_refuse(message, EINVAL, "found a path of %zu bytes, expected 1 to %d", length, PATH_MAX - 1);
  }
  for (size_t end = 1; end <= length; end++) {
    if (path[end - 1] == '/') begin = end;
    if (begin == end || (path[end] != '/' && path[end] != 0)) continue;
    memcpy(name, path, end);
    name[end] = 0;
    *link = lstat(name, &file) == 0 && S_ISLNK(file.st_mode);
    if (!*link) continue;
    name[begin] = 0;
    if (stat(begin == 0 ? "." : name, &folder) == 0 && (folder.st_mode & S_IWOTH) != 0) {
      return jfutex_refuse(message, EBADMSG,
                           "%s: found the symbolic link %.*s in a folder that everybody may write, expected the file "
                           "itself, or a folder of your own",
                           path, (int)end, path);
    }
  }
  if (stat(path, &file) == 0 && !S_ISREG(file.st_mode)) {
    return jfutex_refuse(message, EBADMSG, "%s: found %s, expected a regular file", path,
                         S_ISDIR(file.st_mode) ? "a folder" : "something that is no file");
  }
  return 0;
}

static inline ssize_t jfutex_retry_read(int fd, void *to, size_t bytes, off_t at) {
  ssize_t result;
  do result = pread(fd, to, bytes, at);
  while (result < 0 && errno == EINTR);
  return result;
}

static inline int jfutex_write_all(int fd, const void *from, size_t bytes, off_t at) {
  const char *rest = (const char *)from;
  while (bytes > 0) {
    ssize_t result = pwrite(fd, rest, bytes, at);
    if (result < 0 && errno != EINTR) return errno;
    if (result > 0) {
      rest += result;
      at += result;
      bytes -= (size_t)result;
    }
  }
  return 0;
}

// Whether there are only zeros from there to the end; -1 if it cannot be read.
static inline int jfutex_is_zero(int fd, off_t at) {
  char chunk[4096];
  ssize_t read;
  while ((read = jfutex_retry_read(fd, chunk, sizeof chunk, at)) > 0) {
    for (ssize_t i = 0; i < read; i++) {
      if (chunk[i] != 0) return 0;
    }
    at += read;
  }
  return read == 0 ? 1 : -1;
}

static inline int jfutex_hex_digit(char digit) {
  return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

// During which run of the kernel, and in which PID namespace, thread ids mean what this process takes them for.
static inline void jfutex_this_system(jfutex_header *header) {
  char text[64];
  struct stat pids;
  int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? 0 : jfutex_retry_read(fd, text, sizeof text, 0);
  size_t digits = 0;
  memset(header->boot_id, 0, sizeof header->boot_id);
  for (ssize_t i = 0; i < length && digits < 2 * sizeof header->boot_id; i++) {
    int digit = jfutex_hex_digit(text[i]);
    if (digit < 0) continue;
    header->boot_id[digits / 2] |= (unsigned char)(digit << (digits % 2 == 0 ? 4 : 0));
    digits++;
  }
  if (fd >= 0) close(fd);
  header->pid_namespace = stat("/proc/self/ns/pid", &pids) == 0 ? pids.st_ino : 0;
}

static inline uint64_t jfutex_magic(void) {
  uint64_t magic;
  memcpy(&magic, "jfutexRG", sizeof magic);
  return magic;
}

// Zeros, then the magic, then the other fields; not the version.
static inline int jfutex_region_make(int fd, uint64_t bytes, const jfutex_header *system) {
  const char zeros[4096] = {0};
  jfutex_header header;
  memset(&header, 0, sizeof header);
  header.magic = jfutex_magic();
  header.byte_order = JFUTEX_REGION_BYTE_ORDER;
  header.size = bytes;
  memcpy(header.boot_id, system->boot_id, sizeof header.boot_id);
  header.pid_namespace = system->pid_namespace;
  int error = 0;
  for (uint64_t at = 0; at < bytes && error == 0; at += sizeof zeros) {
    error = jfutex_write_all(fd, zeros, bytes - at < sizeof zeros ? bytes - at : sizeof zeros, (off_t)at);
  }
  if (error == 0) error = jfutex_write_all(fd, &header, sizeof header.magic, 0);
  const off_t rest = offsetof(jfutex_header, version);
  if (error == 0) error = jfutex_write_all(fd, &header.version, offsetof(jfutex_header, mutex) - (size_t)rest, rest);
  return error;
}

// Of a copy of the header.
static inline int jfutex_region_check(const char *path, const jfutex_header *header, uint64_t bytes,
                                      const jfutex_header *system, jfutex_message *message) {
  if (header->magic != jfutex_magic()) {
    return jfutex_refuse(message, EBADMSG,
                         "%s: magic: found 0x%016llx, expected \"jfutexRG\": it is no region, and stays as it is", path,
                         (unsigned long long)header->magic);
  }
  if (header->byte_order != JFUTEX_REGION_BYTE_ORDER) {
    return jfutex_refuse(message, EBADMSG, "%s: byte order: found 0x%08x, expected 0x%08x", path, header->byte_order,
                         JFUTEX_REGION_BYTE_ORDER);
  }
  if (header->version != JFUTEX_REGION_VERSION) {
    return jfutex_refuse(message, EBADMSG, "%s: version: found %u, expected %d: use the jfutex that made it", path,
                         header->version, JFUTEX_REGION_VERSION);
  }
  if (header->features != 0) {
    return jfutex_refuse(message, EBADMSG, "%s: features: found 0x%llx, expected 0: use the jfutex that made it", path,
                         (unsigned long long)header->features);
  }
  if (header->size != bytes || bytes < JFUTEX_REGION_BYTES_MIN || bytes > JFUTEX_REGION_BYTES_MAX) {
    return jfutex_refuse(message, EBADMSG,
                         "%s: size: found %llu and a file of %llu bytes, expected both the same, and %llu to %llu: was "
                         "it truncated?",
                         path, (unsigned long long)header->size, (unsigned long long)bytes,
                         (unsigned long long)JFUTEX_REGION_BYTES_MIN, (unsigned long long)JFUTEX_REGION_BYTES_MAX);
  }
  if (memcmp(header->boot_id, system->boot_id, sizeof header->boot_id) != 0) {
    return jfutex_refuse(message, ESTALE,
                         "%s: boot id: found that of another run of the kernel, expected this one's: who held "
                         "something then is dead. Fix: open it in Java first, which frees what they held; or delete it",
                         path);
  }
  if (header->pid_namespace != system->pid_namespace) {
    return jfutex_refuse(message, EBADMSG,
                         "%s: PID namespace: found %llu, expected %llu, that of this process, where thread ids mean "
                         "the same; for containers: --pid=container:...",
                         path, (unsigned long long)header->pid_namespace, (unsigned long long)system->pid_namespace);
  }
  return 0;
}

// Maps the file, which the caller has the lock of, after making it if there was nothing yet, or something unfinished.
static inline int jfutex_region_map(jfutex_region *region, const char *path, uint64_t bytes, jfutex_message *message) {
  jfutex_header header, system;
  struct stat file;
  memset(&header, 0, sizeof header);
  jfutex_this_system(&system);
  if (fstat(region->fd, &file) != 0 || jfutex_retry_read(region->fd, &header, sizeof header, 0) < 0) {
    return jfutex_failed(message, path, "fstat and read");
  }
  uint64_t found = (uint64_t)file.st_size;
  int unpublished = header.magic == jfutex_magic() && header.version == 0;
  int unfinished = jfutex_is_zero(region->fd, unpublished ? (off_t)offsetof(jfutex_header, entries) : 0);
  if (unfinished < 0) return jfutex_failed(message, path, "read");
  if (unfinished) {
    if (bytes < found) bytes = found;
    int error = bytes > JFUTEX_REGION_BYTES_MAX ? EFBIG : jfutex_region_make(region->fd, bytes, &system);
    if (error != 0) {
      if (found == 0) unlink(path);  // a file system that is full is not to stay so
      return jfutex_refuse(message, error, "%s: cannot write %llu bytes: %s", path, (unsigned long long)bytes,
                           strerror(error));
    }
  } else {
    bytes = found;
    int error = jfutex_region_check(path, &header, bytes, &system, message);
    if (error != 0) return error;
  }
  void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, region->fd, 0);
  if (mapped == MAP_FAILED) return jfutex_failed(message, path, "mmap");
  region->header = (jfutex_header *)mapped;
  region->bytes = bytes;
  if (unfinished) __atomic_store_n(&region->header->version, JFUTEX_REGION_VERSION, __ATOMIC_RELEASE);
  if (jfutex_mutex_init(&region->header->mutex, JFUTEX_MUTEX_DEFAULT) != 0) {
    unsigned kind = (unsigned)region->header->mutex.__data.__kind;
    munmap(mapped, bytes);
    return jfutex_refuse(message, EBADMSG, "%s: the directory's mutex: found kind 0x%x, expected 0x%x", path, kind,
                         JFUTEX_MUTEX_DEFAULT);
  }
  return 0;
}

// Whether the file at the path is the one that is open.
static inline int jfutex_is_at(const char *path, int fd) {
  struct stat named, opened;
  return stat(path, &named) == 0 && fstat(fd, &opened) == 0 && named.st_dev == opened.st_dev &&
         named.st_ino == opened.st_ino;
}

// Opens the file, alone: by a lock of the open file, which other threads of this process, that other of its descriptors
// are closed, and a fork do not disturb, and which excludes the fcntl(2) locks of Java.
static inline int jfutex_region_open_alone(jfutex_region *region, const char *path, int link, jfutex_message *message) {
  struct flock whole;
  struct statfs fs;
  const int flags = O_RDWR | O_CLOEXEC | (link ? 0 : O_NOFOLLOW);
  for (;;) {
    region->fd = open(path, flags);
    int made = 0;
    if (region->fd < 0 && errno == ENOENT && !link) {
      region->fd = open(path, flags | O_CREAT | O_EXCL, 0600);
      if (region->fd < 0 && errno == EEXIST) continue;
      made = region->fd >= 0;
    }
    if (region->fd < 0 && errno == EINTR) continue;
    if (region->fd < 0) return jfutex_failed(message, path, "open");
    if (fstatfs(region->fd, &fs) == 0 && !jfutex_is_of_this_machine(&fs)) {
      if (made) unlink(path);
      close(region->fd);
      return jfutex_refuse(message, EBADMSG,
                           "%s: file system: found 0x%lx, a network's, expected one of this machine alone, such as "
                           "that of /dev/shm",
                           path, (unsigned long)fs.f_type);
    }
    memset(&whole, 0, sizeof whole);
    whole.l_type = F_WRLCK;
    while (fcntl(region->fd, F_OFD_SETLKW, &whole) != 0) {
      if (errno != EINTR) {
        int error = jfutex_failed(message, path, "fcntl");
        close(region->fd);
        return error;
      }
    }
    // Deleted meanwhile, as by one who could not finish it?
    if (jfutex_is_at(path, region->fd)) return 0;
    close(region->fd);
  }
}

// Opens a region, after making it, with mode 0600, if there is no file, an empty one, one of zeros, or an unfinished
// one. The size is that of a new one, in bytes; one that exists keeps its own. 0 for JFUTEX_REGION_BYTES_DEFAULT.
static inline int jfutex_region_open(jfutex_region *region, const char *path, uint64_t bytes, jfutex_message *message) {
  struct flock whole;
  int link;
  if (bytes == 0) bytes = JFUTEX_REGION_BYTES_DEFAULT;
  if (bytes < JFUTEX_REGION_BYTES_MIN || bytes > JFUTEX_REGION_BYTES_MAX) {
    return jfutex_refuse(message, EINVAL, "%s: found a size of %llu bytes, expected %llu to %llu", path,
                         (unsigned long long)bytes, (unsigned long long)JFUTEX_REGION_BYTES_MIN,
                         (unsigned long long)JFUTEX_REGION_BYTES_MAX);
  }
  int error = jfutex_region_check_path(path, &link, message);
  if (error == 0) error = jfutex_region_open_alone(region, path, link, message);
  if (error != 0) return error;
  error = jfutex_region_map(region, path, bytes, message);
  memset(&whole, 0, sizeof whole);
  whole.l_type = F_UNLCK;
  if (error == 0) {
    fcntl(region->fd, F_OFD_SETLK, &whole);
  } else {
    close(region->fd);
  }
  return error;
}

// Nobody may use what was found in it any more. Nothing is unlocked.
static inline int jfutex_region_close(jfutex_region *region) {
  int error = munmap(region->header, region->bytes) == 0 ? 0 : errno;
  close(region->fd);
  return error;
}

static inline void *jfutex_region_at(const jfutex_region *region, uint64_t offset) {
  return (char *)region->header + offset;
}

// Where the slots begin that are there, before the entry of a number is added.
static inline uint64_t jfutex_region_lowest(const jfutex_region *region, uint32_t number) {
  if (number == 0) return region->bytes / JFUTEX_SLOT_ALIGNMENT * JFUTEX_SLOT_ALIGNMENT;
  const jfutex_entry *last =
      (const jfutex_entry *)jfutex_region_at(region, JFUTEX_HEADER_BYTES + (number - 1) * sizeof(jfutex_entry));
  return last->offset;
}

// How many names there are, at most as many as there is room for.
static inline uint32_t jfutex_region_entries(const jfutex_region *region) {
  uint32_t most = (uint32_t)((region->bytes - JFUTEX_HEADER_BYTES) / sizeof(jfutex_entry));
  uint32_t published = jfutex_load(&region->header->entries);
  return published < most ? published : most;
}

// Copies the entry of a number, from 0 on, and checks the copy; ENOENT if there are not so many.
static inline int jfutex_region_get(const jfutex_region *region, uint32_t number, jfutex_entry *entry,
                                    jfutex_message *message) {
  uint32_t published = jfutex_region_entries(region);
  if (number >= published) {
    return jfutex_refuse(message, ENOENT, "found %u names, expected more than %u", published, number);
  }
  memcpy(entry, jfutex_region_at(region, JFUTEX_HEADER_BYTES + number * sizeof *entry), sizeof *entry);
  uint64_t begin = JFUTEX_HEADER_BYTES + (uint64_t)published * sizeof *entry;
  if (entry->offset < begin || entry->offset >= region->bytes || entry->offset % JFUTEX_SLOT_ALIGNMENT != 0 ||
      entry->length == 0 || entry->length > region->bytes - entry->offset || entry->name[0] == 0) {
    return jfutex_refuse(message, EBADMSG,
                         "directory entry %u: found offset %llu, length %llu and a name of %zu bytes, expected an "
                         "offset that is a multiple of %llu and at least %llu, what fits into %zu bytes, and a name",
                         number, (unsigned long long)entry->offset, (unsigned long long)entry->length,
                         strnlen(entry->name, sizeof entry->name), (unsigned long long)JFUTEX_SLOT_ALIGNMENT,
                         (unsigned long long)begin, region->bytes);
  }
  return 0;
}

// The entry of a name, from a number on, which is moved behind the last entry; ENOENT if there is none.
static inline int jfutex_region_look_up(const jfutex_region *region, const char *name, uint32_t *number,
                                        jfutex_entry *entry, jfutex_message *message) {
  for (; *number < jfutex_region_entries(region); ++*number) {
    int error = jfutex_region_get(region, *number, entry, message);
    if (error != 0 || strncmp(entry->name, name, sizeof entry->name) == 0) return error;
  }
  return ENOENT;
}

// Adds an entry, as the holder of the mutex; its slot is zeros already.
static inline int jfutex_region_add(jfutex_region *region, jfutex_entry *entry, jfutex_message *message) {
  struct stat file;
  if (fstat(region->fd, &file) != 0 || file.st_nlink == 0 || (uint64_t)file.st_size < region->bytes) {
    return jfutex_refuse(message, ESTALE,
                         "the file was deleted, replaced or truncated since this region was opened. Fix: open it anew");
  }
  uint32_t number = jfutex_region_entries(region);
  uint64_t lowest = jfutex_region_lowest(region, number), next = JFUTEX_HEADER_BYTES + number * sizeof *entry;
  uint64_t room = lowest <= region->bytes && lowest > next + sizeof *entry ? lowest - next - sizeof *entry : 0;
  entry->offset = entry->length <= room ? (lowest - entry->length) / JFUTEX_SLOT_ALIGNMENT * JFUTEX_SLOT_ALIGNMENT : 0;
  if (entry->offset < next + sizeof *entry) {
    return jfutex_refuse(message, ENOSPC,
                         "no room for '%.*s', which takes %llu bytes: there are %u names. Fix: a new file, larger",
                         JFUTEX_NAME_BYTES_MAX, entry->name, (unsigned long long)(entry->length + sizeof *entry),
                         number);
  }
  memcpy(jfutex_region_at(region, next), entry, sizeof *entry);
  __atomic_store_n(&region->header->entries, number + 1, __ATOMIC_RELEASE);
  return 0;
}

// Whether its bytes are made in here.
static inline int jfutex_is_made_in_c(uint32_t kind) {
  return kind >= JFUTEX_WORD && kind <= JFUTEX_DOORBELL && kind != JFUTEX_ONCE && kind != JFUTEX_CRASH_SAFE_RWLOCK &&
         kind != JFUTEX_SEMAPHORE && kind != JFUTEX_ROBUST_SEMAPHORE;
}

// Whether a name is UTF-8 as Unicode has it: Java refuses a directory with any other.
static inline int jfutex_is_utf8(const char *name) {
  const unsigned char *byte = (const unsigned char *)name;
  while (*byte != 0) {
    int more = *byte < 0x80 ? 0 : *byte < 0xc2 ? -1 : *byte < 0xe0 ? 1 : *byte < 0xf0 ? 2 : *byte < 0xf5 ? 3 : -1;
    uint32_t code = more <= 0 ? *byte : *byte & (0x3f >> more);
    byte++;
    for (int i = 0; i < more; i++, byte++) {
      if ((*byte & 0xc0) != 0x80) return 0;
      code = code << 6 | (*byte & 0x3f);
    }
    int is_short = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
    if (more < 0 || is_short || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff) return 0;
  }
  return 1;
}

// The slot of a name, found or made: at first zeros; NULL if that fails. Finding reads what was published, without a
// lock, from the first name on: keep what you got. Who adds a name holds the directory's mutex; if that one dies, what
// it did not publish is written over.
static inline int jfutex_region_find(jfutex_region *region, const char *name, uint32_t kind, uint32_t parameter,
                                     uint64_t length, void **slot, jfutex_message *message) {
  jfutex_entry wanted, found;
  size_t name_bytes = strlen(name);
  *slot = NULL;
  if (name_bytes == 0 || name_bytes > sizeof wanted.name || !jfutex_is_utf8(name) || length == 0) {
    return jfutex_refuse(message, EINVAL,
                         "found a name of %zu bytes for %llu bytes, expected 1 to %d bytes of UTF-8 for at least 1",
                         name_bytes, (unsigned long long)length, JFUTEX_NAME_BYTES_MAX);
  }
  uint32_t number = 0;
  int error = jfutex_region_look_up(region, name, &number, &found, message);
  if (error == ENOENT && !jfutex_is_made_in_c(kind)) {
    return jfutex_refuse(message, ENOENT, "'%s': found no such name, and kind %u is made by Java alone", name, kind);
  }
  if (error == ENOENT) {
    struct timespec deadline = jfutex_after(JFUTEX_REGION_PATIENCE_MILLIS);
    error = jfutex_mutex_timedlock(&region->header->mutex, &deadline);
    if (error == EOWNERDEAD) error = pthread_mutex_consistent(&region->header->mutex);
    if (error != 0) {
      return jfutex_refuse(message, error == ETIMEDOUT ? EBUSY : error,
                           "the directory's mutex: %s after %d ms. Fix: let its owner go on, or end it: thread %d",
                           strerror(error), JFUTEX_REGION_PATIENCE_MILLIS, region->header->mutex.__data.__owner);
    }
    error = jfutex_region_look_up(region, name, &number, &found, message);
    if (error == ENOENT) {
      memset(&wanted, 0, sizeof wanted);
      wanted.kind = kind;
      wanted.parameter = parameter;
      wanted.length = length;
      memcpy(wanted.name, name, name_bytes);
      error = jfutex_region_add(region, &wanted, message);
      found = wanted;
    }
    pthread_mutex_unlock(&region->header->mutex);
  }
  if (error != 0) return error;
  if (found.kind != kind || found.parameter != parameter || found.length != length) {
    return jfutex_refuse(message, EINVAL,
                         "'%s': found kind %u, parameter %u, length %llu, expected kind %u, parameter %u, length %llu",
                         name, found.kind, found.parameter, (unsigned long long)found.length, kind, parameter,
                         (unsigned long long)length);
  }
  *slot = jfutex_region_at(region, found.offset);
  return 0;
}

static inline int jfutex_region_word(jfutex_region *region, const char *name, uint32_t **word,
                                     jfutex_message *message) {
  void *slot;
  int error = jfutex_region_find(region, name, JFUTEX_WORD, 0, sizeof **word, &slot, message);
  *word = (uint32_t *)slot;
  return error;
}

static inline int jfutex_region_bytes(jfutex_region *region, const char *name, uint64_t length, void **bytes,
                                      jfutex_message *message) {
  return jfutex_region_find(region, name, JFUTEX_BYTES, 0, length, bytes, message);
}

// Of a kind such as JFUTEX_MUTEX_DEFAULT.
static inline int jfutex_region_mutex(jfutex_region *region, const char *name, int kind, pthread_mutex_t **mutex,
                                      jfutex_message *message) {
  void *slot;
  *mutex = NULL;
  if (!jfutex_mutex_is_kind(kind)) {
    return jfutex_refuse(message, EINVAL, "'%s': found mutex kind 0x%x, expected one like 0x%x", name, (unsigned)kind,
                         JFUTEX_MUTEX_DEFAULT);
  }
  int error = jfutex_region_find(region, name, JFUTEX_MUTEX, (uint32_t)kind, JFUTEX_MUTEX_BYTES, &slot, message);
  if (error != 0) return error;
  *mutex = (pthread_mutex_t *)slot;
  error = jfutex_mutex_init(*mutex, kind);
  return error == 0 ? 0 : jfutex_refuse(message, EBADMSG, "'%s': found no mutex in its slot", name);
}

static inline int jfutex_region_condition(jfutex_region *region, const char *name, jfutex_condition **condition,
                                          jfutex_message *message) {
  void *slot;
  int error = jfutex_region_find(region, name, JFUTEX_CONDITION, 0, sizeof **condition, &slot, message);
  *condition = (jfutex_condition *)slot;
  return error;
}

static inline int jfutex_region_rwlock(jfutex_region *region, const char *name, jfutex_rwlock **lock,
                                       jfutex_message *message) {
  void *slot;
  int error = jfutex_region_find(region, name, JFUTEX_RWLOCK, 0, sizeof **lock, &slot, message);
  *lock = (jfutex_rwlock *)slot;
  return error;
}

// Manual reset.
static inline int jfutex_region_event(jfutex_region *region, const char *name, jfutex_event **event,
                                      jfutex_message *message) {
  void *slot;
  int error = jfutex_region_find(region, name, JFUTEX_EVENT_MANUAL, 0, sizeof **event, &slot, message);
  *event = (jfutex_event *)slot;
  return error;
}

static inline int jfutex_region_event_auto(jfutex_region *region, const char *name, jfutex_event **event,
                                           jfutex_message *message) {
  void *slot;
  int error = jfutex_region_find(region, name, JFUTEX_EVENT_AUTO, 0, sizeof **event, &slot, message);
  *event = (jfutex_event *)slot;
  return error;
}

static inline int jfutex_region_latch(jfutex_region *region, const char *name, uint32_t count, jfutex_latch **latch,
                                      jfutex_message *message) {
  void *slot;
  *latch = NULL;
  if (count == 0 || count >= JFUTEX_LATCH_WAITERS) {
    return jfutex_refuse(message, EINVAL, "'%s': found count %u, expected 1 to 2^31 - 1", name, count);
  }
  int error = jfutex_region_find(region, name, JFUTEX_LATCH, count, sizeof **latch, &slot, message);
  if (error != 0) return error;
  *latch = (jfutex_latch *)slot;
  error = jfutex_latch_init(*latch, count);
  return error == 0 ? 0 : jfutex_refuse(message, EBADMSG, "'%s': found count %u in its slot", name, (*latch)->count);
}

static inline int jfutex_region_barrier(jfutex_region *region, const char *name, uint32_t parties,
                                        jfutex_barrier **barrier, jfutex_message *message) {
  void *slot;
  *barrier = NULL;
  if (!jfutex_barrier_is_size(parties)) {
    return jfutex_refuse(message, EINVAL, "'%s': found %u parties, expected 1 to %u", name, parties,
                         JFUTEX_BARRIER_PARTIES_MAX);
  }
  int error = jfutex_region_find(region, name, JFUTEX_BARRIER, parties, sizeof **barrier, &slot, message);
  if (error != 0) return error;
  *barrier = (jfutex_barrier *)slot;
  error = jfutex_barrier_init(*barrier, parties);
  if (error == 0) return 0;
  return jfutex_refuse(message, EBADMSG, "'%s': found %u parties in its slot", name, (*barrier)->parties);
}

// *fences is for jfutex_doorbell_ring.
static inline int jfutex_region_doorbell(jfutex_region *region, const char *name, jfutex_doorbell **doorbell,
                                         int *fences, jfutex_message *message) {
  void *slot;
  *doorbell = NULL;
  int error = jfutex_region_find(region, name, JFUTEX_DOORBELL, 0, sizeof **doorbell, &slot, message);
  if (error != 0) return error;
  *doorbell = (jfutex_doorbell *)slot;
  error = jfutex_doorbell_init(*doorbell, fences);
  return error == 0 ? 0 : jfutex_refuse(message, EBADMSG, "'%s': found mode %u in its slot", name, (*doorbell)->mode);
}

// Of those that Java made: for sem_wait, sem_clockwait, sem_post and the like. ENOENT if it has not yet.
static inline int jfutex_region_semaphore(jfutex_region *region, const char *name, uint32_t permits, sem_t **semaphore,
                                          jfutex_message *message) {
  const uint32_t process_shared = 0x80;
  const size_t sharing = 2;  // the word that tells
  void *slot;
  int error = jfutex_region_find(region, name, JFUTEX_SEMAPHORE, permits, sizeof **semaphore, &slot, message);
  *semaphore = (sem_t *)slot;
  if (error != 0 || jfutex_load((const uint32_t *)slot + sharing) == process_shared) return error;
  return jfutex_refuse(message, ENOENT, "'%s': found a semaphore that Java is about to make", name);
}

#endif
