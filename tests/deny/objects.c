// SPDX-License-Identifier: Apache-2.0
/* The objects below /deny: what rules.yaml names, their neighbours, and programs to execute. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempt.h"

static const char *const dirs[] = {
	"/open",     "/creat",     "/write",          "/unlink",  "/rmdir",       "/mkdir",
	"/mknod",    "/symlink",   "/link",           "/rename",  "/rename/into", "/replace",
	"/chmod",    "/chown",     "/truncate",       "/connect", "/bind",        "/listen",
	"/accept",   "/send",      "/exec",           "/tree",    "/tree/a",      "/tree/a/b",
	"/treeless", "/vault",     "/vault/a",        "/vaults",  "/facts",       "/bin",
	"/drop",     "/dropped",   "/elsewhere",      "/forms",   "/forms/bind",  "/mnt",
	"/root",     "/root/deny", "/root/deny/open", "/swap",    "/rmdir/dir",   "/setid",
};

/* Their content must survive. Most can be read by nobody while rules are in force. */
static const char *const files[] = {
	"/open/file",  "/write/file", "/vault/a/file",  "/unlink/file", "/rename/file",
	"/chmod/file", "/chown/file", "/truncate/file", "/link/file",   "/replace/file",
	"/facts/name", "/facts/exe",  "/facts/parent",  "/facts/elder", "/facts/words",
	"/facts/user", "/swap/file",
};

static const char *const neighbours[] = {
	"/open/file.other",     "/elsewhere/file", "/vaults/file",
	"/root/deny/open/file", "/tree/a/b/file",
};

static const char *const programs[] = {
	"/exec/prog",     "/exec/prog.other", "/elsewhere/prog", "/bin/pk-badname", "/bin/evil",
	"/bin/pk-parent", "/bin/pk-elder",    "/bin/pk-badexec", "/bin/good",       "/drop/prog",
};

static const char *at(const char *name)
{
	static char paths[4][PK_PATH_BYTES];
	static unsigned int next;
	char *path = paths[next++ % 4];

	pk_format(path, PK_PATH_BYTES, "%s%s", PK_DENY_TOP, name);
	return path;
}

static bool write_file(const char *path)
{
	static const char content[] = PK_DENY_CONTENT;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool written;

	if (fd < 0)
		return false;
	written = write(fd, content, sizeof(content) - 1) == sizeof(content) - 1;
	close(fd);
	return written;
}

static void remove_any(const char *path)
{
	if (unlinkat(AT_FDCWD, path, 0) && errno != ENOENT)
		unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

static bool is_so(const struct stat *st, enum pk_deny_object what)
{
	if (what == PK_DENY_NOTHING)
		return !st->st_mode;
	if (what == PK_DENY_DIR)
		return S_ISDIR(st->st_mode);
	return S_ISREG(st->st_mode) && st->st_size == sizeof(PK_DENY_CONTENT) - 1 &&
	       (st->st_mode & 07777) == 0644 && !st->st_uid && !st->st_gid;
}

static bool make(const char *path, enum pk_deny_object what, const struct stat *st)
{
	if (st->st_mode &&
	    (what == PK_DENY_NOTHING || (what == PK_DENY_DIR) != S_ISDIR(st->st_mode)))
		remove_any(path);
	if (what == PK_DENY_DIR)
		return S_ISDIR(st->st_mode) || !mkdir(path, 0755);
	if (what == PK_DENY_NOTHING)
		return true;
	if ((!S_ISREG(st->st_mode) || st->st_size != sizeof(PK_DENY_CONTENT) - 1) &&
	    !write_file(path))
		return false;
	return !chown(path, 0, 0) && !chmod(path, 0644);
}

void pk_deny_make(const char *path, enum pk_deny_object what)
{
	struct stat st = pk_stat(path);
	int pid, status;

	if (what == PK_DENY_KEEP || is_so(&st, what))
		return;
	/* where a rule was got past, mending it may be what the rule kills for */
	pid = fork();
	if (!pid)
		_exit(!make(path, what, &st));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		fprintf(stderr, "attempt: cannot make '%s' as it was\n", path);
}

void pk_deny_copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	if (in < 0 || out < 0)
		pk_log_die("cannot copy '%s' to '%s': %s", from, to, strerror(errno));
	while (sendfile(out, in, NULL, 1 << 20) > 0)
		;
	close(in);
	close(out);
}

