// SPDX-License-Identifier: Apache-2.0
/*
 * picket: finds the subcommand.
 */
#include <argp.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

static const struct command commands[] = {
	{ "run", pk_cmd_run, "watch this machine, or one command: events as they happen" },
	{ "check", pk_cmd_check, "look for mistakes in rules" },
	{ "explain", pk_cmd_explain,
	  "where rules are judged, what stands in the kernel, what it costs" },
	{ "test", pk_cmd_test, "run rule tests: events, and which rules are to match" },
	{ "replay", pk_cmd_replay, "print the events of a recording again, or judge it by rules" },
	{ "import", pk_cmd_import, "rules out of what other programs have: policies of Tetragon" },
	{ "doctor", pk_cmd_doctor, "what this kernel allows, and what to change for more" },
	{ "oci-hook", pk_cmd_oci_hook,
	  "for container runtimes: rules hold from a container's start" },
};

static void print_help(FILE *to)
{
	fprintf(to, "Usage: picket COMMAND [OPTION]...\n"
		    "Watches what runs on a Linux host, from inside the kernel.\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].help);
	fprintf(to, "\n'picket COMMAND --help' says more of one command, 'man picket' of all.\n"
		    "Exit status: 0 done, 1 what was asked failed, 2 usage, 3 the kernel or the\n"
		    "privileges do not allow it.\n");
}

/*
 * A standard stream that the caller closed must not become the next file that is opened, a
 * recording that events are then printed into. What stands in for it cannot be read from (0)
 * or written to (1, 2), so that using it is the error that it was.
 */
static void occupy_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(PK_EXIT_FAILED);
}

int main(int argc, char **argv)
{
	occupy_streams();
	argp_program_version = "picket " PK_VERSION;
	argp_err_exit_status = PK_EXIT_USAGE;
	if (argc < 2) {
		print_help(stderr);
		return PK_EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return fflush(stdout) ? PK_EXIT_FAILED : PK_EXIT_OK;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("%s\n", argp_program_version);
		return fflush(stdout) ? PK_EXIT_FAILED : PK_EXIT_OK;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "picket: unknown command '%s'; 'picket --help' lists them\n", argv[1]);
	return PK_EXIT_USAGE;
}
