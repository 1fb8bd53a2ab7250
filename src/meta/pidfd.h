/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process by a descriptor: it means the same one in every pid namespace, and nobody else once that one is gone.
 */
#ifndef PK_META_PIDFD_H
#define PK_META_PIDFD_H

#include <stdint.h>

/* A descriptor of process `pid` of this pid namespace, the caller's to close. -ESRCH; other -errno of pidfd_open(). */
int pk_pidfd_open(uint32_t pid);

/* Its number in this pid namespace. -ESRCH: it has ended; -EXDEV: it has none here; -EBADF: `fd` is no process. */
int pk_pidfd_pid(int fd, uint32_t *ret_pid);

#endif