static void make_script(const char *path, const char *interpreter)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);

	if (fd < 0)
		pk_log_die("cannot create '%s': %s", path, strerror(errno));
	dprintf(fd, "#!%s --image-exit\n", interpreter);
	close(fd);
}

static void link_or_die(const char *target, const char *path)
{
	if (symlink(target, path))
		pk_log_die("cannot make the link '%s': %s", path, strerror(errno));
}

void pk_deny_form_links(const char *dir, const char *name)
{
	char real[PK_PATH_BYTES], path[PK_PATH_BYTES];

	pk_format(real, sizeof(real), "%s/%s", dir, name);
	pk_format(path, sizeof(path), "%s/forms/link%s", PK_DENY_TOP, strrchr(dir, '/') + 1);
	link_or_die(real, path);
	pk_format(real, sizeof(real), "link%s", strrchr(dir, '/') + 1);
	pk_format(path, sizeof(path), "%s/forms/links%s", PK_DENY_TOP, strrchr(dir, '/') + 1);
	link_or_die(real, path);
}

static void make_forms(void)
{
	static const char *const linked[] = { "/open", "/write", "/chmod", "/chown", "/truncate" };
	size_t i;

	link_or_die("..", at("/forms/up"));
	link_or_die(PK_DENY_TOP, at("/forms/top"));
	for (i = 0; i < PK_ARRAY_SIZE(linked); i++)
		pk_deny_form_links(at(linked[i]), "file");
	pk_deny_form_links(at("/vault/a"), "file");
	pk_deny_form_links(at("/tree/a/b"), "file");
	pk_deny_form_links(at("/exec"), "prog");
	if (mount(PK_DENY_TOP, at("/forms/bind"), NULL, MS_BIND, NULL))
		pk_log_die("cannot bind a mount: %s", strerror(errno));
}

void pk_deny_setup(void)
{
	size_t i;

	if (mkdir(PK_DENY_TOP, 0755))
		pk_log_die("cannot make '%s', which must not be there yet: %s", PK_DENY_TOP,
			   strerror(errno));
	for (i = 0; i < PK_ARRAY_SIZE(dirs); i++)
		if (mkdir(at(dirs[i]), 0755))
			pk_log_die("cannot make '%s': %s", at(dirs[i]), strerror(errno));
	for (i = 0; i < PK_ARRAY_SIZE(files); i++)
		if (!write_file(at(files[i])))
			pk_log_die("cannot write '%s': %s", at(files[i]), strerror(errno));
	for (i = 0; i < PK_ARRAY_SIZE(neighbours); i++)
		if (!write_file(at(neighbours[i])))
			pk_log_die("cannot write '%s': %s", at(neighbours[i]), strerror(errno));
	for (i = 0; i < PK_ARRAY_SIZE(programs); i++)
		pk_deny_copy("/proc/self/exe", at(programs[i]));
	pk_deny_copy("/bin/true", at("/exec/dynamic"));
	make_script(at("/exec/script"), at("/exec/prog"));
	make_script(at("/exec/banned"), at("/exec/prog.other"));
	make_script(at("/elsewhere/script"), at("/exec/prog.other"));
	pk_deny_setup_setid();
	/* to be taken out; where there is none, the attempt says so */
	(void)!system("/sbin/modprobe -q dummy");
	make_forms();
}

int pk_deny_verify(void)
{
	static const char content[] = PK_DENY_CONTENT;
	char found[64];
	int bad = 0, fd;
	ssize_t len;
	size_t i;

	for (i = 0; i < PK_ARRAY_SIZE(files); i++) {
		fd = open(at(files[i]), O_RDONLY | O_CLOEXEC);
		len = fd < 0 ? -1 : read(fd, found, sizeof(found));
		if (len != sizeof(content) - 1 || memcmp(found, content, len) != 0) {
			printf("FAIL verify: %s is not as it was\n", at(files[i]));
			bad++;
		}
		if (fd >= 0)
			close(fd);
	}
	printf("%zu verified, %d changed\n", PK_ARRAY_SIZE(files), bad);
	return bad;
}
