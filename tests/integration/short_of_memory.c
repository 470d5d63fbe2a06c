/*
 * A machine that lacks memory for packet rings, to be preloaded: RING_PAGES is how many bytes the kernel has pages for,
 * RING_MAPPED how many it can map. No headers, no C library at link time: a compiler is enough.
 */

#define SOL_PACKET 263
#define PACKET_RX_RING 5
#define MAP_SHARED 1
#define ENOMEM 12
#ifdef __x86_64__
#define SYS_mmap 9
#define SYS_setsockopt 54
#else
#define SYS_mmap 222
#define SYS_setsockopt 208
#endif

extern long syscall(long, ...);
extern char *getenv(const char *);
extern long atol(const char *);
extern int *__errno_location(void);

static int too_much(const char *limit, long bytes) {
  const char *text = getenv(limit);
  return text != 0 && bytes > atol(text);
}

int setsockopt(int fd, int level, int name, const unsigned *value, unsigned length) {
  if (level == SOL_PACKET && name == PACKET_RX_RING && too_much("RING_PAGES", (long) value[0] * value[1])) {
    *__errno_location() = ENOMEM;
    return -1;
  }
  return syscall(SYS_setsockopt, fd, level, name, value, length);
}

void *mmap(void *at, unsigned long length, int protection, int flags, int fd, long offset) {
  if (flags == MAP_SHARED && fd >= 0 && length >= 100000 && too_much("RING_MAPPED", length)) {
    *__errno_location() = ENOMEM;
    return (void *) -1;
  }
  return (void *) syscall(SYS_mmap, at, length, protection, flags, fd, offset);
}

void *mmap64(void *at, unsigned long length, int protection, int flags, int fd, long offset) {
  return mmap(at, length, protection, flags, fd, offset);
}
