/* SPDX-License-Identifier: Apache-2.0 */
/*
 * picket doctor, the command: asks the kernel, concludes which backend that allows and what to
 * change to get more, and has it printed. Changes nothing on the machine.
 */
#include "cli/doctor.h"

#include <argp.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"

#define OPTION_COLOR 256

/* The kernel's own errno for what it has not built in. */
#define KERNEL_ENOTSUPP 524

struct options {
	enum pk_format format;
	enum pk_color color;
};

const char *pk_doctor_backend_name(enum pk_backend backend)
{
	static const char *const names[] = {
		[PK_BACKEND_NONE] = "none",
		[PK_BACKEND_LSM] = "lsm",
		[PK_BACKEND_TRACEPOINT] = "tracepoint",
	};

	return (unsigned int)backend < PK_ARRAY_SIZE(names) ? names[backend] : "unknown";
}

const char *pk_doctor_lockdown_name(uint64_t lockdown)
{
	static const char *const names[] = {
		[PK_PROBE_LOCKDOWN_NONE] = "none",
		[PK_PROBE_LOCKDOWN_INTEGRITY] = "integrity",
		[PK_PROBE_LOCKDOWN_CONFIDENTIALITY] = "confidentiality",
	};

	return lockdown < PK_ARRAY_SIZE(names) ? names[lockdown] : "unknown";
}

const char *pk_doctor_error_name(int err)
{
	const char *name = err == KERNEL_ENOTSUPP ? "ENOTSUPP" : strerrorname_np(err);

	return name ? name : "unknown error";
}

const char *pk_doctor_error_text(int err)
{
	return err == KERNEL_ENOTSUPP ? "Not supported by this kernel" : strerror(err);
}

static void __attribute__((format(printf, 2, 3)))
add_advice(struct pk_doctor_advice *advice, const char *format, ...)
{
	va_list args;

	if (advice->cnt == PK_MAX_DOCTOR_ADVICE)
		return;
	va_start(args, format);
	vsnprintf(advice->lines[advice->cnt++], PK_DOCTOR_ADVICE_BYTES, format, args);
	va_end(args);
}

static bool feature_ok(const struct pk_probe *probe, enum pk_probe_feature feature)
{
	return probe->features[feature].state == PK_PROBE_OK;
}

/* Whether bpf() has what it asks of a process, as far as is known. */
static bool privileged(const struct pk_probe *probe)
{
	return pk_probe_has_cap(probe, CAP_BPF) && pk_probe_has_cap(probe, CAP_PERFMON) &&
	       (probe->user_ns_initial.err || probe->user_ns_initial.value);
}

static void advise_privileges(const struct pk_probe *probe, struct pk_doctor_advice *advice)
{
	const struct pk_probe_cap *cap;
	char names[256] = "";
	size_t len = 0;

	if (!probe->user_ns_initial.err && !probe->user_ns_initial.value)
		add_advice(advice, "start Picket outside of user namespaces (rootless containers "
				   "are in one): the kernel takes no capability of theirs for BPF");
	if (!probe->pid_ns_initial.err && !probe->pid_ns_initial.value)
		add_advice(advice,
			   "start Picket in the host's pid namespace (containers: --pid=host; "
			   "Kubernetes: hostPID: true)");
	if (!probe->caps_effective.err) {
		for (cap = pk_probe_caps; cap->name; cap++) {
			if (pk_probe_has_cap(probe, cap->number) || len >= sizeof(names))
				continue;
			if (!cap->needed && cap->number != CAP_NET_ADMIN)
				continue;
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s%s",
						len ? ", " : "", cap->name);
		}
	}
	if (len)
		add_advice(advice,
			   "run as root, or give Picket %s (systemd: AmbientCapabilities=, "
			   "containers: --cap-add)",
			   names);
}

