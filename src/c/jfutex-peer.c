// SPDX-License-Identifier: Apache-2.0
//
// The C side of the tests of jfutex.h.
//
//   jfutex-peer FILE
//
// What it obeys, beyond what peer.h says. OFFSET is that of the primitive in the file; a condition has its mutex
// MUTEX_AT bytes behind it. MILLIS makes it the timed form.
//
//   mutex-init OFFSET KIND           mutex-lock OFFSET [MILLIS]       mutex-unlock OFFSET     mutex-consistent OFFSET
//   condition-wait OFFSET [MILLIS]   condition-signal OFFSET          condition-broadcast OFFSET
//   rwlock-rdlock OFFSET [MILLIS]    rwlock-tryrdlock OFFSET          rwlock-unlock OFFSET
//   rwlock-wrlock OFFSET [MILLIS]    rwlock-trywrlock OFFSET
//   event-wait OFFSET [MILLIS]       event-set OFFSET                 event-reset OFFSET
//   event-take OFFSET [MILLIS]       event-set-auto OFFSET
//   latch-init OFFSET COUNT          latch-count-down OFFSET          latch-wait OFFSET [MILLIS]
//   barrier-init OFFSET PARTIES      barrier-reset OFFSET             barrier-wait OFFSET [MILLIS]
//   doorbell-init OFFSET             doorbell-ring OFFSET             doorbell-await OFFSET [MILLIS]
//   doorbell-publish OFFSET          doorbell-withdraw OFFSET         (what is published is a number behind it)
//
// And N times, with numbers at DATA_AT behind the primitive, which C and Java peers use alike:
//
//   rwlock-loop OFFSET N         writes two numbers that have to be the same whenever one reads
//   condition-produce OFFSET N   puts N into a buffer of CAPACITY; its conditions are OFFSET and 16 behind it
//   condition-consume OFFSET N   takes N from it; after EOWNERDEAD both make the numbers agree
//   event-give OFFSET N          sets an auto-reset event each time that the one before was taken
//   event-take-loop OFFSET       takes it, until there is a 1 for STOP, and counts
//   latch-loop OFFSET N          counts down one latch after the other, of N that begin at OFFSET, and waits for it
//   doorbell-publish-loop OFFSET N   publishes N, rings each time, and goes on when all is taken
//   doorbell-take-loop OFFSET    takes what is published, until there is a 1 for STOP, and counts
//   barrier-loop OFFSET N        waits at the barrier; its number is how often it was the last one to arrive
//
// Of a region, whose path and names have no spaces; what finds a name says where in the file, what fails says why:
//
//   region-open PATH BYTES           region-close
//   region-word NAME                 region-bytes NAME LENGTH         region-mutex NAME KIND   region-condition NAME
//   region-rwlock NAME               region-barrier NAME PARTIES      region-latch NAME COUNT  region-event NAME
//   region-event-auto NAME           region-semaphore NAME PERMITS    region-doorbell NAME     region-list
//   region-round PATH N              opens it, finds words of N names, adds 1 to each, and says where they are
//   region-begin NAME                takes the directory's mutex and begins to write an entry, for ever

#include "jfutex.h"

#include <sched.h>

#include "peer.h"

#define MUTEX_AT 64
#define DATA_AT 128
#define CAPACITY 3
#define YIELD_EVERY 4

// Long enough that it expires only if somebody hangs.
#define LOOP_MILLIS 60000

// Of the numbers of a loop.
enum { FIRST, SECOND };
enum { FULL, PRODUCED, CONSUMED };  // the first is the difference of the others
enum { STOP, TAKEN, PUBLISHED };

static int fences = 1;  // of the doorbell that this process joined

static void must(int error, const char *what) {
  if (error != 0) {
    errno = error;
    die(what);
  }
}

// Every other time with a deadline.
static const struct timespec *sometimes(long i, struct timespec *time) {
  *time = jfutex_after(LOOP_MILLIS);
  return i % 2 == 0 ? time : NULL;
}

static int rwlock_loop(jfutex_rwlock *lock, volatile int64_t *data, long times) {
  struct timespec late;
  for (long i = 0; i < times; i++) {
    must(jfutex_rwlock_timedwrlock(lock, sometimes(i, &late)), "wrlock");
    data[FIRST]++;
    if (i % YIELD_EVERY == 0) sched_yield();  // or they would hardly ever meet
    data[SECOND]++;
    must(jfutex_rwlock_unlock(lock), "unlock");
    must(jfutex_rwlock_timedrdlock(lock, sometimes(i, &late)), "rdlock");
    if (i % YIELD_EVERY == 1) sched_yield();
    if (data[FIRST] != data[SECOND]) return EBUSY;
    must(jfutex_rwlock_unlock(lock), "unlock");
  }
  return 0;
}

