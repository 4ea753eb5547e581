// SPDX-License-Identifier: Apache-2.0
//
// What the C programs of the tests have in common. Each is started as PROGRAM FILE, maps the file shared, and says
// "TID HEAD BASE": its thread id, and in hex the address of its robust list's head and where the file is mapped. Then
// it obeys one line after the other on stdin, each answered by one line: OK or the name of an errno, and what there is
// to tell. The end of stdin ends it, and the end of 10 minutes. What it does not understand ends it with a message.

#ifndef PEER_H
#define PEER_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LINE_CHARS 1024

// Whoever started it may be killed while it sleeps.
#define LIFE_SECONDS 600

static char *memory;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void not_understood(const char *line) {
  fprintf(stderr, "not understood: %s", line);
  exit(2);
}

static const char *name_of(int error) {
  switch (error) {
    case 0: return "OK";
    case EAGAIN: return "EAGAIN";
    case EBADMSG: return "EBADMSG";
    case EBUSY: return "EBUSY";
    case ECANCELED: return "ECANCELED";
    case EDEADLK: return "EDEADLK";
    case EEXIST: return "EEXIST";
    case EINVAL: return "EINVAL";
    case ENOENT: return "ENOENT";
    case ENOSPC: return "ENOSPC";
    case ENOTRECOVERABLE: return "ENOTRECOVERABLE";
    case EOVERFLOW: return "EOVERFLOW";
    case EOWNERDEAD: return "EOWNERDEAD";
    case EPERM: return "EPERM";
    case ESTALE: return "ESTALE";
    case ETIMEDOUT: return "ETIMEDOUT";
    default: return strerror(error);
  }
}

static void map(const char *path) {
  int fd = open(path, O_RDWR | O_CLOEXEC);
  struct stat file;
  if (fd < 0 || fstat(fd, &file) != 0) die(path);
  memory = (char *)mmap(NULL, file.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) die("mmap");
  close(fd);
}

// Maps the file, introduces itself, and answers each line by what obey prints.
static int serve(int argc, char **argv, void (*obey)(const char *verb, const char *line)) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s FILE\n", argv[0]);
    return 2;
  }
  alarm(LIFE_SECONDS);
  map(argv[1]);
  void *head;
  size_t length;
  if (syscall(SYS_get_robust_list, 0, &head, &length) != 0) die("get_robust_list");
  setvbuf(stdout, NULL, _IOLBF, 0);
  printf("%ld %lx %lx\n", syscall(SYS_gettid), (unsigned long)head, (unsigned long)memory);

  char line[LINE_CHARS], verb[LINE_CHARS];
  while (fgets(line, sizeof line, stdin) && sscanf(line, "%1023s", verb) == 1) {
    if (strcmp(verb, "return") == 0) return 0;
    if (strcmp(verb, "exit") == 0) exit(0);
    obey(verb, line);
  }
  return 0;
}

#endif
