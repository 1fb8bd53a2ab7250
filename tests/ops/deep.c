// SPDX-License-Identifier: Apache-2.0
/*
 * Deep directories: more names and more bytes than a path that a system call takes. All by relative
 * names; what the absolute path is, only this program and the kernel know.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ops.h"

#define PATH_KEPT 8192u /* bytes of a path that are kept whole */

/* The directory where we are, as a path of any length. */
static char *here;
static size_t here_len;

static const char *below(const char *name)
{
	pk_format(here + here_len, PK_PATH_BYTES - here_len, "/%s", name);
	return here;
}

static void down(const char *name)
{
	struct stat st;

	if (mkdir(name, 0755))
		pk_log_die("cannot make a deep directory: %s", strerror(errno));
	st = pk_stat(name);
	pk_log_begin("mkdir", "deep");
	pk_log_path("path", below(name));
	pk_log_int("mode", st.st_mode & 07777);
	pk_log_stat(&st);
	pk_log_end();
	if (chdir(name))
		pk_log_die("cannot go down: %s", strerror(errno));
	here_len += 1 + strlen(name);
	here[here_len] = '\0';
}

static void up(void)
{
	char name[256];
	struct stat st;

	here[here_len] = '\0';
	pk_format(name, sizeof(name), "%s", strrchr(here, '/') + 1);
	here_len -= 1 + strlen(name);
	if (chdir(".."))
		pk_log_die("cannot go up: %s", strerror(errno));
	st = pk_stat(name);
	if (rmdir(name))
		pk_log_die("cannot remove a deep directory: %s", strerror(errno));
	pk_log_begin("rmdir", "deep");
	pk_log_path("path", below(name));
	pk_log_stat(&st);
	pk_log_end();
}

/* Makes, reads, renames and removes a file right here. */
static void touch(const char *name)
{
	char old_path[PK_PATH_BYTES];
	struct stat st;
	int fd;

	fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (fd < 0)
		pk_log_die("cannot create a deep file: %s", strerror(errno));
	pk_log_begin("open", "deep");
	pk_log_opened(fd, below(name), O_WRONLY | O_CREAT | O_EXCL, true);
	pk_log_end();
	close(fd);
	strcpy(old_path, below(name));
	st = pk_stat(name);
	if (rename(name, "r"))
		pk_log_die("cannot rename a deep file: %s", strerror(errno));
	pk_log_begin("rename", "deep");
	pk_log_path("path", old_path);
	pk_log_path("new_path", below("r"));
	pk_log_strs("flags", (char *[]){ NULL });
	pk_log_stat(&st);
	pk_log_end();
	if (unlink("r"))
		pk_log_die("cannot remove a deep file: %s", strerror(errno));
	pk_log_begin("unlink", "deep");
	pk_log_path("path", below("r"));
	pk_log_stat(&st);
	pk_log_end();
}

static void begin(void)
{
	strcpy(here, pk_place.dir);
	here_len = strlen(here);
}

/* Names of 200 bytes, until paths of exactly the length that is kept, and longer. */
static void long_paths(void)
{
	char name[256];
	unsigned int levels = 0;

	memset(name, 'd', 200);
	name[200] = '\0';
	begin();
	while (here_len + 201 < PATH_KEPT - 50) {
		down(name);
		if (++levels % 8 == 0)
			touch("file");
	}
	memset(name, 'f', 255);
	name[PATH_KEPT - here_len - 1] = '\0';
	touch(name);
	name[PATH_KEPT - here_len - 1] = 'f';
	name[PATH_KEPT - here_len] = '\0';
	touch(name);
	down(name);
	touch("beyond");
	for (levels += 1; levels; levels--)
		up();
}

/* More names than bytes in each. */
static void many_names(void)
{
	const unsigned int levels = 600;
	unsigned int i;

	begin();
	for (i = 0; i < levels; i++)
		down("d");
	touch("file");
	for (i = 0; i < levels; i++)
		up();
}

void pk_group_deep(void)
{
	here = malloc(PK_PATH_BYTES);
	pk_group_enter("deep");
	long_paths();
	many_names();
	pk_group_leave();
	free(here);
}
