/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the operations happen, and the groups of them. Each group has a directory of its own, which
 * is its working directory too, and leaves nothing behind. Making and removing
 * files for a test are operations as well: all of it is logged.
 */
#ifndef PK_OPS_H
#define PK_OPS_H

#include <sys/stat.h>

#include "call.h"
#include "log.h"

/* Codes of this program's children, so that a child's end says how far it came. */
#define PK_EXIT_CHILD 42  /* an image that was executed ran */
#define PK_EXIT_FAILED 99 /* a child could not do its part */

#define PK_NOBODY 65534

struct pk_place {
	char dir[PK_PATH_BYTES];    /* of the group, absolute as seen here */
	char self[PK_PATH_BYTES];   /* a copy of this program, inside of the place */
	char self32[PK_PATH_BYTES]; /* the 32-bit program; empty when there is none */
	int dirfd;                  /* O_PATH of dir */
	const char *lower;          /* on an overlay: a directory with files of the lower layer */
};

extern struct pk_place pk_place;

/* How --in runs the groups. Each returns when its groups are done and its own traces are gone. */
typedef void (*pk_groups_fn)(void);
void pk_place_host(const char *dir, pk_groups_fn groups);
void pk_place_mntns(const char *dir, pk_groups_fn groups);
void pk_place_chroot(const char *dir, pk_groups_fn groups);
void pk_place_overlay(const char *dir, pk_groups_fn groups);

/* Makes the group's directory and goes there; and out again, removing all that is in it. */
void pk_group_enter(const char *name);
void pk_group_leave(void);

/* Absolute path of a name in the group's directory. Valid until the 16th next call. */
const char *pk_at(const char *name);
/* A name not used before in this process: "prefix" and a number. Valid as long. */
const char *pk_fresh(const char *prefix);

/* Makes things, logged; exits with a message when it cannot. */
void pk_make_file(const char *name, unsigned int mode);
void pk_make_dir(const char *name, unsigned int mode);
void pk_make_symlink(const char *target, const char *name);
/* Removes what is there, logged. */
void pk_remove_file(const char *name);
void pk_remove_dir(const char *name);
/* An open of a file that exists, logged. Never negative. */
int pk_open_file(const char *name, int flags, const char *variant);
/* lstat(); zeroed when there is no such file. */
struct stat pk_stat(const char *name);
/* Adds the rest of an open's line: path, flags, inode. */
void pk_log_opened(int fd, const char *path, int flags, bool created);

/* Forks, logged; the child's pid or 0. */
int pk_fork(const char *variant);
/* Waits for the child and logs its exit. The status as of wait(). */
int pk_wait(int pid);
/* Ends this process, logged. Not for children: whoever waits for them logs their exit. */
__attribute__((noreturn)) void pk_exit_logged(int code);

void pk_group_process(void);
void pk_group_exec(void);
void pk_group_open(void);
void pk_group_names(void);
void pk_group_attrs(void);
void pk_group_deep(void);
void pk_group_connect(void);
void pk_group_listen(void);
void pk_group_send(void);
void pk_group_deny(void);
void pk_group_quiet(void);
void pk_group_lower(void);
void pk_group_mounts(void);
void pk_group_privileges(void);
void pk_group_kernel(void);

/* --storm exec N and --storm open N PATH: as fast as can be, not logged. The exit status. */
int pk_storm_exec(unsigned long cnt);
int pk_storm_open(unsigned long cnt, const char *path);

#endif