// After its owner died somewhere between the first number and the last.
static int repaired(int error, pthread_mutex_t *mutex, volatile int64_t *data) {
  if (error != EOWNERDEAD) return error;
  data[FULL] = data[PRODUCED] - data[CONSUMED];
  return pthread_mutex_consistent(mutex);
}

static int move(char *slot, long times, int by) {
  jfutex_condition *not_empty = (jfutex_condition *)(void *)slot;
  jfutex_condition *not_full = not_empty + 1;
  pthread_mutex_t *mutex = (pthread_mutex_t *)(void *)(slot + MUTEX_AT);
  volatile int64_t *data = (volatile int64_t *)(void *)(slot + DATA_AT);
  struct timespec late;
  for (long i = 0; i < times; i++) {
    must(repaired(jfutex_mutex_timedlock(mutex, sometimes(i, &late)), mutex, data), "lock");
    while (data[FULL] == (by > 0 ? CAPACITY : 0)) {
      jfutex_condition *mine = by > 0 ? not_full : not_empty;
      must(repaired(jfutex_condition_timedwait(mine, mutex, sometimes(i, &late)), mutex, data), "wait");
    }
    data[FULL] += by;
    data[by > 0 ? PRODUCED : CONSUMED]++;
    must(jfutex_condition_signal(by > 0 ? not_empty : not_full, mutex), "signal");
    must(pthread_mutex_unlock(mutex), "unlock");
  }
  return 0;
}

static int give(jfutex_event *event, int64_t *data, long times) {
  for (long i = 0; i < times; i++) {
    int64_t taken = __atomic_load_n(&data[TAKEN], __ATOMIC_SEQ_CST);
    must(jfutex_event_set_auto(event), "set");
    while (__atomic_load_n(&data[TAKEN], __ATOMIC_SEQ_CST) == taken) sched_yield();
  }
  return 0;
}

static int take(jfutex_event *event, int64_t *data) {
  struct timespec late;
  for (long i = 0;; i++) {
    must(jfutex_event_timedtake(event, sometimes(i, &late)), "take");
    if (__atomic_load_n(&data[STOP], __ATOMIC_SEQ_CST) != 0) break;
    __atomic_add_fetch(&data[TAKEN], 1, __ATOMIC_SEQ_CST);
  }
  return jfutex_event_set_auto(event);  // the next one is to stop, too
}

static int latch_loop(jfutex_latch *latches, long times) {
  struct timespec late;
  for (long i = 0; i < times; i++) {
    must(jfutex_latch_count_down(&latches[i]), "count down");
    must(jfutex_latch_timedwait(&latches[i], sometimes(i, &late)), "wait");
  }
  return 0;
}

static int barrier_loop(jfutex_barrier *barrier, int64_t *last, long times) {
  struct timespec late;
  uint32_t to_come;
  for (long i = 0; i < times; i++) {
    must(jfutex_barrier_timedwait(barrier, &to_come, sometimes(i, &late)), "wait");
    if (to_come == 0) __atomic_add_fetch(last, 1, __ATOMIC_SEQ_CST);
  }
  return 0;
}

static int64_t number_of(const int64_t *data, int which) { return __atomic_load_n(&data[which], __ATOMIC_ACQUIRE); }

static int is_there(const int64_t *data) {
  return number_of(data, STOP) != 0 || number_of(data, PUBLISHED) > number_of(data, TAKEN);
}

static int await_work(jfutex_doorbell *doorbell, const int64_t *data, const struct timespec *deadline) {
  jfutex_ticket ticket;
  if (is_there(data)) return 0;
  must(jfutex_doorbell_prepare(doorbell, &ticket), "prepare");
  int slept = EAGAIN;
  while (!is_there(data)) {
    if (slept == ETIMEDOUT) break;
    if (slept == 0) must(jfutex_doorbell_prepare(doorbell, &ticket), "prepare");
    if (is_there(data)) break;
    slept = jfutex_doorbell_timedsleep(doorbell, &ticket, deadline);
  }
  jfutex_doorbell_cancel(doorbell, &ticket);
  return is_there(data) ? 0 : slept;
}

static int publish(jfutex_doorbell *doorbell, int64_t *data) {
  __atomic_add_fetch(&data[PUBLISHED], 1, __ATOMIC_RELEASE);
  return jfutex_doorbell_ring(doorbell, fences);
}

static int publish_loop(jfutex_doorbell *doorbell, int64_t *data, long times) {
  must(jfutex_doorbell_init(doorbell, &fences), "init");
  for (long i = 0; i < times; i++) {
    must(publish(doorbell, data), "publish");
    while (is_there(data)) sched_yield();
  }
  return 0;
}

