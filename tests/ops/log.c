// SPDX-License-Identifier: Apache-2.0
/*
 * The log: a line is put together in one static buffer and written at once. The sequence number
 * lives in memory shared with all children. Children that share the caller's memory (vfork) must
 * not log.
 */
#include "log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES (256u * 1024)

static int log_fd = -1;
static uint64_t *log_seq;
static char line[LINE_BYTES];
static size_t line_len;
static size_t pid_start; /* where "pid":N stands in the line */
static size_t pid_end;
static bool inodes_known = true;
static const char *seen_prefix;
static const char *host_prefix;

static void put_bytes(const char *bytes, size_t len)
{
	if (line_len + len >= LINE_BYTES)
		pk_log_die("a log line is longer than %u bytes", LINE_BYTES);
	memcpy(line + line_len, bytes, len);
	line_len += len;
}

static void put(const char *text)
{
	put_bytes(text, strlen(text));
}

static void put_int(long long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", value);
	put(text);
}

static void put_quoted_bytes(const char *bytes, size_t len)
{
	char escape[8];
	size_t i;

	put("\"");
	for (i = 0; i < len; i++) {
		unsigned char c = bytes[i];

		if (c == '"' || c == '\\' || c < 0x20) {
			snprintf(escape, sizeof(escape), "\\u%04x", c);
			put(escape);
		} else {
			put_bytes(&bytes[i], 1);
		}
	}
	put("\"");
}

static void put_quoted(const char *text)
{
	put_quoted_bytes(text, strlen(text));
}

static void put_key(const char *key)
{
	put(",");
	put_quoted(key);
	put(":");
}

static void put_pid(int pid)
{
	pid_start = line_len;
	put_key("pid");
	put_int(pid);
	pid_end = line_len;
}

static void begin(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	line_len = 0;
	put("{\"seq\":");
	put_int(__atomic_add_fetch(log_seq, 1, __ATOMIC_RELAXED));
	put_key("time_ns");
	put_int(now.tv_sec * 1000000000ll + now.tv_nsec);
	put_pid(syscall(SYS_getpid));
}

void pk_log_open(const char *path)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC;
	struct stat st;
	struct statfs fs;
	char real[8192];
	bool created;

	log_seq = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (log_seq == MAP_FAILED)
		pk_log_die("cannot map memory: %s", strerror(errno));
	created = access(path, F_OK) != 0;
	log_fd = syscall(SYS_openat, AT_FDCWD, path, flags, 0644);
	if (log_fd < 0 || fstat(log_fd, &st))
		pk_log_die("cannot open the log '%s': %s", path, strerror(errno));
	if (!fstatfs(log_fd, &fs))
		pk_log_inodes(fs.f_type != OVERLAYFS_SUPER_MAGIC);
	if (!realpath(path, real))
		pk_log_die("cannot resolve the log's path '%s': %s", path, strerror(errno));
	pk_log_begin("open", "the log itself");
	pk_log_bool("log", true);
	pk_log_path("path", real);
	pk_log_open_flags(flags);
	pk_log_bool("created", created);
	if (created)
		pk_log_int("mode", st.st_mode & 07777);
	pk_log_stat(&st);
	pk_log_end();
}

void pk_log_map_paths(const char *seen, const char *host)
{
	seen_prefix = seen;
	host_prefix = host;
}

void pk_log_inodes(bool known)
{
	inodes_known = known;
}

void pk_log_begin(const char *type, const char *variant)
{
	begin();
	pk_log_int("uid", syscall(SYS_getuid));
	pk_log_str("type", type);
	pk_log_str("variant", variant);
}

void pk_log_end(void)
{
	put("}\n");
	if (write(log_fd, line, line_len) != (ssize_t)line_len)
		pk_log_die("cannot write the log: %s", strerror(errno));
}

void pk_log_pid(int pid)
{
	char rest[256];
	size_t rest_len = line_len - pid_end;

	if (rest_len > sizeof(rest))
		pk_log_die("the line's pid is set too late");
	memcpy(rest, line + pid_end, rest_len);
	line_len = pid_start;
	put_pid(pid);
	put_bytes(rest, rest_len);
}

void pk_log_int(const char *key, long long value)
{
	put_key(key);
	put_int(value);
}

void pk_log_bool(const char *key, bool value)
{
	put_key(key);
	put(value ? "true" : "false");
}

void pk_log_str(const char *key, const char *value)
{
	put_key(key);
	put_quoted(value);
}

void pk_log_strs(const char *key, char *const values[])
{
	size_t i;

	put_key(key);
	put("[");
	for (i = 0; values[i]; i++) {
		if (i)
			put(",");
		put_quoted(values[i]);
	}
	put("]");
}

void pk_log_path(const char *key, const char *path)
{
	char host_key[64];
	size_t seen_len = seen_prefix ? strlen(seen_prefix) : 0;

	pk_log_str(key, path);
	if (!seen_prefix || path[0] != '/' || strncmp(path, seen_prefix, seen_len) != 0)
		return;
	snprintf(host_key, sizeof(host_key), "host_%s", key);
	put_key(host_key);
	if (host_prefix) {
		char host[16384];

		pk_format(host, sizeof(host), "%s%s", host_prefix, path + seen_len);
		put_quoted(host);
	} else {
		put("null");
	}
}

