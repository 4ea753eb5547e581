// SPDX-License-Identifier: Apache-2.0
//
// The futex calls of the peers in C.

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>

typedef _Atomic uint32_t word_t;

// No FUTEX_PRIVATE_FLAG: the words are shared with another process.
static inline long futex_wake(word_t *w, int count) {
  long woken = syscall(SYS_futex, w, FUTEX_WAKE, count, NULL, NULL, 0);
  if (woken < 0) die("FUTEX_WAKE");
  return woken;
}

static inline void wait_while(word_t *w, uint32_t value) {
  while (atomic_load(w) == value) {
    if (syscall(SYS_futex, w, FUTEX_WAIT, value, NULL, NULL, 0) < 0 && errno != EAGAIN && errno != EINTR) {
      die("FUTEX_WAIT");
    }
  }
}
