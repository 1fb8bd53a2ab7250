/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of the numbers on the wire, as they stand in output and on the command line. All strings
 * are static. Each function takes any number: unknown ones give "unknown" unless said otherwise.
 */
#ifndef PK_STREAM_NAMES_H
#define PK_STREAM_NAMES_H

#include <stddef.h>

#include "event.h"

/* Event kinds as bits: 1 << enum pk_event_kind; 0: kinds that are never printed have none. */
#define PK_KIND_BIT(kind) ((kind) && (kind) <= 64 ? 1ull << ((kind)&63) : 0)
#define PK_KINDS_PROCESS \
	(PK_KIND_BIT(PK_EVENT_EXEC) | PK_KIND_BIT(PK_EVENT_FORK) | PK_KIND_BIT(PK_EVENT_EXIT))
#define PK_KINDS_NETWORK                                               \
	(PK_KIND_BIT(PK_EVENT_CONNECT) | PK_KIND_BIT(PK_EVENT_BIND) |  \
	 PK_KIND_BIT(PK_EVENT_LISTEN) | PK_KIND_BIT(PK_EVENT_ACCEPT) | \
	 PK_KIND_BIT(PK_EVENT_SEND) | PK_KIND_BIT(PK_EVENT_DUP))
/* From struct pk_sys_event on: mounts, ... */
#define PK_KINDS_MOUNT (PK_KIND_BIT(PK_EVENT_CHROOT + 1) - PK_KIND_BIT(PK_EVENT_DO_MOUNT))
#define PK_KINDS_PRIVILEGE                                                    \
	((PK_KIND_BIT(PK_EVENT_SECCOMP + 1) - PK_KIND_BIT(PK_EVENT_SETUID)) | \
	 PK_KIND_BIT(PK_EVENT_SET_NAME))
#define PK_KINDS_KERNEL                                                            \
	((PK_KIND_BIT(PK_EVENT_MEMFD + 1) - PK_KIND_BIT(PK_EVENT_MODULE)) |        \
	 PK_KIND_BIT(PK_EVENT_SOCKET) | PK_KIND_BIT(PK_EVENT_REQUEST_MODULE) |     \
	 (PK_KIND_BIT(PK_EVENT_SYSINFO + 1) - PK_KIND_BIT(PK_EVENT_PERSONALITY)) | \
	 PK_KIND_BIT(PK_EVENT_SETTIME) | PK_KIND_BIT(PK_EVENT_DELETE_MODULE))
#define PK_KINDS_MEMORY (PK_KIND_BIT(PK_EVENT_MPROTECT + 1) - PK_KIND_BIT(PK_EVENT_MMAP))
#define PK_KINDS_SYSTEM                                                        \
	((PK_KIND_BIT(PK_EVENT_SENSOR_MAX) - PK_KIND_BIT(PK_EVENT_DO_MOUNT)) & \
	 ~PK_KIND_BIT(PK_EVENT_DUP))
#define PK_KINDS_SENSOR (PK_KIND_BIT(PK_EVENT_SENSOR_MAX) - PK_KIND_BIT(PK_EVENT_EXEC))
#define PK_KINDS_FILE (PK_KIND_BIT(PK_EVENT_CONNECT) - PK_KIND_BIT(PK_EVENT_OPEN))
/* Of files too, but not of struct pk_file_event. */
#define PK_KINDS_ATTRIBUTE                                                    \
	(PK_KIND_BIT(PK_EVENT_SETXATTR) | PK_KIND_BIT(PK_EVENT_REMOVEXATTR) | \
	 PK_KIND_BIT(PK_EVENT_IOCTL))
/* What is printed unless something else is asked for. */
#define PK_KINDS_DEFAULT                                                                 \
	(PK_KINDS_SENSOR & ~(PK_KIND_BIT(PK_EVENT_DUP) | PK_KIND_BIT(PK_EVENT_SYSINFO) | \
			     PK_KIND_BIT(PK_EVENT_SET_NAME) | PK_KIND_BIT(PK_EVENT_IOCTL)))
/* About the stream itself; printed whatever events were asked for. */
#define PK_KINDS_STREAM                                                                          \
	(PK_KIND_BIT(PK_EVENT_START) | PK_KIND_BIT(PK_EVENT_LOST) | PK_KIND_BIT(PK_EVENT_STOP) | \
	 PK_KIND_BIT(PK_EVENT_REPEATS))
#define PK_KIND_MAX 68u /* one more than the largest kind */

/* "exec", "open", "start", ... */
const char *pk_event_kind_name(__u32 kind);
/* enum pk_event_kind of the `len` bytes at `name`, or PK_EVENT_NONE. Case matters. */
__u32 pk_event_kind_from_name(const char *name, size_t len);

/* "process_exec", "file_open", ... */
const char *pk_hook_name(__u32 hook);
/* "ring", "scratch", ... */
const char *pk_loss_name(__u32 reason);
/* "allowed", "denied", "killed", "spared" */
const char *pk_verdict_name(__u32 verdict);
/* "lsm", "tracepoint", "none" */
const char *pk_backend_name(__u32 backend);
/* "regular", "directory", ... of the S_IFMT bits */
const char *pk_file_type_name(__u32 mode);
/* "SIGKILL", ... or NULL for real-time and unknown signals */
const char *pk_signal_name(__u32 signal);
/* "ipv4", "unix", ... of AF_*, or NULL */
const char *pk_family_name(__u32 family);
/* "stream", "dgram", ... of SOCK_*, or NULL */
const char *pk_socket_type_name(__u32 type);
/* "tcp", "udp", ... of IPPROTO_*, or NULL */
const char *pk_protocol_name(__u32 protocol);

/* One bit (or group of bits) and its name. */
struct pk_flag_name {
	__u32 bits;
	const char *name;
};
/* O_* other than the access mode, larger groups first; ends with name NULL. */
extern const struct pk_flag_name pk_open_flag_names[];
/* RENAME_*; ends with name NULL. */
extern const struct pk_flag_name pk_rename_flag_names[];
/* "O_RDONLY", "O_WRONLY", "O_RDWR" of an open file's flags, "O_NOACCESS" for the fourth value */
const char *pk_open_access_name(__u32 open_flags);

/* Longest result of pk_tty_name() with its NUL. */
#define PK_TTY_NAME_MAX 24
/* "pts/3", "tty1", "ttyS0", "console" or "major:minor" of a device number (major << 20 | minor). */
void pk_tty_name(__u32 dev, char ret_name[PK_TTY_NAME_MAX]);

#endif
