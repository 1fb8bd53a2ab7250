// SPDX-License-Identifier: Apache-2.0
/*
 * picket oci-hook: run by container runtimes (createRuntime or prestart) before a container's program is executed. Tells
 * the agent what the container is, and ends when the agent has answered.
 *
 * A failing hook keeps the container from starting: so whatever goes wrong is said on stderr, and the status is 0 unless
 * --strict was given; and a clock ends it, whatever it waits for.
 */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/commands.h"
#include "meta/cgroup_fs.h"
#include "meta/container.h"
#include "meta/hook_client.h"
#include "meta/hook_wire.h"
#include "meta/oci_state.h"
#include "meta/pidfd.h"

#define LIMIT_MS 1800  /* of all together: what starts and ends a process comes on top */
#define ANSWER_MS 1500 /* the agent's share */

struct hook {
	const char *socket;
	bool strict;
	struct pk_oci_state state;
	struct pk_record record;
};

static volatile sig_atomic_t late_status; /* for the clock */

static void on_late(int signal)
{
	static const char text[] =
		"picket: oci-hook: the time is up; the container starts without its facts\n";

	(void)signal;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(late_status);
}

static void start_clock(const struct hook *hook)
{
	const struct sigaction action = { .sa_handler = on_late };
	const struct itimerval limit = { .it_value = { .tv_sec = LIMIT_MS / 1000,
						       .tv_usec = LIMIT_MS % 1000 * 1000 } };
	sigset_t alarm;

	late_status = hook->strict ? PK_EXIT_FAILED : PK_EXIT_OK;
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigaction(SIGALRM, &action, NULL);
	sigprocmask(SIG_UNBLOCK, &alarm, NULL);
	setitimer(ITIMER_REAL, &limit, NULL);
}

static int failed(const struct hook *hook)
{
	return hook->strict ? PK_EXIT_FAILED : PK_EXIT_OK;
}

/* All of stdin. -EFBIG, -ENOMEM, -errno of read(). */
static int read_state(struct pk_buf *text)
{
	ssize_t got;

	do {
		int err = pk_buf_reserve(text, 8192);

		if (err)
			return err;
		got = read(STDIN_FILENO, text->data + text->len_bytes, 8192);
		if (got > 0)
			text->len_bytes += (size_t)got;
		if (text->len_bytes > PK_MAX_OCI_STATE_BYTES)
			return -EFBIG;
	} while (got > 0 || (got < 0 && errno == EINTR));
	return got < 0 ? -errno : 0;
}

static int get_state(struct hook *hook)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	int err = read_state(&text);

	err = err ?: pk_oci_state_parse(text.data ?: "", text.len_bytes, &hook->state);
	if (err == -EBADMSG)
		pk_warning("oci-hook: standard input is not the state of a container with id, pid "
			   "and bundle: a runtime writes it there");
	else if (err)
		pk_warning("oci-hook: cannot read the container's state: %s", strerror(-err));
	return err;
}

/* As far as it is seen from here; the agent looks for itself. */
static uint64_t find_cgroup(uint32_t pid)
{
	pk_cleanup(pk_cgroup_fs_free_p) struct pk_cgroup_fs *fs = NULL;
	uint64_t cgroup_id = 0;

	if (pk_cgroup_fs_new(&fs) || pk_cgroup_fs_of_pid(fs, pid, &cgroup_id))
		return 0;
	return cgroup_id;
}

/* A bundle that cannot be read leaves the id, which is worth telling. */
static int get_facts(struct hook *hook)
{
	struct pk_draft draft;
	int err;

	pk_draft_init(&draft);
	err = pk_oci_state_facts("", &hook->state, &draft);
	if (err)
		pk_warning("oci-hook: cannot read '%s/config.json': only the id of container '%s' "
			   "is told",
			   hook->state.bundle, hook->state.id);
	if (err != -ENOMEM)
		pk_container_to_record(pk_draft_get(&draft), find_cgroup(hook->state.pid),
				       (struct pk_text){ "", 0 }, &hook->record);
	pk_draft_fini(&draft);
	return err == -ENOMEM ? err : 0;
}

static const char *reason_of(int err)
{
	switch (err) {
	case -ENOENT:
	case -ECONNREFUSED:
		return "no agent listens there";
	case -ETIMEDOUT:
		return "no answer in time";
	case -EPROTONOSUPPORT:
		return "the agent is of another version";
	case -EXDEV:
		return "it has no cgroup of its own";
	default:
		return strerror(-err);
	}
}

static int tell(struct hook *hook)
{
	pk_cleanup(pk_close_p) int pidfd = pk_pidfd_open(hook->state.pid);
	int err;

	if (pidfd < 0) {
		pk_warning("oci-hook: cannot open process %u of container '%s': %s",
			   hook->state.pid, hook->state.id, strerror(-pidfd));
		return pidfd;
	}
	err = pk_hook_client_tell(hook->socket, &hook->record, pidfd, ANSWER_MS);
	if (err)
		pk_warning("oci-hook: container '%s' starts without its facts: '%s': %s",
			   hook->state.id, hook->socket, reason_of(err));
	return err;
}

enum {
	OPT_SOCKET = 0x100,
	OPT_STRICT,
};

static const struct argp_option options[] = {
	{ "socket", OPT_SOCKET, "PATH", 0, "the agent's socket (default " PK_HOOK_SOCKET ")", 0 },
	{ "strict", OPT_STRICT, NULL, 0,
	  "exit with 1 if the agent does not know the container: it does not start then", 0 },
	{ 0 },
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct hook *hook = state->input;

	switch (key) {
	case OPT_SOCKET:
		hook->socket = arg;
		return 0;
	case OPT_STRICT:
		hook->strict = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s': it takes no arguments", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.doc = "A hook of OCI runtimes (createRuntime): tell the agent what the container is, before "
	       "it starts.\vThe container's state comes on standard input. docs/oci-hook.md says how "
	       "to install it.",
};

int pk_cmd_oci_hook(int argc, char **argv)
{
	static struct hook hook = { .socket = PK_HOOK_SOCKET };
	char name[] = "picket oci-hook";

	argv[0] = name;
	if (argp_parse(&argp, argc, argv, 0, NULL, &hook))
		return PK_EXIT_USAGE;
	start_clock(&hook);
	if (get_state(&hook) || get_facts(&hook) || tell(&hook))
		return failed(&hook);
	return PK_EXIT_OK;
}