void pk_log_open_flags(int flags)
{
	static const struct {
		int bits;
		const char *name;
	} names[] = {
		{ O_TMPFILE, "O_TMPFILE" },     { O_SYNC, "O_SYNC" },
		{ O_DIRECTORY, "O_DIRECTORY" }, { O_CREAT, "O_CREAT" },
		{ O_EXCL, "O_EXCL" },           { O_NOCTTY, "O_NOCTTY" },
		{ O_TRUNC, "O_TRUNC" },         { O_APPEND, "O_APPEND" },
		{ O_NONBLOCK, "O_NONBLOCK" },   { O_DSYNC, "O_DSYNC" },
		{ O_DIRECT, "O_DIRECT" },       { O_NOFOLLOW, "O_NOFOLLOW" },
		{ O_NOATIME, "O_NOATIME" },     { O_CLOEXEC, "O_CLOEXEC" },
	};
	static const char *const access_names[] = { "O_RDONLY", "O_WRONLY", "O_RDWR",
						    "O_NOACCESS" };
	size_t i;

	put_key("flags");
	put("[");
	put_quoted(access_names[flags & O_ACCMODE]);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((flags & names[i].bits) != names[i].bits)
			continue;
		put(",");
		put_quoted(names[i].name);
		flags &= ~names[i].bits;
	}
	put("]");
}

void pk_log_socket(int fd)
{
	static const char *const type_names[] = {
		[SOCK_STREAM] = "stream", [SOCK_DGRAM] = "dgram", [SOCK_SEQPACKET] = "seqpacket"
	};
	int domain = 0, type = 0, protocol = 0;
	socklen_t len = sizeof(int);

	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
	getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len);
	pk_log_str("family", domain == AF_INET ? "ipv4" : domain == AF_INET6 ? "ipv6" : "unix");
	pk_log_str("socket_type", type_names[type]);
	if (protocol)
		pk_log_str("protocol", protocol == IPPROTO_TCP ? "tcp" : "udp");
}

static void put_unix(const struct sockaddr_un *addr, socklen_t len)
{
	size_t name_len = len - offsetof(struct sockaddr_un, sun_path);

	if (len <= offsetof(struct sockaddr_un, sun_path)) {
		put("\"unnamed\":true");
	} else if (addr->sun_path[0]) {
		put("\"path\":");
		put_quoted_bytes(addr->sun_path, strnlen(addr->sun_path, name_len));
	} else {
		put("\"abstract\":true,\"path\":");
		put_quoted_bytes(addr->sun_path + 1, name_len - 1);
	}
}

void pk_log_addr(const char *key, const struct sockaddr *addr, socklen_t len)
{
	const struct sockaddr_in *in = (const void *)addr;
	const struct sockaddr_in6 *in6 = (const void *)addr;
	char text[INET6_ADDRSTRLEN] = "";

	put_key(key);
	put("{");
	if (addr->sa_family == AF_UNIX) {
		put_unix((const void *)addr, len);
		put("}");
		return;
	}
	if (addr->sa_family == AF_INET)
		inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
	else
		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text));
	put("\"address\":");
	put_quoted(text);
	pk_log_int("port", ntohs(addr->sa_family == AF_INET ? in->sin_port : in6->sin6_port));
	put("}");
}

void pk_log_stat(const struct stat *st)
{
	char dev[32];

	if (!inodes_known)
		return;
	pk_log_int("inode", st->st_ino);
	snprintf(dev, sizeof(dev), "%u:%u", major(st->st_dev), minor(st->st_dev));
	pk_log_str("dev", dev);
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode)) {
		snprintf(dev, sizeof(dev), "%u:%u", major(st->st_rdev), minor(st->st_rdev));
		pk_log_str("rdev", dev);
	}
}

void pk_log_skipped(const char *variant, int error)
{
	if (!log_seq)
		return; /* programs without such a log use the ways too: tests/deny */
	begin();
	pk_log_str("skipped", variant);
	pk_log_str("reason", strerrorname_np(error) ? strerrorname_np(error) : "unknown");
	pk_log_end();
}

void pk_log_failed(const char *variant, const char *path, int error)
{
	begin();
	pk_log_str("failed", variant);
	pk_log_str("path", path);
	if (error)
		pk_log_str("reason", strerrorname_np(error) ? strerrorname_np(error) : "unknown");
	else
		pk_log_bool("succeeded", true);
	pk_log_end();
}

void pk_log_note(const char *key, const char *value)
{
	begin();
	pk_log_str("note", key);
	pk_log_str("value", value);
	pk_log_end();
}

int pk_format(char *out, size_t out_bytes, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(out, out_bytes, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= out_bytes)
		pk_log_die("a text is longer than %zu bytes", out_bytes);
	return len;
}

void pk_log_die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("ops: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}
