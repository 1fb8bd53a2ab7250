// SPDX-License-Identifier: Apache-2.0
/*
 * Operations that fail: no event may come of them. First as root, where the file system says
 * no, then as a user that the permissions keep out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops.h"

static void expect_failure(const char *variant, const char *path, long result)
{
	pk_log_failed(variant, path[0] == '/' ? path : pk_at(path), result < 0 ? (int)-result : 0);
	if (result >= 0)
		pk_log_die("'%s' of '%s' was meant to fail", variant, path);
}

static void fail_names(void)
{
	const char *none = pk_at("none"), *file = pk_at("file"), *full = pk_at("full");
	const char *other = pk_at("other");

	expect_failure("unlink ENOENT", none, PK_SYS(SYS_unlinkat, AT_FDCWD, none, 0));
	expect_failure("unlink EISDIR", full, PK_SYS(SYS_unlinkat, AT_FDCWD, full, 0));
	expect_failure("unlink ENOTDIR", "file/x", PK_SYS(SYS_unlinkat, AT_FDCWD, "file/x", 0));
	expect_failure("rmdir ENOENT", none, PK_SYS(SYS_unlinkat, AT_FDCWD, none, AT_REMOVEDIR));
	expect_failure("rmdir ENOTDIR", file, PK_SYS(SYS_unlinkat, AT_FDCWD, file, AT_REMOVEDIR));
	expect_failure("rmdir ENOTEMPTY", full, PK_SYS(SYS_unlinkat, AT_FDCWD, full, AT_REMOVEDIR));
	expect_failure("mkdir EEXIST", full, PK_SYS(SYS_mkdirat, AT_FDCWD, full, 0755));
	expect_failure("mkdir ENOENT", none, PK_SYS(SYS_mkdirat, AT_FDCWD, "none/dir", 0755));
	expect_failure("mknod EEXIST", file,
		       PK_SYS(SYS_mknodat, AT_FDCWD, file, S_IFIFO | 0600, 0));
	expect_failure("rename ENOENT", none,
		       PK_SYS(SYS_renameat2, AT_FDCWD, none, AT_FDCWD, other, 0));
	expect_failure("rename EEXIST", file,
		       PK_SYS(SYS_renameat2, AT_FDCWD, file, AT_FDCWD, "file2", 1));
	expect_failure("rename ENOTEMPTY", "empty",
		       PK_SYS(SYS_renameat2, AT_FDCWD, "empty", AT_FDCWD, "full", 0));
	expect_failure("rename EISDIR", file,
		       PK_SYS(SYS_renameat2, AT_FDCWD, file, AT_FDCWD, "empty", 0));
	expect_failure("rename EINVAL", full,
		       PK_SYS(SYS_renameat2, AT_FDCWD, "full", AT_FDCWD, "full/sub", 0));
	expect_failure("link ENOENT", none, PK_SYS(SYS_linkat, AT_FDCWD, none, AT_FDCWD, other, 0));
	expect_failure("link EEXIST", file,
		       PK_SYS(SYS_linkat, AT_FDCWD, file, AT_FDCWD, "file2", 0));
	expect_failure("link EPERM", full, PK_SYS(SYS_linkat, AT_FDCWD, full, AT_FDCWD, other, 0));
	expect_failure("symlink EEXIST", file, PK_SYS(SYS_symlinkat, "x", AT_FDCWD, file));
}

/* A file renamed to another name of its own: the kernel does nothing and says it is done. */
static void rename_to_itself(void)
{
	struct stat st = pk_stat("file");

	if (link("file", "same"))
		pk_log_die("cannot link 'file': %s", strerror(errno));
	pk_log_begin("link", "prepare");
	pk_log_path("path", pk_at("file"));
	pk_log_path("new_path", pk_at("same"));
	pk_log_stat(&st);
	pk_log_end();
	if (!rename("file", "same"))
		pk_log_failed("rename to another link of the same file", pk_at("file"), EEXIST);
}

