// SPDX-License-Identifier: Apache-2.0
/*
 * Programs that give their caller another user, group or capabilities. Rules ask what the new image has;
 * before it is there, that is not known, so such an exec is killed and not refused.
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "attempt.h"

#define DIR PK_DENY_TOP "/setid"
#define MARKER PK_DENY_TOP "/elsewhere/marker"

static void need(bool done, const char *what)
{
	if (!done)
		pk_deny_unable(what, errno);
}

void pk_deny_setup_setid(void)
{
	struct vfs_cap_data caps = { .magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE,
				     .data[0].permitted = 1u << CAP_NET_RAW };

	pk_deny_copy("/proc/self/exe", DIR "/root");
	pk_deny_copy("/proc/self/exe", DIR "/group");
	pk_deny_copy("/proc/self/exe", DIR "/caps");
	pk_deny_copy("/proc/self/exe", DIR "/plain");
	pk_deny_copy("/proc/self/exe", DIR "/only");
	if (chmod(DIR "/root", 04755) || chmod(DIR "/only", 04755) || chmod(DIR "/group", 02755) ||
	    setxattr(DIR "/caps", "security.capability", &caps, sizeof(caps), 0))
		pk_log_die("cannot make set-id programs: %s", strerror(errno));
}

static void be_nobody(void)
{
	need(!setgroups(0, NULL), "setgroups");
	need(!setresgid(PK_NOBODY, PK_NOBODY, PK_NOBODY), "setresgid");
	need(!setresuid(PK_NOBODY, PK_NOBODY, PK_NOBODY), "setresuid");
}

/* As root it leaves a mark; nobody else can. */
static long execute(const char *path)
{
	char *mark[] = { "x", "--image-marker", MARKER, NULL };
	char *end[] = { "x", "--image-exit", NULL };
	char *env[] = { NULL };

	return PK_SYS(SYS_execve, path, strcmp(path, DIR "/root") != 0 || !geteuid() ? end : mark,
		      env);
}

static long as_root(void *arg)
{
	return execute(arg);
}

static long as_nobody(void *arg)
{
	be_nobody();
	return execute(arg);
}

static long without_new_rights(void *arg)
{
	char *args[] = { "x", "--image-exit", NULL };
	char *env[] = { NULL };

	need(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	be_nobody();
	return PK_SYS(SYS_execve, arg, args, env);
}

static long on_nosuid(void *arg)
{
	char *args[] = { "x", "--image-exit", NULL };
	char *env[] = { NULL };

	need(!unshare(CLONE_NEWNS), "mount namespace");
	need(!mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
	need(!mount(DIR, DIR, NULL, MS_BIND, NULL), "bind mount");
	need(!mount("none", DIR, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID, NULL), "nosuid");
	be_nobody();
	return PK_SYS(SYS_execve, arg, args, env);
}

static void single(const char *name, const char *rule, bool late, long (*run)(void *arg),
		   const char *path)
{
	struct pk_deny_case c = {
		.rule = rule, .always_kills = late, .attempt = run, .arg = (void *)path
	};

	if (late && !strcmp(path, DIR "/root")) {
		pk_deny_make(MARKER, PK_DENY_NOTHING);
		c.watched[0] = MARKER;
		c.changes = true;
	}
	pk_format(c.name, sizeof(c.name), "%s", name);
	pk_deny_run(&c);
	if (c.changes)
		pk_deny_make(MARKER, PK_DENY_NOTHING);
}

void pk_deny_group_setid(void)
{
	static const char root[] = "no exec as root", group[] = "no exec as the group";
	static const char caps[] = "no exec with a capability", only[] = "no exec but as root";

	single("exec: execve, set-user-id, by another user", root, true, as_nobody, DIR "/root");
	single("exec: execve, as root", root, false, as_root, DIR "/plain");
	single("exec neighbour: execve, as another user", NULL, false, as_nobody, DIR "/plain");
	single("exec neighbour: execve, set-user-id, without new rights", NULL, false,
	       without_new_rights, DIR "/root");
	single("exec neighbour: execve, set-user-id, on a nosuid mount", NULL, false, on_nosuid,
	       DIR "/root");
	single("exec neighbour: execve, set-user-id, of what is for root only", NULL, false,
	       as_nobody, DIR "/only");
	single("exec: execve, set-user-id, of what is for root only, without new rights", only,
	       true, without_new_rights, DIR "/only");
	single("exec: execve, set-group-id, by another user", group, true, as_nobody, DIR "/group");
	single("exec neighbour: execve, set-group-id, without new rights", NULL, false,
	       without_new_rights, DIR "/group");
	single("exec: execve, with capabilities of the file", caps, true, as_nobody, DIR "/caps");
	single("exec neighbour: execve, capabilities of the file, without new rights", NULL, false,
	       without_new_rights, DIR "/caps");
}
