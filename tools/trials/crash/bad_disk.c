/* A disk that fails below SQLite and Python, for one process and the files of one folder.
 *
 * It is preloaded; bad_disk_arm() turns it on. While it keeps a journal, each change of a file is
 * written down with what was there before, and each fsync, so that a power cut can be played
 * afterwards: see power_cut.py, which knows the layout of these records.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WRITE_FAILS = 1, DISK_FULL, SHORT_WRITE, SYNC_FAILS, READ_FAILS, KILLED, TORN_WRITE,
       POWER_CUT, LYING_SYNC };

static int kind;
static long left;           /* operations that go well before it begins */
static int lasts;           /* whether every further operation fails as well */
static int log_fd = -1;
static char folder[PATH_MAX];
static size_t folder_length;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

long bad_disk_fired;

void bad_disk_arm(int which, long after, int for_good, const char *path, int journal)
{
    kind = which, left = after, lasts = for_good, log_fd = journal, bad_disk_fired = 0;
    snprintf(folder, sizeof folder, "%s/", path);
    folder_length = strlen(folder);
}

static int is_ours(int fd)
{
    char link[64], target[PATH_MAX];
    if (!kind) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, target, sizeof target - 1);
    return length > (ssize_t)folder_length && !strncmp(target, folder, folder_length);
}

/* Whether this operation is the one that fails. */
static int is_due(void)
{
    pthread_mutex_lock(&lock);
    int due = left <= 0 && (lasts || !bad_disk_fired);
    left--;
    bad_disk_fired += due;
    pthread_mutex_unlock(&lock);
    return due;
}

static void end(void) { kill(getpid(), SIGKILL); pause(); }

/* -- the journal: a header, then what was there, then what is written */

struct record { uint64_t what, device, inode, at, size_before, length_before, length; };
enum { WROTE = 1, CUT, SYNCED, FORGOTTEN };

static void put(const void *bytes, size_t length)
{
    while (length > 0) {
        ssize_t done = syscall(SYS_write, log_fd, bytes, length);
        if (done <= 0) abort();
        bytes = (const char *)bytes + done, length -= done;
    }
}

static void note(int what, int fd, off_t at, const void *bytes, size_t length)
{
    struct stat found;
    if (log_fd < 0 || syscall(SYS_fstat, fd, &found)) return;
    struct record record = { what, found.st_dev, found.st_ino, at, found.st_size, 0, length };
    size_t wanted = what == WROTE ? length : what == CUT && at < found.st_size ? (size_t)(found.st_size - at) : 0;
    char *before = malloc(wanted + 1);
    if (wanted) { /* by this descriptor: to close another one would drop SQLite's locks */
        ssize_t got = syscall(SYS_pread64, fd, before, wanted, at);
        record.length_before = got > 0 ? got : 0;
    }
    pthread_mutex_lock(&lock);
    put(&record, sizeof record);
    put(before, record.length_before);
    if (length) put(bytes, length);
    pthread_mutex_unlock(&lock);
    free(before);
}

/* -- writing */

static ssize_t written(int fd, const void *bytes, size_t length, off_t at)
{
    return at < 0 ? syscall(SYS_write, fd, bytes, length) : syscall(SYS_pwrite64, fd, bytes, length, at);
}

static ssize_t writes(int fd, const void *bytes, size_t length, off_t at)
{
    if (!is_ours(fd)) return written(fd, bytes, length, at);
    int due = kind != SYNC_FAILS && kind != READ_FAILS && is_due();
    if (due) switch (kind) {
    case WRITE_FAILS: errno = EIO; return -1;
    case DISK_FULL: errno = ENOSPC; return -1;
    case SHORT_WRITE: /* a full disk shows in this way first */
        if (bad_disk_fired == 1 && length > 1) return written(fd, bytes, length / 2, at);
        errno = ENOSPC; return -1;
    case TORN_WRITE: written(fd, bytes, length / 2, at); end(); break;
    default: end();
    }
    if (log_fd >= 0) {
        off_t place = at >= 0 ? at : lseek(fd, 0, SEEK_CUR);
        if (fcntl(fd, F_GETFL) & O_APPEND) place = lseek(fd, 0, SEEK_END);
        note(WROTE, fd, place, bytes, length);
    }
    return written(fd, bytes, length, at);
}

ssize_t write(int fd, const void *bytes, size_t length) { return writes(fd, bytes, length, -1); }
ssize_t pwrite(int fd, const void *b, size_t n, off_t at) { return writes(fd, b, n, at); }
ssize_t pwrite64(int fd, const void *b, size_t n, off64_t at) { return writes(fd, b, n, at); }

static int cut(int fd, off_t length)
{
    if (is_ours(fd)) {
        if (kind != SYNC_FAILS && kind != READ_FAILS && is_due()) {
            if (kind >= KILLED) end();
            errno = kind == WRITE_FAILS ? EIO : ENOSPC;
            return -1;
        }
        note(CUT, fd, length, 0, 0);
    }
    return syscall(SYS_ftruncate, fd, length);
}

int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off64_t length) { return cut(fd, length); }

/* -- syncing */

static int synced(int fd, int number)
{
    if (!is_ours(fd)) return syscall(number, fd);
    if ((kind == SYNC_FAILS || kind >= KILLED) && is_due()) {
        if (kind >= KILLED) end();
        errno = EIO;
        return -1;
    }
    if (kind == LYING_SYNC) return 0;
    if (log_fd >= 0) note(SYNCED, fd, 0, 0, 0);
    return 0; /* the page cache outlives the process: a real one would only take time */
}

int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

/* -- reading */

static ssize_t reads(int fd, void *bytes, size_t length, off_t at)
{
    if (kind == READ_FAILS && is_ours(fd) && is_due()) { errno = EIO; return -1; }
    return at < 0 ? syscall(SYS_read, fd, bytes, length) : syscall(SYS_pread64, fd, bytes, length, at);
}

ssize_t read(int fd, void *bytes, size_t length) { return reads(fd, bytes, length, -1); }
ssize_t pread(int fd, void *b, size_t n, off_t at) { return reads(fd, b, n, at); }
ssize_t pread64(int fd, void *b, size_t n, off64_t at) { return reads(fd, b, n, at); }

/* -- a number of a file that may be given again */

int unlink(const char *path)
{
    struct stat found;
    if (log_fd >= 0 && !stat(path, &found) && found.st_nlink == 1) {
        struct record record = { FORGOTTEN, found.st_dev, found.st_ino, 0, 0, 0, 0 };
        pthread_mutex_lock(&lock);
        put(&record, sizeof record);
        pthread_mutex_unlock(&lock);
    }
    return syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}