static int take_loop(jfutex_doorbell *doorbell, int64_t *data) {
  struct timespec late;
  must(jfutex_doorbell_init(doorbell, &fences), "init");
  for (long i = 0;; i++) {
    must(await_work(doorbell, data, sometimes(i, &late)), "await");
    if (number_of(data, STOP) != 0) return 0;
    int64_t taken = number_of(data, TAKEN);
    while (taken < number_of(data, PUBLISHED) &&
           !__atomic_compare_exchange_n(&data[TAKEN], &taken, taken + 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    }
  }
}

static int result_of(const char *verb, char *slot, long number, const struct timespec *deadline) {
  void *at = slot;
  jfutex_condition *condition = (jfutex_condition *)at;
  pthread_mutex_t *mutex = (pthread_mutex_t *)at, *its_mutex = (pthread_mutex_t *)(void *)(slot + MUTEX_AT);
  jfutex_rwlock *rwlock = (jfutex_rwlock *)at;
  jfutex_event *event = (jfutex_event *)at;
  jfutex_latch *latch = (jfutex_latch *)at;
  jfutex_barrier *barrier = (jfutex_barrier *)at;
  jfutex_doorbell *doorbell = (jfutex_doorbell *)at;
  int64_t *data = (int64_t *)(void *)(slot + DATA_AT);

#define VERB(name, result) \
  if (strcmp(verb, name) == 0) return result
  VERB("mutex-init", jfutex_mutex_init(mutex, (int)number));
  VERB("mutex-lock", jfutex_mutex_timedlock(mutex, deadline));
  VERB("mutex-unlock", pthread_mutex_unlock(mutex));
  VERB("mutex-consistent", pthread_mutex_consistent(mutex));
  VERB("condition-wait", jfutex_condition_timedwait(condition, its_mutex, deadline));
  VERB("condition-signal", jfutex_condition_signal(condition, its_mutex));
  VERB("condition-broadcast", jfutex_condition_broadcast(condition, its_mutex));
  VERB("rwlock-rdlock", jfutex_rwlock_timedrdlock(rwlock, deadline));
  VERB("rwlock-tryrdlock", jfutex_rwlock_tryrdlock(rwlock));
  VERB("rwlock-wrlock", jfutex_rwlock_timedwrlock(rwlock, deadline));
  VERB("rwlock-trywrlock", jfutex_rwlock_trywrlock(rwlock));
  VERB("rwlock-unlock", jfutex_rwlock_unlock(rwlock));
  VERB("event-wait", jfutex_event_timedwait(event, deadline));
  VERB("event-set", jfutex_event_set(event));
  VERB("event-reset", jfutex_event_reset(event));
  VERB("event-take", jfutex_event_timedtake(event, deadline));
  VERB("event-set-auto", jfutex_event_set_auto(event));
  VERB("latch-init", jfutex_latch_init(latch, (uint32_t)number));
  VERB("latch-count-down", jfutex_latch_count_down(latch));
  VERB("latch-wait", jfutex_latch_timedwait(latch, deadline));
  VERB("barrier-init", jfutex_barrier_init(barrier, (uint32_t)number));
  VERB("barrier-reset", jfutex_barrier_reset(barrier));
  VERB("barrier-wait", jfutex_barrier_timedwait(barrier, NULL, deadline));
  VERB("doorbell-init", jfutex_doorbell_init(doorbell, &fences));
  VERB("doorbell-ring", jfutex_doorbell_ring(doorbell, fences));
  VERB("doorbell-await", await_work(doorbell, data, deadline));
  VERB("doorbell-publish", publish(doorbell, data));
  VERB("doorbell-withdraw", (__atomic_store_n(&data[TAKEN], number_of(data, PUBLISHED), __ATOMIC_RELEASE), 0));
  VERB("doorbell-publish-loop", publish_loop(doorbell, data, number));
  VERB("doorbell-take-loop", take_loop(doorbell, data));
  VERB("rwlock-loop", rwlock_loop(rwlock, data, number));
  VERB("condition-produce", move(slot, number, 1));
  VERB("condition-consume", move(slot, number, -1));
  VERB("event-give", give(event, data, number));
  VERB("event-take-loop", take(event, data));
  VERB("latch-loop", latch_loop(latch, number));
  VERB("barrier-loop", barrier_loop(barrier, data, number));
#undef VERB
  return -1;
}

static jfutex_region region;

static int find(const char *verb, const char *name, long number, void **slot, jfutex_message *message) {
#define FIND(what, type, ...) \
  if (strcmp(verb, "region-" what) == 0) { \
    type *found; \
    int error = __VA_ARGS__; \
    if (error == 0) *slot = found; \
    return error; \
  }
  FIND("word", uint32_t, jfutex_region_word(&region, name, &found, message))
  FIND("bytes", void, jfutex_region_bytes(&region, name, (uint64_t)number, &found, message))
  FIND("mutex", pthread_mutex_t, jfutex_region_mutex(&region, name, (int)number, &found, message))
  FIND("condition", jfutex_condition, jfutex_region_condition(&region, name, &found, message))
  FIND("rwlock", jfutex_rwlock, jfutex_region_rwlock(&region, name, &found, message))
  FIND("barrier", jfutex_barrier, jfutex_region_barrier(&region, name, (uint32_t)number, &found, message))
  FIND("latch", jfutex_latch, jfutex_region_latch(&region, name, (uint32_t)number, &found, message))
  FIND("event", jfutex_event, jfutex_region_event(&region, name, &found, message))
  FIND("event-auto", jfutex_event, jfutex_region_event_auto(&region, name, &found, message))
  FIND("doorbell", jfutex_doorbell, jfutex_region_doorbell(&region, name, &found, &fences, message))
  FIND("semaphore", sem_t, jfutex_region_semaphore(&region, name, (uint32_t)number, &found, message))
#undef FIND
  return -1;
}

static int round_of(const char *path, long names, char *places, size_t room, jfutex_message *message) {
  int error = jfutex_region_open(&region, path, 0, message);
  if (error != 0) return error;
  for (long i = 0, at = 0; i < names && error == 0; i++) {
    char name[LINE_CHARS];
    uint32_t *word;
    snprintf(name, sizeof name, "word%ld", i);
    error = jfutex_region_word(&region, name, &word, message);
    if (error == 0) {
      __atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
      at += snprintf(places + at, room - (size_t)at, " %ld", (long)((char *)word - (char *)region.header));
    }
  }
  jfutex_region_close(&region);
  return error;
}

static int begin(const char *name) {
  int error = pthread_mutex_lock(&region.header->mutex);
  jfutex_entry *entry = (jfutex_entry *)jfutex_region_at(&region, JFUTEX_HEADER_BYTES);
  entry += jfutex_region_entries(&region);
  entry->kind = JFUTEX_WORD;
  entry->offset = 1;
  strcpy(entry->name, name);
  return error;
}

static void list(char *text, size_t room) {
  jfutex_entry entry;
  int at = 0;
  for (uint32_t i = 0; jfutex_region_get(&region, i, &entry, NULL) == 0; i++) {
    at += snprintf(text + at, room - (size_t)at, " %.*s:%u:%u:%llu:%llu", JFUTEX_NAME_BYTES_MAX, entry.name, entry.kind,
                   entry.parameter, (unsigned long long)entry.offset, (unsigned long long)entry.length);
  }
}

static void obey_region(const char *verb, const char *line) {
  char text[LINE_CHARS] = "", more[8 * LINE_CHARS] = "";
  long number = 0;
  void *slot = NULL;
  jfutex_message message = {""};
  sscanf(line, "%*s %1023s %ld", text, &number);
  int error = 0;
  if (strcmp(verb, "region-open") == 0) {
    error = jfutex_region_open(&region, text, (uint64_t)number, &message);
  } else if (strcmp(verb, "region-close") == 0) {
    error = jfutex_region_close(&region);
  } else if (strcmp(verb, "region-round") == 0) {
    error = round_of(text, number, more, sizeof more, &message);
  } else if (strcmp(verb, "region-begin") == 0) {
    error = begin(text);
  } else if (strcmp(verb, "region-list") == 0) {
    list(more, sizeof more);
  } else {
    error = find(verb, text, number, &slot, &message);
    if (error < 0) not_understood(line);
    if (error == 0) snprintf(more, sizeof more, " %ld", (long)((char *)slot - (char *)region.header));
  }
  if (error != 0) snprintf(more, sizeof more, " %s", message.text);
  printf("%s%s\n", name_of(error), more);
}

static void obey(const char *verb, const char *line) {
  if (strncmp(verb, "region-", strlen("region-")) == 0) {
    obey_region(verb, line);
    return;
  }
  long offset, number = 0;
  int numbers = sscanf(line, "%*s %ld %ld", &offset, &number);
  struct timespec deadline = jfutex_after(number);
  int result = numbers < 1 ? -1 : result_of(verb, memory + offset, number, numbers == 2 ? &deadline : NULL);
  if (result < 0) not_understood(line);
  puts(name_of(result));
}

int main(int argc, char **argv) { return serve(argc, argv, obey); }
