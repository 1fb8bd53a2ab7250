// SPDX-License-Identifier: Apache-2.0
/* On an overlay: files of the lower layer read, changed (copied up), renamed and removed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops.h"

static const char *old(const char *name)
{
	static char path[PK_PATH_BYTES];

	pk_format(path, sizeof(path), "%s/%s", pk_place.lower, name);
	return path;
}

static void need(long result, const char *what)
{
	if (result < 0)
		pk_log_die("cannot %s on the overlay: %s", what, strerror(errno));
}

static void change_files(void)
{
	close(pk_open_file(old("read"), O_RDONLY, "overlay: read below"));
	close(pk_open_file(old("written"), O_WRONLY, "overlay: copied up"));
	close(pk_open_file(old("written"), O_RDWR, "overlay: above now"));

	need(chmod(old("mode"), 0600), "chmod");
	pk_log_begin("chmod", "overlay: copied up");
	pk_log_path("path", pk_at(old("mode")));
	pk_log_int("mode", 0600);
	pk_log_end();

	need(chown(old("owner"), 11, 12), "chown");
	pk_log_begin("chown", "overlay: copied up");
	pk_log_path("path", pk_at(old("owner")));
	pk_log_int("old_uid", 0);
	pk_log_int("old_gid", 0);
	pk_log_int("new_uid", 11);
	pk_log_int("new_gid", 12);
	pk_log_end();

	need(truncate(old("size"), 5), "truncate");
	pk_log_begin("truncate", "overlay: copied up");
	pk_log_path("path", pk_at(old("size")));
	pk_log_int("size", 5);
	pk_log_end();
}

static void change_names(void)
{
	char *no_flags[] = { NULL };
	char renamed[256], linked[256];

	pk_remove_file(old("unlinked"));
	/* over the whiteout */
	pk_make_file(old("unlinked"), 0644);

	pk_format(renamed, sizeof(renamed), "%s.new", old("renamed"));
	need(rename(old("renamed"), renamed), "rename");
	pk_log_begin("rename", "overlay: copied up");
	pk_log_path("path", pk_at(old("renamed")));
	pk_log_path("new_path", pk_at(renamed));
	pk_log_strs("flags", no_flags);
	pk_log_end();

	pk_format(linked, sizeof(linked), "%s.new", old("linked"));
	need(link(old("linked"), linked), "link");
	pk_log_begin("link", "overlay: copied up");
	pk_log_path("path", pk_at(old("linked")));
	pk_log_path("new_path", pk_at(linked));
	pk_log_end();

	pk_remove_dir(old("dir"));
	pk_make_dir(old("dir"), 0755);
}

/* A program of the lower layer. */
static void run_program(void)
{
	char program[PK_PATH_BYTES], cwd[PK_PATH_BYTES];
	char *args[] = { "ops", "--child", "42", NULL };
	int pid = pk_fork("to exec");

	strcpy(program, pk_at(old("program")));
	if (!pid) {
		execve(program, args, NULL);
		_exit(PK_EXIT_FAILED);
	}
	pk_log_begin("exec", "overlay: a program below");
	pk_log_pid(pid);
	pk_log_path("path", program);
	pk_log_str("filename", program);
	pk_log_strs("args", args);
	pk_log_path("cwd", getcwd(cwd, sizeof(cwd)) ? cwd : "");
	pk_log_end();
	if (WEXITSTATUS(pk_wait(pid)) != PK_EXIT_CHILD)
		pk_log_die("cannot execute on the overlay");
}

void pk_group_lower(void)
{
	if (!pk_place.lower)
		return;
	change_files();
	change_names();
	run_program();
}