/* bpf() as a whole is refused although the privileges are there. */
static void advise_refused(const struct pk_probe *probe, struct pk_doctor_advice *advice)
{
	if (!probe->seccomp.err && probe->seccomp.value == 2)
		add_advice(advice, "a seccomp filter is on this process: let it pass bpf() "
				   "(containers: --security-opt seccomp=PROFILE)");
	else
		add_advice(advice,
			   "bpf() is refused with %s although the privileges are there: "
			   "look at the kernel's configuration (CONFIG_BPF_SYSCALL) and "
			   "the policy of its security modules",
			   pk_doctor_error_name(probe->features[PK_PROBE_RINGBUF].err));
}

/* The errno with which LSM or fexit programs are refused at a stage; 0 if they are not. */
static int lsm_refusal(const struct pk_probe *probe, enum pk_probe_stage stage)
{
	const struct pk_probe_result *lsm = &probe->features[PK_PROBE_LSM];
	const struct pk_probe_result *fexit = &probe->features[PK_PROBE_FEXIT];

	if (lsm->stage == stage)
		return lsm->err;
	return fexit->stage == stage ? fexit->err : 0;
}

/* Assumes that the privileges are there and bpf() works. */
static void advise_lsm(const struct pk_probe *probe, struct pk_doctor_advice *advice)
{
	const struct pk_probe_result *lsm = &probe->features[PK_PROBE_LSM];
	const int load_err = lsm_refusal(probe, PK_PROBE_STAGE_LOAD);
	const int attach_err = lsm_refusal(probe, PK_PROBE_STAGE_ATTACH);

	if (lsm->state == PK_PROBE_REFUSED && lsm->stage == PK_PROBE_STAGE_RUN) {
		if (probe->lsms.err)
			add_advice(advice, "boot with \"bpf\" at the end of the kernel parameter "
					   "lsm= for the lsm backend");
		else
			add_advice(advice, "boot with lsm=%s,bpf for the lsm backend",
				   probe->lsms.list);
	}
	if (lsm->stage == PK_PROBE_STAGE_FIND && !probe->hooks_err)
		add_advice(advice, "use a kernel with CONFIG_BPF_LSM=y for the lsm backend");
	if (load_err)
		add_advice(advice,
			   "this kernel, or the hypervisor under it, refuses LSM or fexit "
			   "programs with %s although the privileges are there: only "
			   "another kernel or host gives the lsm backend",
			   pk_doctor_error_name(load_err));
	if (attach_err)
		add_advice(advice,
			   "LSM or fexit programs load but do not attach (%s): use a "
			   "kernel with CONFIG_FUNCTION_TRACER=y and, on arm64, Linux 6.4 "
			   "or later",
			   pk_doctor_error_name(attach_err));
}

static void advise_kernel(const struct pk_probe *probe, struct pk_doctor_advice *advice)
{
	if (probe->btf_bytes.err == ENOENT)
		add_advice(advice, "use a kernel with CONFIG_DEBUG_INFO_BTF=y");
	if (!probe->jit.err && !probe->jit.value)
		add_advice(advice, "switch the BPF JIT on: sysctl net.core.bpf_jit_enable=1");
	if (probe->cgroup2.err == ENOENT)
		add_advice(advice, "mount cgroup v2 for scopes and network hooks: "
				   "mount -t cgroup2 none /sys/fs/cgroup (or a directory in it)");
	if (probe->securityfs.err == ENOENT && probe->lockdown.err)
		add_advice(advice, "for the state of lockdown: "
				   "mount -t securityfs securityfs /sys/kernel/security");
}

