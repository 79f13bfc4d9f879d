/* A library to preload that makes calls of libh5sim.so fail: the N-th of a kind, once or from then on.
 *
 * Nothing of h5sim knows of it, so that what is tested is what is shipped. Kinds:
 *   system calls     that change or read files, by wrapping the C library's functions
 *   allocations      of 64 KiB and more, likewise
 *   HDF5's functions a breakpoint at the entry of each: the handler returns a failure to the caller, or steps over
 * Only calls whose return address is in libh5sim.so count; those of HDF5's functions only when h5sim makes them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <ucontext.h>
#include <unistd.h>

enum kind { NONE = 0, CHANGES = 1, READS = 2, ALLOCATIONS = 3, HDF5 = 4 };

static _Atomic int armed_kind, error_number, onwards;
static _Atomic long at, calls, fired;
static uintptr_t loaded_at, text_begin, text_end;
/* The name of the call that failed. */
static const char *_Atomic last;

/* The part of libh5sim.so in memory that runs. */
static int find_text(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    if (info->dlpi_name == NULL || strstr(info->dlpi_name, "libh5sim") == NULL)
        return 0;
    loaded_at = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X) != 0) {
            text_begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            text_end = text_begin + info->dlpi_phdr[i].p_memsz;
        }
    return 1;
}

/* Whether this call, made from `from`, fails. */
static int fails(enum kind kind, const void *from, const char *name)
{
    if (armed_kind != (int)kind || (uintptr_t)from < text_begin || (uintptr_t)from >= text_end)
        return 0;
    const long call = calls++;
    if (call < at || (call > at && !onwards))
        return 0;
    fired++;
    last = name;
    return 1;
}

/* Fails the call number `number` (from 0) of a kind, or all from it on, with this errno. */
void faults_arm(int kind, long number, int error, int all)
{
    dl_iterate_phdr(find_text, NULL);
    calls = 0;
    fired = 0;
    last = "";
    at = number;
    error_number = error;
    onwards = all;
    armed_kind = kind;
}

/* Ends that; gives the number of calls. */
long faults_disarm(void)
{
    armed_kind = NONE;
    return calls;
}

long faults_fired(void)
{
    return fired;
}

const char *faults_last(void)
{
    return last;
}

#define FROM __builtin_return_address(0)
#define WRAP(kind, result, name, parameters, arguments)                        \
    result name parameters                                                     \
    {                                                                          \
        static __typeof__(name) *real;                                         \
        if (real == NULL)                                                      \
            real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name);                \
        if (fails(kind, FROM, #name)) {                                        \
            errno = error_number;                                              \
            return -1;                                                         \
        }                                                                      \
        return real arguments;                                                 \
    }

WRAP(CHANGES, ssize_t, pwrite, (int fd, const void *data, size_t size, off_t offset), (fd, data, size, offset))
WRAP(CHANGES, ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t offset), (fd, data, size, offset))
WRAP(CHANGES, ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
WRAP(CHANGES, int, ftruncate, (int fd, off_t size), (fd, size))
WRAP(CHANGES, int, ftruncate64, (int fd, off64_t size), (fd, size))
WRAP(CHANGES, int, fallocate, (int fd, int mode, off_t offset, off_t size), (fd, mode, offset, size))
WRAP(CHANGES, int, fdatasync, (int fd), (fd))
WRAP(CHANGES, int, fsync, (int fd), (fd))
WRAP(CHANGES, int, unlink, (const char *path), (path))
WRAP(CHANGES, int, rename, (const char *from, const char *to), (from, to))
WRAP(CHANGES, int, flock, (int fd, int how), (fd, how))
WRAP(READS, ssize_t, pread, (int fd, void *data, size_t size, off_t offset), (fd, data, size, offset))
WRAP(READS, ssize_t, pread64, (int fd, void *data, size_t size, off64_t offset), (fd, data, size, offset))
WRAP(READS, ssize_t, read, (int fd, void *data, size_t size), (fd, data, size))
WRAP(READS, int, fstat, (int fd, struct stat *about), (fd, about))
WRAP(READS, int, fstat64, (int fd, struct stat64 *about), (fd, about))
WRAP(READS, int, statx, (int fd, const char *path, int flags, unsigned mask, struct statx *about), (fd, path, flags, mask, about))

#define WRAP_OPEN(name)                                                        \
    int name(const char *path, int flags, ...)                                 \
    {                                                                          \
        static __typeof__(name) *real;                                         \
        va_list list;                                                          \
        va_start(list, flags);                                                 \
        const mode_t mode = (mode_t)((flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, int) : 0); \
        va_end(list);                                                          \
        if (real == NULL)                                                      \
            real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name);                \
        if (fails(CHANGES, FROM, #name)) {                                     \
            errno = error_number;                                              \
            return -1;                                                         \
        }                                                                      \
        return real(path, flags, mode);                                        \
    }

WRAP_OPEN(open)
WRAP_OPEN(open64)

/* glibc's own allocator under its other names: dlsym() may allocate. */
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t), *__libc_memalign(size_t, size_t);
enum { LARGE = 1 << 16 };

