// SPDX-License-Identifier: Apache-2.0
/*
 * Changes of the file tree. Those that have no hook of their own are denied by what is in the registers:
 * flags that nothing else here uses.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "../ops/system.h"
#include "attempt.h"

#define TOP PK_DENY_TOP
#define SPOT TOP "/elsewhere"

struct job {
	const struct pk_sys_way *way;
	bool neighbour;
};

static void need(long result, const char *what)
{
	if (result < 0)
		pk_deny_unable(what, result == -1 ? errno : (int)-result);
}

static void own_mounts(void)
{
	need(unshare(CLONE_NEWNS), "mount namespace");
	need(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
}

#define CALL(nr, nr32, ...) pk_sys_call(job->way, nr, nr32, __VA_ARGS__)
#define TEXT(text) pk_sys_text(job->way, text)

static long do_mount(void *arg)
{
	const struct job *job = arg;

	own_mounts();
	return CALL(SYS_mount, 21, TEXT(job->neighbour ? "another" : "denied source"), TEXT(SPOT),
		    TEXT("tmpfs"), 0, 0);
}

static long do_umount(void *arg)
{
	const struct job *job = arg;

	own_mounts();
	need(mount("none", SPOT, "tmpfs", 0, NULL), "a mount");
	return CALL(SYS_umount2, 52, TEXT(SPOT), job->neighbour ? 0 : MNT_DETACH | 8, 0, 0, 0);
}

static long configured(const struct job *job)
{
	long fd = CALL(430, 430, TEXT("tmpfs"), 0, 0, 0, 0);

	need(fd, "fsopen");
	need(CALL(431, 431, fd, 6, 0, 0, 0), "fsconfig");
	return fd;
}

static long do_fsconfig(void *arg)
{
	const struct job *job = arg;
	long fd;

	own_mounts();
	need(mount("none", SPOT, "tmpfs", 0, NULL), "a mount");
	fd = CALL(433, 433, AT_FDCWD, TEXT(SPOT), 0, 0, 0);
	need(fd, "fspick");
	return CALL(431, 431, fd, 7, 0, 0, 0);
}

static long do_fsmount(void *arg)
{
	const struct job *job = arg;
	long fd = configured(job);

	return CALL(432, 432, fd, 0, job->neighbour ? 4 : 4 | 8 | 0x80, 0, 0);
}

static long do_move_mount(void *arg)
{
	const struct job *job = arg;
	long fd;

	own_mounts();
	fd = CALL(428, 428, AT_FDCWD, TEXT(SPOT), 1, 0, 0);
	need(fd, "open_tree");
	return CALL(429, 429, fd, TEXT(""), AT_FDCWD, TEXT(job->neighbour ? TOP "/treeless" : SPOT),
		    4);
}

static long do_open_tree(void *arg)
{
	const struct job *job = arg;

	own_mounts();
	return CALL(428, 428, AT_FDCWD, TEXT(SPOT), 1 | 0x8000 | (job->neighbour ? 0 : 0x800), 0,
		    0);
}

static long do_setattr(void *arg)
{
	const struct job *job = arg;
	const __u64 attr[4] = { 4 };

	own_mounts();
	need(mount("none", SPOT, "tmpfs", 0, NULL), "a mount");
	return CALL(442, 442, AT_FDCWD, TEXT(SPOT), job->neighbour ? 0 : 0x8000 | 0x800,
		    pk_sys_bytes(job->way, attr, sizeof(attr)), sizeof(attr));
}

static long do_pivot(void *arg)
{
	const struct job *job = arg;

	own_mounts();
	need(mount("none", SPOT, "tmpfs", 0, NULL), "a mount");
	need(mkdir(SPOT "/old", 0755), "a directory");
	need(mkdir(SPOT "/other", 0755), "a directory");
	return CALL(SYS_pivot_root, 217, TEXT(SPOT),
		    TEXT(job->neighbour ? SPOT "/other" : SPOT "/old"), 0, 0, 0);
}

static long do_chroot(void *arg)
{
	const struct job *job = arg;

	return CALL(SYS_chroot, 61, TEXT(job->neighbour ? TOP : TOP "/treeless"), 0, 0, 0, 0);
}

static const struct {
	const char *name;
	const char *rule;
	long (*attempt)(void *arg);
	bool alone; /* no neighbour */
	bool repeats;
} attempts[] = {
	{ "mount", "no mount", do_mount },
	{ "umount", "no umount", do_umount },
	{ "fsconfig", "no fsconfig", do_fsconfig, true },
	{ "fsmount", "no fsmount", do_fsmount },
	{ "move_mount", "no move_mount", do_move_mount },
	{ "open_tree", "no open_tree", do_open_tree },
	{ "mount_setattr", "no mount_setattr", do_setattr },
	{ "pivot_root", "no pivot_root", do_pivot },
	{ "chroot", "no chroot", do_chroot },
};

void pk_deny_group_mounts(void)
{
	const struct pk_sys_way *way;
	unsigned int i;

	for (way = pk_sys_ways; way->name; way++) {
		if (way->compat && !pk_has_int80())
			continue;
		for (i = 0; i < PK_ARRAY_SIZE(attempts); i++) {
			struct job job = { .way = way };
			struct pk_deny_case c = { .rule = attempts[i].rule,
						  .attempt = attempts[i].attempt,
						  .arg = &job,
						  .repeats = attempts[i].repeats };

			pk_format(c.name, sizeof(c.name), "%s: %s", attempts[i].name, way->name);
			pk_deny_run(&c);
			if (attempts[i].alone)
				continue;
			job.neighbour = true;
			c.rule = NULL;
			pk_format(c.name, sizeof(c.name), "%s neighbour: %s", attempts[i].name,
				  way->name);
			pk_deny_run(&c);
		}
	}
}
