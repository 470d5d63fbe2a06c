/**
 * Every C function that the program calls, each beside its prototype. Nothing else lives here: opening the
 * libraries is the work of `native.ts`.
 *
 * @see pcap(3PCAP), clock_gettime(2), fread(3), fseek(3), setvbuf(3), stdio_ext(3), ioctl_tty(2), poll(2), eventfd(2), dlopen(3), mmap(2),
 * madvise(2), mallopt(3), malloc_trim(3), sendto(2), setsockopt(2)
 */

/** libpcap 1.9 or later (`libpcap.so.0.8` on Debian). What is optional is `null` in one that lacks it. */
export const LIBPCAP_SYMBOLS = {
  /** `pcap_t *pcap_create(const char *source, char *errbuf)` */
  pcap_create: { parameters: ["buffer", "buffer"], result: "pointer" },
  /** `int pcap_set_snaplen(pcap_t *p, int snaplen)` */
  pcap_set_snaplen: { parameters: ["pointer", "i32"], result: "i32" },
  /** `int pcap_set_promisc(pcap_t *p, int promisc)` */
  pcap_set_promisc: { parameters: ["pointer", "i32"], result: "i32" },
  /** `int pcap_set_timeout(pcap_t *p, int to_ms)` */
  pcap_set_timeout: { parameters: ["pointer", "i32"], result: "i32" },
  /** `int pcap_set_buffer_size(pcap_t *p, int bytes)` */
  pcap_set_buffer_size: { parameters: ["pointer", "i32"], result: "i32" },
  /** `int pcap_activate(pcap_t *p)` */
  pcap_activate: { parameters: ["pointer"], result: "i32" },
  /** `int pcap_setnonblock(pcap_t *p, int nonblock, char *errbuf)` */
  pcap_setnonblock: { parameters: ["pointer", "i32", "buffer"], result: "i32" },
  /** `int pcap_get_selectable_fd(pcap_t *p)` */
  pcap_get_selectable_fd: { parameters: ["pointer"], result: "i32" },
  /** `pcap_t *pcap_open_offline(const char *fname, char *errbuf)` */
  pcap_open_offline: { parameters: ["buffer", "buffer"], result: "pointer" },
  /** `pcap_t *pcap_fopen_offline(FILE *fp, char *errbuf)`; on success the `FILE` is closed with the handle */
  pcap_fopen_offline: { parameters: ["pointer", "buffer"], result: "pointer", optional: true },
  /** `int pcap_datalink(pcap_t *p)` */
  pcap_datalink: { parameters: ["pointer"], result: "i32" },
  /** `const char *pcap_datalink_val_to_name(int dlt)` */
  pcap_datalink_val_to_name: { parameters: ["i32"], result: "pointer", optional: true },
  /** `int pcap_snapshot(pcap_t *p)` */
  pcap_snapshot: { parameters: ["pointer"], result: "i32" },
  /** `int pcap_dispatch(pcap_t *p, int cnt, pcap_handler callback, u_char *user)` */
  pcap_dispatch: { parameters: ["pointer", "i32", "pointer", "pointer"], result: "i32" },
  /** The same on a thread of its own, for a source that may block (standard input). */
  pcap_dispatch_blocking: {
    name: "pcap_dispatch",
    parameters: ["pointer", "i32", "pointer", "pointer"],
    result: "i32",
    nonblocking: true,
  },
  /** `pcap_dumper_t *pcap_dump_fopen(pcap_t *p, FILE *fp)` */
  pcap_dump_fopen: { parameters: ["pointer", "pointer"], result: "pointer" },
  /** `void pcap_dump_close(pcap_dumper_t *p)`; closes the `FILE` as well */
  pcap_dump_close: { parameters: ["pointer"], result: "void" },
  /** `int pcap_stats(pcap_t *p, struct pcap_stat *ps)`; three `u_int`: received, dropped, dropped by interface */
  pcap_stats: { parameters: ["pointer", "buffer"], result: "i32" },
  /** `char *pcap_geterr(pcap_t *p)` */
  pcap_geterr: { parameters: ["pointer"], result: "pointer" },
  /** `void pcap_close(pcap_t *p)` */
  pcap_close: { parameters: ["pointer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The C library. */
export const LIBC_SYMBOLS = {
  /** `void *dlopen(const char *filename, int flags)` */
  dlopen: { parameters: ["buffer", "i32"], result: "pointer" },
  /** `void *dlsym(void *handle, const char *symbol)` */
  dlsym: { parameters: ["pointer", "buffer"], result: "pointer" },
  /** `FILE *fopen(const char *pathname, const char *mode)` */
  fopen: { parameters: ["buffer", "buffer"], result: "pointer" },
  /** `int fclose(FILE *stream)` */
  fclose: { parameters: ["pointer"], result: "i32" },
  /** `size_t fread(void *ptr, size_t size, size_t nmemb, FILE *stream)` */
  fread: { parameters: ["buffer", "usize", "usize", "pointer"], result: "usize" },
  /** `int fseek(FILE *stream, long offset, int whence)` */
  fseek: { parameters: ["pointer", "i64", "i32"], result: "i32" },
  /** `int setvbuf(FILE *stream, char *buf, int mode, size_t size)` */
  setvbuf: { parameters: ["pointer", "buffer", "i32", "usize"], result: "i32" },
  /** `int __fsetlocking(FILE *stream, int type)` */
  __fsetlocking: { parameters: ["pointer", "i32"], result: "i32" },
  /** `void __fpurge(FILE *stream)` */
  __fpurge: { parameters: ["pointer"], result: "void" },
  /** `size_t __fpending(FILE *stream)` */
  __fpending: { parameters: ["pointer"], result: "usize" },
  /** `int ioctl(int fd, unsigned long request, int *value)` */
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
  /** `int setsockopt(int sockfd, int level, int optname, const void *optval, socklen_t optlen)` */
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  /** `int poll(struct pollfd *fds, nfds_t nfds, int timeout_ms)` */
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
  /** `int eventfd(unsigned int initval, int flags)` */
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  /** `int eventfd_write(int fd, eventfd_t value)` */
  eventfd_write: { parameters: ["i32", "u64"], result: "i32" },
  /** `int eventfd_read(int fd, eventfd_t *value)` */
  eventfd_read: { parameters: ["i32", "buffer"], result: "i32" },
  /** `int clock_gettime(clockid_t clockid, struct timespec *tp)` */
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  /** `int adjtimex(struct timex *buf)` */
  adjtimex: { parameters: ["buffer"], result: "i32" },
  /** `int open(const char *path, int flags)` */
  open: { parameters: ["buffer", "i32"], result: "i32" },
  /** `void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)` */
  mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  /** `int madvise(void *addr, size_t length, int advice)` */
  madvise: { parameters: ["pointer", "usize", "i32"], result: "i32" },
  /** `int mallopt(int param, int value)` */
  mallopt: { parameters: ["i32", "i32"], result: "i32" },
  /** `int malloc_trim(size_t pad)` */
  malloc_trim: { parameters: ["usize"], result: "i32" },
  /** `ssize_t read(int fd, void *buf, size_t count)` */
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  /** `int socket(int domain, int type, int protocol)` */
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  /** `ssize_t sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t tolen)` */
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  /** `int close(int fd)` */
  close: { parameters: ["i32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;