/* HDF5 2.2 looks into the cache of metadata (an H5C_t of 527,760 bytes) that it could not allocate. h5sim tries twice as much before it
 * lets HDF5 do so; that this fails instead is tested, and HDF5's crash is spared. */
static int is_large(size_t size)
{
    return size >= LARGE && size != 527760;
}

void *malloc(size_t size)
{
    if (is_large(size) && fails(ALLOCATIONS, FROM, "malloc")) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (!__builtin_mul_overflow(count, size, &bytes) && is_large(bytes) && fails(ALLOCATIONS, FROM, "calloc")) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    if (is_large(size) && fails(ALLOCATIONS, FROM, "realloc")) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_realloc(old, size);
}

int posix_memalign(void **place, size_t alignment, size_t size)
{
    if (is_large(size) && fails(ALLOCATIONS, FROM, "posix_memalign"))
        return ENOMEM;
    void *memory = __libc_memalign(alignment, size);
    if (memory == NULL)
        return ENOMEM;
    *place = memory;
    return 0;
}

/* Breakpoints. */
enum { MOST = 1024 };
static struct breakpoint {
    uintptr_t address;
    uint8_t byte;
    /* What the function returns when it fails. */
    long failure;
    const char *name;
} points[MOST];
static int count;
static _Thread_local struct breakpoint *stepping;

static void put(const struct breakpoint *point, uint8_t byte)
{
    *(volatile uint8_t *)point->address = byte;
}

static struct breakpoint *point_at(uintptr_t address)
{
    int low = 0, high = count;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (points[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && points[low].address == address ? &points[low] : NULL;
}

static void trapped(int number, siginfo_t *info, void *context)
{
    enum { TRAP_FLAG = 0x100 };
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    (void)info;
    if (stepping != NULL) {
        /* The entry's first instruction is done. */
        put(stepping, 0xCC);
        stepping = NULL;
        registers[REG_EFL] &= ~(greg_t)TRAP_FLAG;
        return;
    }
    struct breakpoint *point = point_at((uintptr_t)registers[REG_RIP] - 1);
    if (point == NULL) {
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    const uintptr_t *stack = (const uintptr_t *)registers[REG_RSP];
    if (fails(HDF5, (const void *)stack[0], point->name)) {
        registers[REG_RAX] = point->failure;
        registers[REG_RIP] = (greg_t)stack[0];
        registers[REG_RSP] += 8;
        return;
    }
    put(point, point->byte);
    stepping = point;
    registers[REG_RIP] = (greg_t)point->address;
    registers[REG_EFL] |= TRAP_FLAG;
}

/* Puts a breakpoint at each of these offsets of libh5sim.so, in ascending order, with what it returns as failure. Other threads must not run HDF5 side
 * by side, which its lock sees to. Gives 0 on success. */
int faults_break(const uintptr_t *offsets, const char *const *names, const long *failures, int many)
{
    struct sigaction action;
    dl_iterate_phdr(find_text, NULL);
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t begin = text_begin & ~(page - 1), end = (text_end + page - 1) & ~(page - 1);
    if (many > MOST || text_begin == 0
        || mprotect((void *)begin, end - begin, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
        return -1;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = trapped;
    action.sa_flags = SA_SIGINFO;
    if (sigaction(SIGTRAP, &action, NULL) != 0)
        return -1;
    for (int i = 0; i < many; i++) {
        points[i].address = loaded_at + offsets[i];
        points[i].failure = failures[i];
        points[i].name = strdup(names[i]);
        points[i].byte = *(const uint8_t *)points[i].address;
    }
    count = many;
    for (int i = 0; i < many; i++)
        put(&points[i], 0xCC);
    return 0;
}