static void fail_opens(void)
{
	const char *none = pk_at("none"), *file = pk_at("file"), *full = pk_at("full");

	expect_failure("open ENOENT", none, PK_SYS(SYS_openat, AT_FDCWD, none, O_RDONLY));
	expect_failure("open EEXIST", file,
		       PK_SYS(SYS_openat, AT_FDCWD, file, O_RDWR | O_CREAT | O_EXCL, 0644));
	expect_failure("open EISDIR", full, PK_SYS(SYS_openat, AT_FDCWD, full, O_RDWR));
	expect_failure("open ENOTDIR", file,
		       PK_SYS(SYS_openat, AT_FDCWD, file, O_RDONLY | O_DIRECTORY));
	expect_failure("open ELOOP", "link",
		       PK_SYS(SYS_openat, AT_FDCWD, "link", O_RDONLY | O_NOFOLLOW));
	expect_failure("open ENXIO", "fifo",
		       PK_SYS(SYS_openat, AT_FDCWD, "fifo", O_WRONLY | O_NONBLOCK));
	expect_failure("open ENXIO of a device", "device",
		       PK_SYS(SYS_openat, AT_FDCWD, "device", O_RDONLY));
	expect_failure("truncate ENOENT", none, PK_SYS(SYS_truncate, none, 0l));
	expect_failure("truncate EISDIR", full, PK_SYS(SYS_truncate, full, 0l));
	expect_failure("truncate EINVAL", file, PK_SYS(SYS_truncate, file, -1l));
	expect_failure("chmod ENOENT", none, PK_SYS(SYS_fchmodat, AT_FDCWD, none, 0644));
	expect_failure("chown ENOENT", none, PK_SYS(SYS_fchownat, AT_FDCWD, none, 1, 1, 0));
	expect_failure("fchmod EBADF", "-1", PK_SYS(SYS_fchmod, -1, 0644));
	expect_failure("ftruncate EBADF", "-1", PK_SYS(SYS_ftruncate, -1, 0l));
	expect_failure("open EFAULT", "1", PK_SYS(SYS_openat, AT_FDCWD, 1l, O_RDONLY));
}

/* Not every kernel refuses to open a running program for writing. */
static void running_program(void)
{
	char path[PK_PATH_BYTES] = "";
	long fd = PK_SYS(SYS_openat, AT_FDCWD, "/proc/self/exe", O_WRONLY);

	if (fd < 0) {
		pk_log_failed("open ETXTBSY", "/proc/self/exe", -fd);
		return;
	}
	(void)!readlink("/proc/self/exe", path, sizeof(path) - 1);
	pk_log_begin("open", "openat of the running program");
	pk_log_opened(fd, path, O_WRONLY, false);
	pk_log_end();
	close(fd);
}

static void fail_rings(void)
{
	struct io_uring_sqe sqe = { .opcode = IORING_OP_OPENAT,
				    .fd = AT_FDCWD,
				    .addr = (__u64) "none",
				    .open_flags = O_RDONLY };
	static const enum pk_how hows[] = { PK_HOW_RING, PK_HOW_RING_ASYNC, PK_HOW_RING_SQPOLL };
	size_t i;

	for (i = 0; i < PK_ARRAY_SIZE(hows); i++) {
		sqe.opcode = IORING_OP_OPENAT;
		expect_failure("io_uring OPENAT ENOENT", "none", pk_ring_run(hows[i], &sqe));
		sqe.opcode = IORING_OP_UNLINKAT;
		sqe.open_flags = 0;
		expect_failure("io_uring UNLINKAT ENOENT", "none", pk_ring_run(hows[i], &sqe));
	}
}

static void fail_execs(void)
{
	char *args[] = { "x", NULL }, *env[] = { NULL };

	expect_failure("execve ENOENT", "none", PK_SYS(SYS_execve, "./none", args, env));
	expect_failure("execve EACCES", "file", PK_SYS(SYS_execve, "./file", args, env));
	expect_failure("execve EACCES of a directory", "full",
		       PK_SYS(SYS_execve, "./full", args, env));
	expect_failure("execve ENOEXEC", "text", PK_SYS(SYS_execve, "./text", args, env));
	expect_failure("execveat ENOENT", "none",
		       PK_SYS(SYS_execveat, AT_FDCWD, "none", args, env, 0));
}

/* As a user that has no rights here. Ends the process. */
static void as_nobody(void)
{
	if (syscall(SYS_setgroups, 0, NULL) || syscall(SYS_setgid, PK_NOBODY) ||
	    syscall(SYS_setuid, PK_NOBODY))
		_exit(PK_EXIT_FAILED);
	expect_failure("open EACCES", "secret", PK_SYS(SYS_openat, AT_FDCWD, "secret", O_RDONLY));
	expect_failure("open EACCES to write", "file",
		       PK_SYS(SYS_openat, AT_FDCWD, "file", O_WRONLY));
	expect_failure("open EACCES to create", "mine",
		       PK_SYS(SYS_openat, AT_FDCWD, "mine", O_WRONLY | O_CREAT, 0644));
	expect_failure("unlink EACCES", "file", PK_SYS(SYS_unlinkat, AT_FDCWD, "file", 0));
	expect_failure("unlink EPERM, sticky", "sticky/file",
		       PK_SYS(SYS_unlinkat, AT_FDCWD, "sticky/file", 0));
	expect_failure("rmdir EACCES", "empty",
		       PK_SYS(SYS_unlinkat, AT_FDCWD, "empty", AT_REMOVEDIR));
	expect_failure("mkdir EACCES", "mine", PK_SYS(SYS_mkdirat, AT_FDCWD, "mine", 0755));
	expect_failure("mknod EACCES", "mine", PK_SYS(SYS_mknodat, AT_FDCWD, "mine", S_IFIFO, 0));
	expect_failure("mknod EPERM", "sticky/dev",
		       PK_SYS(SYS_mknodat, AT_FDCWD, "sticky/dev", S_IFCHR | 0600,
			      (int)makedev(1, 3)));
	expect_failure("symlink EACCES", "mine", PK_SYS(SYS_symlinkat, "x", AT_FDCWD, "mine"));
	expect_failure("link EACCES", "file",
		       PK_SYS(SYS_linkat, AT_FDCWD, "file", AT_FDCWD, "mine", 0));
	expect_failure("rename EACCES", "file",
		       PK_SYS(SYS_renameat2, AT_FDCWD, "file", AT_FDCWD, "mine", 0));
	expect_failure("rename EPERM, sticky", "sticky/file",
		       PK_SYS(SYS_renameat2, AT_FDCWD, "sticky/file", AT_FDCWD, "sticky/mine", 0));
	expect_failure("chmod EPERM", "file", PK_SYS(SYS_fchmodat, AT_FDCWD, "file", 0777));
	expect_failure("chown EPERM", "file",
		       PK_SYS(SYS_fchownat, AT_FDCWD, "file", PK_NOBODY, -1, 0));
	expect_failure("truncate EACCES", "file", PK_SYS(SYS_truncate, "file", 0l));
	expect_failure("execve EACCES", "secret", PK_SYS(SYS_execve, "./secret", NULL, NULL));
	expect_failure("open_by_handle_at EPERM", "-", PK_SYS(SYS_open_by_handle_at, -1, NULL, 0));
	/* and what this user may do is seen with this user's id */
	close(pk_open_file("file", O_RDONLY, "openat by another user"));
	pk_make_file("sticky/own", 0644);
	_exit(0);
}

