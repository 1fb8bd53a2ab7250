/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this program did, as JSON lines for compare.py: one line an operation that succeeded, one
 * for each that this kernel or these privileges do not have ("skipped"), one for each that was
 * meant to fail and did ("failed"). Written by one write() each, so lines of several processes
 * never mix; the order of the lines is the order of the operations of a process.
 */
#ifndef PK_OPS_LOG_H
#define PK_OPS_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Opens the log (created, emptied) and logs that open. Exits with a message when it cannot. */
void pk_log_open(const char *path);

/* A path below `seen` is `host` + rest on the host; host NULL: nowhere. seen NULL: the same. */
void pk_log_map_paths(const char *seen, const char *host);

/* Whether inode numbers are what the kernel's own records hold: not on an overlay. */
void pk_log_inodes(bool known);

/* Begins the line of one operation; pk_log_end() writes it. Fields go between the two. */
void pk_log_begin(const char *type, const char *variant);
void pk_log_end(void);

void pk_log_int(const char *key, long long value);
void pk_log_bool(const char *key, bool value);
void pk_log_str(const char *key, const char *value);
void pk_log_strs(const char *key, char *const values[]);
/* A path as this process sees it, with its place on the host when that is known: `host_` + key. */
void pk_log_path(const char *key, const char *path);
/* "flags": the names of O_* flags, access mode included. */
void pk_log_open_flags(int flags);
/* "family", "type", "protocol" of the socket. */
void pk_log_socket(int fd);
/* A socket address: {"address", "port"} or {"path"} or {"path", "abstract": true}. */
void pk_log_addr(const char *key, const struct sockaddr *addr, socklen_t len);
/* "inode", "dev" and "rdev" when known. */
void pk_log_stat(const struct stat *st);
/* Acts as another process than the caller: replaces "pid" of the line begun. */
void pk_log_pid(int pid);

/* Something that could not be tried; `error` is a positive errno. */
void pk_log_skipped(const char *variant, int error);
/* Something that was meant to fail: no event may come of it. error 0: it did not fail. */
void pk_log_failed(const char *variant, const char *path, int error);
/* A remark for compare.py. */
void pk_log_note(const char *key, const char *value);

/* Complains on standard error and exits with 1: the test's own ground is missing. */
__attribute__((format(printf, 1, 2), noreturn)) void pk_log_die(const char *format, ...);

/* snprintf() that exits with a message rather than cut the text short. */
__attribute__((format(printf, 3, 4))) int pk_format(char *out, size_t out_bytes, const char *format,
						    ...);

#endif
