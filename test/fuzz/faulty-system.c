/*
 * Makes system calls fail on purpose: preloaded into a process, it counts what the process does to files below one folder, and lets the call
 * with a chosen number fail. DuckDB calls the C library itself, so that nothing in JavaScript could stand in for this.
 *
 * FAULTY_ROOT is the folder, FAULTY_CONTROL a file of 32-bit words that the process writes and reads:
 * 0 round, 1 mode + 256 × the kind of call that is counted (0: every kind), 2 number of the call, 3 errno, and from us: 4 calls counted,
 * 5 calls that failed, 6 kind of the first of them, from 7 on how many were counted of each kind.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum mode { OFF, ONE_CALL, DISK_FULL, KILLED };
enum kind { OPEN = 1, WRITE, RENAME, UNLINK, MAKE, SYNC };
enum { KINDS = 6, WORDS = 7 + KINDS };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int control = -1;
static const char *root;
static size_t root_length;
static int32_t last_round = -1, counted, failed, first_kind, tripped, counted_of[KINDS + 1];

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("FAULTY_CONTROL");
  root = getenv("FAULTY_ROOT");
  if (path == NULL || root == NULL) return;
  root_length = strlen(root);
  control = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
}

static int is_below(const char *path) {
  return control >= 0 && path != NULL && strncmp(path, root, root_length) == 0 && path[root_length] == '/';
}

/* What an open file is, asked of the system: numbers of files are closed behind our back, and used again for pipes. */
static int ours(int file) {
  char name[32], path[PATH_MAX];
  if (control < 0 || file < 0) return 0;
  snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  ssize_t length = readlink(name, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_below(path);
}

static int is_below_at(int folder, const char *path) {
  if (control < 0 || path == NULL) return 0;
  return path[0] == '/' ? is_below(path) : ours(folder);
}

/* Whether this call fails; errno is then set. `changes`: it would change what is on the disk; `grows`: it needs room there. */
static int fails(int applies, enum kind kind, int changes, int grows) {
  if (!applies) return 0;
  pthread_mutex_lock(&lock);
  int32_t words[WORDS] = {0};
  syscall(SYS_pread64, control, words, sizeof words, 0);
  if (words[0] != last_round) {
    last_round = words[0];
    counted = failed = first_kind = tripped = 0;
    memset(counted_of, 0, sizeof counted_of);
  }
  int is_failing = 0;
  int mode = words[1] & 255, sought = words[1] >> 8;
  if (mode != OFF) {
    int is_counted = 1;
    if (mode == DISK_FULL) is_counted = grows;
    /* a kill before one write or the next leaves the same names behind, and nobody forbids a write to an open file */
    if (mode == KILLED) is_counted = changes && kind != WRITE;
    if (mode == ONE_CALL && words[3] == EACCES) is_counted = kind != WRITE && kind != SYNC;
    if (is_counted) counted_of[kind]++;
    is_counted = is_counted && (sought == 0 || sought == (int)kind);
    if (is_counted) counted++;
    int is_hit = is_counted && counted == words[2];
    if (is_hit) tripped = 1;
    if (mode == ONE_CALL) is_failing = is_hit;
    if (mode == DISK_FULL) is_failing = grows && tripped;
    if (mode == KILLED) is_failing = changes && tripped;
    if (is_failing && failed++ == 0) first_kind = kind;
    int32_t answer[3 + KINDS] = {counted, failed, first_kind};
    memcpy(answer + 3, counted_of + 1, sizeof(int32_t) * KINDS);
    syscall(SYS_pwrite64, control, answer, sizeof answer, 4 * sizeof(int32_t));
  }
  pthread_mutex_unlock(&lock);
  if (is_failing) errno = words[3];
  return is_failing;
}

static int fails_open(int applies, int flags) {
  int writes = (flags & O_ACCMODE) != O_RDONLY;
  return fails(applies, OPEN, writes, (flags & O_CREAT) != 0);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define MODE(flags)                                     \
  mode_t mode = 0;                                      \
  if ((flags) & (O_CREAT | O_TMPFILE)) {                \
    va_list rest;                                       \
    va_start(rest, flags);                              \
    mode = va_arg(rest, mode_t);                        \
    va_end(rest);                                       \
  }

int open(const char *path, int flags, ...) {
  MODE(flags)
  return fails_open(is_below(path), flags) ? -1 : REAL(open)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  MODE(flags)
  return fails_open(is_below(path), flags) ? -1 : REAL(open64)(path, flags, mode);
}
int openat(int folder, const char *path, int flags, ...) {
  MODE(flags)
  return fails_open(is_below_at(folder, path), flags) ? -1 : REAL(openat)(folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) {
  MODE(flags)
  return fails_open(is_below_at(folder, path), flags) ? -1 : REAL(openat64)(folder, path, flags, mode);
}

ssize_t write(int file, const void *bytes, size_t count) {
  return fails(ours(file), WRITE, 1, 1) ? -1 : REAL(write)(file, bytes, count);
}
ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  return fails(ours(file), WRITE, 1, 1) ? -1 : REAL(pwrite)(file, bytes, count, at);
}
ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
  return fails(ours(file), WRITE, 1, 1) ? -1 : REAL(pwrite64)(file, bytes, count, at);
}
ssize_t writev(int file, const struct iovec *parts, int count) {
  return fails(ours(file), WRITE, 1, 1) ? -1 : REAL(writev)(file, parts, count);
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t at) {
  return fails(ours(file), WRITE, 1, 1) ? -1 : REAL(pwritev)(file, parts, count, at);
}
ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t at) {
  return fails(ours(file), WRITE, 1, 1) ? -1 : REAL(pwritev64)(file, parts, count, at);
}
int ftruncate(int file, off_t length) { return fails(ours(file), WRITE, 1, 0) ? -1 : REAL(ftruncate)(file, length); }
int ftruncate64(int file, off64_t length) {
  return fails(ours(file), WRITE, 1, 0) ? -1 : REAL(ftruncate64)(file, length);
}
int fsync(int file) { return fails(ours(file), SYNC, 0, 0) ? -1 : REAL(fsync)(file); }
int fdatasync(int file) { return fails(ours(file), SYNC, 0, 0) ? -1 : REAL(fdatasync)(file); }

int rename(const char *from, const char *to) {
  return fails(is_below(from) || is_below(to), RENAME, 1, 0) ? -1 : REAL(rename)(from, to);
}
int renameat(int from_folder, const char *from, int to_folder, const char *to) {
  int applies = is_below_at(from_folder, from) || is_below_at(to_folder, to);
  return fails(applies, RENAME, 1, 0) ? -1 : REAL(renameat)(from_folder, from, to_folder, to);
}
int unlink(const char *path) { return fails(is_below(path), UNLINK, 1, 0) ? -1 : REAL(unlink)(path); }
int unlinkat(int folder, const char *path, int flags) {
  return fails(is_below_at(folder, path), UNLINK, 1, 0) ? -1 : REAL(unlinkat)(folder, path, flags);
}
int rmdir(const char *path) { return fails(is_below(path), UNLINK, 1, 0) ? -1 : REAL(rmdir)(path); }
int remove(const char *path) { return fails(is_below(path), UNLINK, 1, 0) ? -1 : REAL(remove)(path); }
int mkdir(const char *path, mode_t mode) { return fails(is_below(path), MAKE, 1, 1) ? -1 : REAL(mkdir)(path, mode); }
