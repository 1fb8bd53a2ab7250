// SPDX-License-Identifier: Apache-2.0
/*
 * Names of numbers in conditions.
 */
#include "plan/field_symbols.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define END                  \
	{                    \
		.name = NULL \
	}
#define BIT(name)              \
	{                      \
#name, name, 0 \
	}

/* The access mode is a number of two bits; O_SYNC and O_TMPFILE have the bits of another flag. */
const struct pk_symbol pk_symbols_open_flags[] = {
	{ "O_RDONLY", O_RDONLY, O_ACCMODE },
	{ "O_WRONLY", O_WRONLY, O_ACCMODE },
	{ "O_RDWR", O_RDWR, O_ACCMODE },
	BIT(O_CREAT),
	BIT(O_APPEND),
	{ "O_DSYNC", O_DSYNC, O_SYNC },
	BIT(O_EXCL),
	BIT(O_NONBLOCK),
	BIT(O_SYNC),
	BIT(O_TRUNC),
	BIT(O_DIRECT),
	{ "O_DIRECTORY", O_DIRECTORY, O_TMPFILE },
	{ "O_LARGEFILE", 0100000, 0 }, /* libc's is 0 on 64 bits */
	BIT(O_CLOEXEC),
	BIT(O_TMPFILE),
	BIT(O_NOCTTY),
	BIT(O_NOFOLLOW),
	BIT(O_NOATIME),
	BIT(O_PATH),
	BIT(O_ASYNC),
	END,
};

const struct pk_symbol pk_symbols_rename_flags[] = {
	BIT(RENAME_NOREPLACE),
	BIT(RENAME_EXCHANGE),
	BIT(RENAME_WHITEOUT),
	END,
};

const struct pk_symbol pk_symbols_mode[] = {
	BIT(S_IXOTH), BIT(S_IWOTH), BIT(S_IROTH), BIT(S_IXGRP), BIT(S_IWGRP),
	BIT(S_IRGRP), BIT(S_IXUSR), BIT(S_IWUSR), BIT(S_IRUSR), BIT(S_ISVTX),
	BIT(S_ISGID), BIT(S_ISUID), END,
};

#define CAP(name)                      \
	{                              \
#name, 1ull << name, 0 \
	}
const struct pk_symbol pk_symbols_caps[] = {
	CAP(CAP_CHOWN),
	CAP(CAP_DAC_OVERRIDE),
	CAP(CAP_DAC_READ_SEARCH),
	CAP(CAP_FOWNER),
	CAP(CAP_FSETID),
	CAP(CAP_KILL),
	CAP(CAP_SETGID),
	CAP(CAP_SETUID),
	CAP(CAP_SETPCAP),
	CAP(CAP_LINUX_IMMUTABLE),
	CAP(CAP_NET_BIND_SERVICE),
	CAP(CAP_NET_BROADCAST),
	CAP(CAP_NET_ADMIN),
	CAP(CAP_NET_RAW),
	CAP(CAP_IPC_LOCK),
	CAP(CAP_IPC_OWNER),
	CAP(CAP_SYS_MODULE),
	CAP(CAP_SYS_RAWIO),
	CAP(CAP_SYS_CHROOT),
	CAP(CAP_SYS_PTRACE),
	CAP(CAP_SYS_PACCT),
	CAP(CAP_SYS_ADMIN),
	CAP(CAP_SYS_BOOT),
	CAP(CAP_SYS_NICE),
	CAP(CAP_SYS_RESOURCE),
	CAP(CAP_SYS_TIME),
	CAP(CAP_SYS_TTY_CONFIG),
	CAP(CAP_MKNOD),
	CAP(CAP_LEASE),
	CAP(CAP_AUDIT_WRITE),
	CAP(CAP_AUDIT_CONTROL),
	CAP(CAP_SETFCAP),
	CAP(CAP_MAC_OVERRIDE),
	CAP(CAP_MAC_ADMIN),
	CAP(CAP_SYSLOG),
	CAP(CAP_WAKE_ALARM),
	CAP(CAP_BLOCK_SUSPEND),
	CAP(CAP_AUDIT_READ),
	CAP(CAP_PERFMON),
	CAP(CAP_BPF),
	CAP(CAP_CHECKPOINT_RESTORE),
	END,
};

const struct pk_symbol pk_symbols_file_types[] = {
	{ "file", S_IFREG, 0 },  { "directory", S_IFDIR, 0 },
	{ "file", S_IFLNK, 0 },  { "file", S_IFCHR, 0 },
	{ "file", S_IFBLK, 0 },  { "file", S_IFIFO, 0 },
	{ "file", S_IFSOCK, 0 }, END,
};

const struct pk_symbol pk_symbols_file_typechars[] = {
	{ "f", S_IFREG, 0 }, { "d", S_IFDIR, 0 }, { "f", S_IFLNK, 0 },  { "f", S_IFCHR, 0 },
	{ "f", S_IFBLK, 0 }, { "f", S_IFIFO, 0 }, { "f", S_IFSOCK, 0 }, END,
};

const struct pk_symbol pk_symbols_sock_types[] = {
	{ "ipv4", AF_INET, 0 },
	{ "ipv6", AF_INET6, 0 },
	{ "unix", AF_UNIX, 0 },
	{ "netlink", AF_NETLINK, 0 },
	END,
};

const struct pk_symbol pk_symbols_sock_typechars[] = {
	{ "4", AF_INET, 0 }, { "6", AF_INET6, 0 }, { "u", AF_UNIX, 0 }, { "n", AF_NETLINK, 0 }, END,
};

const struct pk_symbol pk_symbols_sock_families[] = {
	{ "ip", AF_INET, 0 },
	{ "ip", AF_INET6, 0 },
	{ "unix", AF_UNIX, 0 },
	END,
};

const struct pk_symbol pk_symbols_l4protos[] = {
	{ "tcp", IPPROTO_TCP, 0 },     { "udp", IPPROTO_UDP, 0 }, { "icmp", IPPROTO_ICMP, 0 },
	{ "icmp", IPPROTO_ICMPV6, 0 }, { "raw", IPPROTO_RAW, 0 }, END,
};

const struct pk_symbol pk_symbols_block[] = { { "block", S_IFBLK, 0 }, END };
const struct pk_symbol pk_symbols_memory[] = {
	{ "mem", 1 << 20 | 1, 0 },
	{ "kmem", 1 << 20 | 2, 0 },
	{ "port", 1 << 20 | 4, 0 },
	END,
};

const struct pk_symbol pk_symbols_reading[] = { { "O_RDONLY", O_RDONLY, 0 },
						{ "O_RDWR", O_RDWR, 0 },
						END };
const struct pk_symbol pk_symbols_writing[] = { { "O_WRONLY", O_WRONLY, 0 },
						{ "O_RDWR", O_RDWR, 0 },
						END };
