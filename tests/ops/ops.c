// SPDX-License-Identifier: Apache-2.0
/*
 * Does every operation that Picket reports, by every system call and io_uring operation that does
 * it, and writes down what it did. compare.py holds that log against Picket's stream: nothing may
 * be missing, nothing invented.
 *
 *	ops --log FILE [--dir DIR] [--only GROUP]... [--in host|mntns|chroot|overlay]
 *	ops --storm exec N
 *	ops --storm open N PATH
 *
 * Static and free of libraries: it runs in any root file system, and executes nothing but
 * itself. It touches the loopback and a directory of its own below DIR (/tmp), and leaves
 * nothing behind. As root it does all; what a kernel or lesser rights do not allow is logged as
 * skipped.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#include "ops.h"

static const struct {
	const char *name;
	void (*run)(void);
	bool selected;
} all_groups[] = {
	{ "process", pk_group_process }, { "exec", pk_group_exec },
	{ "open", pk_group_open },       { "names", pk_group_names },
	{ "attrs", pk_group_attrs },     { "deep", pk_group_deep },
	{ "connect", pk_group_connect }, { "listen", pk_group_listen },
	{ "send", pk_group_send },       { "deny", pk_group_deny },
	{ "quiet", pk_group_quiet },     { "lower", pk_group_lower },
	{ "mounts", pk_group_mounts },   { "privileges", pk_group_privileges },
	{ "kernel", pk_group_kernel },
};

static const struct {
	const char *name;
	void (*run)(const char *dir, pk_groups_fn groups);
} grounds[] = {
	{ "host", pk_place_host },
	{ "mntns", pk_place_mntns },
	{ "chroot", pk_place_chroot },
	{ "overlay", pk_place_overlay },
};

static unsigned int selected; /* bits by index of all_groups; 0: all */

static void run_groups(void)
{
	size_t i;

	for (i = 0; i < PK_ARRAY_SIZE(all_groups); i++) {
		if (!selected || selected & 1u << i)
			all_groups[i].run();
	}
}

__attribute__((noreturn)) static void usage(void)
{
	fputs("usage: ops --log FILE [--dir DIR] [--only GROUP]... [--in host|mntns|chroot|overlay]\n"
	      "       ops --storm exec N\n"
	      "       ops --storm open N PATH\n",
	      stderr);
	exit(2);
}

static void select_group(const char *name)
{
	size_t i;

	for (i = 0; i < PK_ARRAY_SIZE(all_groups); i++) {
		if (!strcmp(name, all_groups[i].name)) {
			selected |= 1u << i;
			return;
		}
	}
	fprintf(stderr, "ops: no group '%s'\n", name);
	usage();
}

/* The exec that began this program is the first thing compare.py looks for. */
static void log_start(char *argv[], const char *cwd)
{
	char exe[PK_PATH_BYTES] = "";
	const char *filename = (const char *)getauxval(AT_EXECFN);

	(void)!readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	pk_log_begin("exec", "the program itself");
	pk_log_bool("start", true);
	pk_log_str("path", exe);
	pk_log_str("filename", filename ? filename : "");
	pk_log_strs("args", argv);
	pk_log_str("cwd", cwd);
	pk_log_end();
}

static int storm(int argc, char *argv[])
{
	char *end;
	unsigned long cnt;

	if (argc < 4)
		usage();
	cnt = strtoul(argv[3], &end, 10);
	if (*end || !cnt)
		usage();
	if (!strcmp(argv[2], "exec") && argc == 4)
		return pk_storm_exec(cnt);
	if (!strcmp(argv[2], "open") && argc == 5)
		return pk_storm_open(cnt, argv[4]);
	usage();
}

/* As an image that a test executes, or as its script's interpreter: say so by the exit status. */
static void be_child(int argc, char *argv[])
{
	if (argc >= 3 && !strcmp(argv[1], "--child"))
		_exit(atoi(argv[2]));
	if (argc >= 3 && !strcmp(argv[1], "--script"))
		_exit(PK_EXIT_CHILD);
}

int main(int argc, char *argv[])
{
	static const struct option options[] = {
		{ "log", required_argument, NULL, 'l' },
		{ "dir", required_argument, NULL, 'd' },
		{ "only", required_argument, NULL, 'o' },
		{ "in", required_argument, NULL, 'i' },
		{ NULL, 0, NULL, 0 },
	};
	const char *log = NULL, *dir = "/tmp", *ground = "host";
	char cwd[PK_PATH_BYTES] = "";
	size_t i;
	int option;

	be_child(argc, argv);
	if (argc > 1 && !strcmp(argv[1], "--storm"))
		return storm(argc, argv);
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		if (option == 'l')
			log = optarg;
		else if (option == 'd')
			dir = optarg;
		else if (option == 'o')
			select_group(optarg);
		else if (option == 'i')
			ground = optarg;
		else
			usage();
	}
	if (!log || optind != argc)
		usage();
	umask(022);
	signal(SIGPIPE, SIG_IGN);
	(void)!getcwd(cwd, sizeof(cwd));
	for (i = 0; i < PK_ARRAY_SIZE(grounds); i++) {
		if (strcmp(ground, grounds[i].name))
			continue;
		pk_log_open(log);
		log_start(argv, cwd);
		grounds[i].run(dir, run_groups);
		pk_exit_logged(0);
	}
	usage();
}