static void advise(const struct pk_probe *probe, struct pk_doctor_advice *advice)
{
	const struct pk_probe_result *loop = &probe->features[PK_PROBE_LOOP];
	const struct pk_probe_result *cgroup = &probe->features[PK_PROBE_CGROUP];

	advise_privileges(probe, advice);
	advise_kernel(probe, advice);
	if (!privileged(probe))
		return;
	if (!feature_ok(probe, PK_PROBE_RINGBUF)) {
		advise_refused(probe, advice);
		return;
	}
	advise_lsm(probe, advice);
	if (!feature_ok(probe, PK_PROBE_READ_KERNEL) && feature_ok(probe, PK_PROBE_TP_BTF))
		add_advice(advice, "programs may not read kernel memory: boot without "
				   "lockdown=confidentiality");
	if (loop->stage == PK_PROBE_STAGE_LOAD && feature_ok(probe, PK_PROBE_TAIL_CALL))
		add_advice(advice, "use Linux 5.17 or later");
	if (cgroup->state == PK_PROBE_UNKNOWN && cgroup->err == EROFS)
		add_advice(advice, "mount cgroup v2 writable: network hooks could not be tried");
}

void pk_doctor_conclude(struct pk_doctor *doctor)
{
	doctor->backend = pk_probe_backend(doctor->probe, &doctor->reason);
	doctor->advice.cnt = 0;
	advise(doctor->probe, &doctor->advice);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'o':
		if (!strcmp(arg, "text"))
			options->format = PK_FORMAT_TEXT;
		else if (!strcmp(arg, "json"))
			options->format = PK_FORMAT_JSON;
		else
			argp_error(state, "cannot write format '%s': it is text or json", arg);
		return 0;
	case OPTION_COLOR:
		if (!strcmp(arg, "auto"))
			options->color = PK_COLOR_AUTO;
		else if (!strcmp(arg, "always"))
			options->color = PK_COLOR_ALWAYS;
		else if (!strcmp(arg, "never"))
			options->color = PK_COLOR_NEVER;
		else
			argp_error(state, "cannot color '%s': it is auto, always or never", arg);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "cannot take argument '%s': there are none", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool wants_color(enum pk_color color)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (color != PK_COLOR_AUTO)
		return color == PK_COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term && strcmp(term, "dumb");
}

int pk_cmd_doctor(int argc, char **argv)
{
	static const struct argp_option argp_options[] = {
		{ "output", 'o', "FORMAT", 0, "text (default) or json, one object", 0 },
		{ "color", OPTION_COLOR, "WHEN", 0, "auto (default), always or never", 0 },
		{ 0 },
	};
	static const struct argp argp = {
		.options = argp_options,
		.parser = parse_option,
		.doc = "Tell what this kernel lets Picket do, and what to change to get more.\v"
		       "Exit status: 0 a backend is usable, 3 none is, 2 wrong usage.",
	};
	struct options options = { .format = PK_FORMAT_TEXT, .color = PK_COLOR_AUTO };
	pk_cleanup(pk_free_p) struct pk_probe *probe = NULL;
	struct pk_doctor doctor = { 0 };
	int err;

	argv[0] = (char *)"picket doctor"; /* for argp's messages */
	argp_err_exit_status = PK_EXIT_USAGE;
	err = argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (err) {
		pk_error("doctor: cannot read the command line: %s", strerror(err));
		return PK_EXIT_USAGE;
	}
	probe = malloc(sizeof(*probe));
	err = probe ? pk_probe_run(probe) : -ENOMEM;
	if (err) {
		pk_error("doctor: cannot ask the kernel: %s", strerror(-err));
		return PK_EXIT_FAILED;
	}
	doctor.probe = probe;
	doctor.color = wants_color(options.color);
	pk_doctor_conclude(&doctor);
	if (options.format == PK_FORMAT_JSON)
		pk_doctor_print_json(&doctor);
	else
		pk_doctor_print_text(&doctor);
	if (fflush(stdout) || ferror(stdout)) {
		pk_error("doctor: cannot write the report: %s", strerror(errno));
		return PK_EXIT_FAILED;
	}
	return doctor.backend == PK_BACKEND_NONE ? PK_EXIT_REFUSED : PK_EXIT_OK;
}
