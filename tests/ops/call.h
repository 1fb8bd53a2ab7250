/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One operation, many ways into the kernel: each family of operations has a table of ways, and
 * each way is run as what it is, in a thread, or through three kinds of io_uring.
 */
#ifndef PK_OPS_CALL_H
#define PK_OPS_CALL_H

#include <linux/io_uring.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define PK_PATH_BYTES 16384 /* longest path this program makes, its NUL included */
#define PK_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* What a call works on. The family says which fields count. Pointers stay the caller's. */
struct pk_call {
	int dirfd;        /* directory of the names; O_PATH */
	int fd;           /* the file or socket itself */
	const char *path; /* absolute, as this process sees it */
	const char *name; /* the same, relative to dirfd */
	const char *path2;
	const char *name2;
	const char *target;
	int flags;
	__u32 mode;
	__u32 dev;
	__u32 uid;
	__u32 gid;
	off_t size;
	const struct sockaddr *addr;
	socklen_t addr_len;
	int backlog;
};

/* A way: `run`, a call that returns what the kernel did (-errno), or `prepare`, an io_uring entry. */
struct pk_way {
	const char *name;
	long (*run)(const struct pk_call *call);
	void (*prepare)(struct io_uring_sqe *sqe, const struct pk_call *call);
	bool compat;   /* by the 32-bit system call table */
	bool threaded; /* also from another thread than the first */
};

enum pk_how {
	PK_HOW_DIRECT = 0,
	PK_HOW_THREAD = 1,
	PK_HOW_RING = 2,        /* io_uring, within io_uring_enter() where the kernel can */
	PK_HOW_RING_ASYNC = 3,  /* io_uring, by a worker thread */
	PK_HOW_RING_SQPOLL = 4, /* io_uring, by the ring's polling thread */
};

/* A way with how it is run; `tid` is the thread that ran it, 0 when not to be known. */
struct pk_variant {
	const struct pk_way *way;
	enum pk_how how;
	char name[96];
	int tid;
	bool first; /* the first of its table */
};

typedef void (*pk_variant_fn)(struct pk_variant *variant, void *arg);

/* Calls body for each variant of each way. */
void pk_variants_each(const struct pk_way *ways, size_t way_cnt, pk_variant_fn body, void *arg);

/* Does it. What the kernel returned, or -errno. */
long pk_variant_run(struct pk_variant *variant, const struct pk_call *call);

/* Begins the log line of a variant that gave `result`; false: it was logged as skipped. */
bool pk_variant_log(const struct pk_variant *variant, const char *type, long result);

/* Runs one operation in a thread and waits. Returns what fn does; the thread's id in *ret_tid. */
long pk_thread_run(long (*fn)(const struct pk_call *call), const struct pk_call *call,
		   int *ret_tid);

/* A raw system call: -errno instead of -1. */
#define PK_SYS(...) pk_sys_result(syscall(__VA_ARGS__))
long pk_sys_result(long result);

/*
 * io_uring, without a library (ring.c). Runs one prepared entry on the ring of that kind and
 * waits for its end: the completion's result, or -errno when there is no such ring.
 */
long pk_ring_run(enum pk_how how, const struct io_uring_sqe *sqe);
/* A ring of this process's own, and not its parent's, for PK_HOW_RING. How many entries, or -errno. */
long pk_ring_renew(void);
/* Registers the caller's credentials with it: a number for sqe.personality, or -errno. */
long pk_ring_register_creds(void);
/* Makes room for `cnt` direct descriptors in the ring: 0 or -errno. */
long pk_ring_files(enum pk_how how, unsigned int cnt);
/* Forgets the rings of the process that forked this one. */
void pk_ring_forget(void);

/* The 32-bit system calls (compat.c): x86 only, and where the kernel has them; else all give -ENOSYS. */
bool pk_has_int80(void);
long pk_int80(long nr, long a, long b, long c, long d, long e);
/* A copy of `len` bytes below 4 GiB; as an address. The last 64 copies are valid. */
__u32 pk_low(const void *bytes, size_t len);
__u32 pk_low_str(const char *text);

/* Numbers of <asm/unistd_32.h> (x86). */
enum pk_nr32 {
	PK_NR32_FORK = 2,
	PK_NR32_OPEN = 5,
	PK_NR32_CREAT = 8,
	PK_NR32_LINK = 9,
	PK_NR32_UNLINK = 10,
	PK_NR32_EXECVE = 11,
	PK_NR32_MKNOD = 14,
	PK_NR32_CHMOD = 15,
	PK_NR32_RENAME = 38,
	PK_NR32_MKDIR = 39,
	PK_NR32_RMDIR = 40,
	PK_NR32_SYMLINK = 83,
	PK_NR32_TRUNCATE = 92,
	PK_NR32_FTRUNCATE = 93,
	PK_NR32_FCHMOD = 94,
	PK_NR32_SOCKETCALL = 102,
	PK_NR32_CLONE = 120,
	PK_NR32_CHOWN16 = 182,
	PK_NR32_VFORK = 190,
	PK_NR32_TRUNCATE64 = 193,
	PK_NR32_FTRUNCATE64 = 194,
	PK_NR32_LCHOWN = 198,
	PK_NR32_FCHOWN = 207,
	PK_NR32_CHOWN = 212,
	PK_NR32_OPENAT = 295,
	PK_NR32_MKDIRAT = 296,
	PK_NR32_MKNODAT = 297,
	PK_NR32_FCHOWNAT = 298,
	PK_NR32_UNLINKAT = 301,
	PK_NR32_RENAMEAT = 302,
	PK_NR32_LINKAT = 303,
	PK_NR32_SYMLINKAT = 304,
	PK_NR32_FCHMODAT = 306,
	PK_NR32_RENAMEAT2 = 353,
	PK_NR32_EXECVEAT = 358,
	PK_NR32_BIND = 361,
	PK_NR32_CONNECT = 362,
	PK_NR32_LISTEN = 363,
	PK_NR32_ACCEPT4 = 364,
	PK_NR32_SENDMSG = 370,
	PK_NR32_OPENAT2 = 437,
};

/* Newer than the oldest headers this builds with. */
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
enum pk_ring_op {
	PK_RING_OP_SEND_ZC = 47,
	PK_RING_OP_SENDMSG_ZC = 48,
	PK_RING_OP_FTRUNCATE = 55,
	PK_RING_OP_BIND = 56,
	PK_RING_OP_LISTEN = 57,
};

#endif
