// SPDX-License-Identifier: Apache-2.0
/*
 * Options until the first word that is none, which begins the command.
 */
#include "cli/run_options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/health.h"
#include "kernel/sensors.h"
#include "meta/hook_wire.h"

enum {
	OPT_RECORD = 0x100,
	OPT_BACKEND,
	OPT_RING,
	OPT_DEGRADE,
	OPT_I_KNOW,
	OPT_NO_CONTAINERS,
	OPT_HEALTH,
	OPT_HOOK_SOCKET,
};

static int parse_ring(const char *text, __u32 *ret_bytes)
{
	unsigned long mib;
	char *end;

	errno = 0;
	mib = strtoul(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-' || mib < 1 ||
	    mib > PK_RING_BYTES_MAX >> 20)
		return -EINVAL;
	*ret_bytes = mib << 20;
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct pk_run_options *given = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &given->output;
		state->child_inputs[1] = &given->k8s;
		state->child_inputs[2] = &given->enforce;
		return 0;
	case OPT_RECORD:
		given->record_path = arg;
		return 0;
	case 'r':
		if (given->rules_cnt == PK_MAX_RULES_FILES)
			argp_error(state, "-r: more than %u", PK_MAX_RULES_FILES);
		else
			given->rules_paths[given->rules_cnt++] = arg;
		return 0;
	case OPT_DEGRADE:
		if (strcmp(arg, "deny=kill"))
			argp_error(state, "--degrade '%s': it is deny=kill", arg);
		given->degrade_deny_to_kill = true;
		return 0;
	case OPT_I_KNOW:
		given->i_know = true;
		return 0;
	case OPT_NO_CONTAINERS:
		given->no_containers = true;
		return 0;
	case OPT_HEALTH:
		if (pk_health_check(arg) == -EINVAL)
			argp_error(state,
				   "--health '%s': it is ADDRESS:PORT, as in 127.0.0.1:8080 or "
				   "[::]:8080",
				   arg);
		given->health_listen = arg;
		return 0;
	case OPT_HOOK_SOCKET:
		given->hook_socket = arg;
		return 0;
	case OPT_RING:
		if (parse_ring(arg, &given->ring_bytes))
			argp_error(state, "--ring '%s': not a number of MiB from 1 to %u", arg,
				   PK_RING_BYTES_MAX >> 20);
		return 0;
	case OPT_BACKEND:
		if (!strcmp(arg, "auto"))
			given->backend = PK_BACKEND_NONE;
		else if (!strcmp(arg, "lsm"))
			given->backend = PK_BACKEND_LSM;
		else if (!strcmp(arg, "tracepoint"))
			given->backend = PK_BACKEND_TRACEPOINT;
		else
			argp_error(state, "--backend '%s': it is one of auto, lsm, tracepoint",
				   arg);
		return 0;
	case ARGP_KEY_ARG:
		/* the first word that is no option begins the command */
		given->command = &state->argv[state->next - 1];
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		if (given->enforce.cnt && !given->rules_cnt)
			argp_error(state, "--enforce: no rules are given; -r FILE_OR_DIR");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option options[] = {
	{ "rules", 'r', "FILE_OR_DIR", 0,
	  "judge by these rules, print alerts; may be given several times", 0 },
	{ "degrade", OPT_DEGRADE, "deny=kill", 0,
	  "where the kernel cannot deny, rules that deny kill instead", 0 },
	{ "i-know", OPT_I_KNOW, NULL, 0, "take rules that deny everything to everyone", 0 },
	{ "record", OPT_RECORD, "FILE", 0,
	  "write the raw records to FILE as well, for picket replay", 0 },
	{ "backend", OPT_BACKEND, "NAME", 0, "auto (default), lsm or tracepoint", 0 },
	{ "no-containers", OPT_NO_CONTAINERS, NULL, 0,
	  "do not find out which containers processes are in", 0 },
	{ "ring", OPT_RING, "MIB", 0, "size of the buffer between kernel and agent (default 4)",
	  0 },
	{ "health", OPT_HEALTH, "ADDRESS:PORT", 0, "answer GET /livez and /readyz there", 0 },
	{ "hook-socket", OPT_HOOK_SOCKET, "PATH", 0,
	  "where picket oci-hook tells of containers (default " PK_HOOK_SOCKET ")", 0 },
	{ 0 },
};

static const struct argp_child children[] = {
	{ &pk_output_argp, 0, NULL, 0 },
	{ &pk_run_k8s_argp, 0, NULL, 0 },
	{ &pk_enforce_argp, 0, NULL, 0 },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[-- COMMAND [ARG]...]",
	.doc = "Print what happens on this machine, as it happens, until Ctrl-C.\v"
	       "With a COMMAND, only what it and its descendants do, and exit with its status.",
	.children = children,
};

int pk_run_options_parse(int argc, char **argv, struct pk_run_options *ret_options)
{
	return -argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, ret_options);
}

__u64 pk_run_options_kinds(const struct pk_run_options *given)
{
	const struct pk_output_options *output = &given->output;

	if (!given->rules_cnt)
		return pk_output_options_kinds(output);
	return (output->events_given ? output->events & ~output->exclude : 0) |
	       (PK_KINDS_STREAM & ~output->exclude);
}