/* Set-id bits that a write takes away: no chmod was asked for. */
static void implied_chmod(void)
{
	struct stat st;
	int pid;

	pk_make_file("sticky/setuid", 0666);
	if (chown("sticky/setuid", PK_NOBODY, PK_NOBODY) || chmod("sticky/setuid", 04755))
		pk_log_die("cannot make a set-id file: %s", strerror(errno));
	st = pk_stat("sticky/setuid");
	pk_log_begin("chown", "prepare");
	pk_log_path("path", pk_at("sticky/setuid"));
	pk_log_int("new_uid", PK_NOBODY);
	pk_log_int("new_gid", PK_NOBODY);
	pk_log_stat(&st);
	pk_log_end();
	pk_log_begin("chmod", "prepare");
	pk_log_path("path", pk_at("sticky/setuid"));
	pk_log_int("mode", 04755);
	pk_log_stat(&st);
	pk_log_end();
	pid = pk_fork("to write to a set-id file");
	if (!pid) {
		int fd;

		syscall(SYS_setgid, PK_NOBODY);
		syscall(SYS_setuid, PK_NOBODY);
		fd = pk_open_file("sticky/setuid", O_WRONLY, "to write to a set-id file");
		pk_log_failed("chmod implied by a write", pk_at("sticky/setuid"), EPERM);
		_exit(write(fd, "x", 1) != 1);
	}
	pk_wait(pid);
}

static void prepare(void)
{
	struct stat st;

	pk_make_file("file", 0644);
	pk_make_file("file2", 0644);
	pk_make_file("text", 0755);
	pk_make_file("secret", 0600);
	pk_make_dir("empty", 0755);
	pk_make_dir("full", 0755);
	pk_make_file("full/file", 0644);
	pk_make_dir("sticky", 0755);
	if (chmod("sticky", 01777))
		pk_log_die("cannot change a mode: %s", strerror(errno));
	st = pk_stat("sticky");
	pk_log_begin("chmod", "prepare");
	pk_log_path("path", pk_at("sticky"));
	pk_log_int("mode", 01777);
	pk_log_stat(&st);
	pk_log_end();
	pk_make_file("sticky/file", 0644);
	pk_make_symlink("file", "link");
	if (mknod("fifo", S_IFIFO | 0600, 0) || mknod("device", S_IFCHR | 0600, makedev(250, 99)))
		pk_log_die("cannot make special files: %s", strerror(errno));
	st = pk_stat("fifo");
	pk_log_begin("mknod", "prepare");
	pk_log_path("path", pk_at("fifo"));
	pk_log_int("mode", 0600);
	pk_log_stat(&st);
	pk_log_end();
	st = pk_stat("device");
	pk_log_begin("mknod", "prepare");
	pk_log_path("path", pk_at("device"));
	pk_log_int("mode", 0600);
	pk_log_stat(&st);
	pk_log_end();
}

void pk_group_deny(void)
{
	int pid;

	pk_group_enter("deny");
	prepare();
	fail_names();
	fail_opens();
	running_program();
	fail_rings();
	fail_execs();
	rename_to_itself();
	pid = pk_fork("to be another user");
	if (!pid)
		as_nobody();
	if (WEXITSTATUS(pk_wait(pid)) == PK_EXIT_FAILED)
		pk_log_skipped("deny: another user", EPERM);
	implied_chmod();
	pk_group_leave();
}
