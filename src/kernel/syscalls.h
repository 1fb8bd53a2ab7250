/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which system calls the tracepoint backend looks at, by number.
 */
#ifndef PK_KERNEL_SYSCALLS_H
#define PK_KERNEL_SYSCALLS_H

#include "config.h"

/* Fills the table for the architecture this was built for; [1] is its 32-bit one. */
void pk_syscalls_fill(__u8 ret_calls[2][PK_SYSCALL_MAX]);

#endif
