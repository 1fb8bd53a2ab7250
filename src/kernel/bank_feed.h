/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What /proc knows of the processes that were there before the rules, in the form that the kernel
 * side takes (struct pk_feed). All of it is what processes wrote about themselves: bounded, and cut
 * texts are unknown, not short.
 */
#ifndef PK_KERNEL_BANK_FEED_H
#define PK_KERNEL_BANK_FEED_H

#include "kernel/bank.h"

/* One process of a walk. */
struct pk_bank_proc {
	__u32 pid;
	__u32 ppid;
	char name[PK_COMM_LEN]; /* zero-padded */
};

/* All of them, by pid. */
struct pk_bank_procs {
	struct pk_bank_proc *items;
	size_t cnt;
	size_t cap;
};

/* Reads which processes there are and what they are called. -ENOMEM; -errno of reading /proc. */
int pk_bank_procs_read(pk_bank_name_fn *name, void *arg, struct pk_bank_procs *ret_procs);
void pk_bank_procs_fini(struct pk_bank_procs *procs);

/* NULL: not among them. */
const struct pk_bank_proc *pk_bank_procs_find(const struct pk_bank_procs *procs, __u32 pid);

/* Name and parent of a /proc/PID/stat's `len` bytes. -EBADMSG. */
int pk_bank_parse_stat(const char *text, size_t len, struct pk_bank_proc *ret_proc);

/*
 * Fills a feed for `proc`: its own texts and its parent's, the names of its ancestors as far as they are
 * among `procs`. `bank` and what comes out are zero. What cannot be read because the process is gone or
 * has none (kernel threads have no image) is missing; what is refused or too long is unknown.
 */
void pk_bank_feed_fill(struct pk_feed *ret_feed, const struct pk_bank_procs *procs,
		       const struct pk_bank_proc *proc);

#endif
