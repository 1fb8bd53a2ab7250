/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report of picket doctor for the eye: a line a fact, with a mark, in sections.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/doctor.h"

enum mark {
	MARK_OK = 0,
	MARK_INFO = 1,
	MARK_WARNING = 2,
	MARK_MISSING = 3,
};

static const struct {
	const char *tried;
	bool needed; /* by one backend or all */
} features[PK_PROBE_FEATURE_MAX] = {
	[PK_PROBE_RAW_TP] = { "raw_tp/sched_process_exec attaches", false },
	[PK_PROBE_TP_BTF] = { "tp_btf/sched_process_exec attaches", true },
	[PK_PROBE_FENTRY] = { "fentry/vfs_unlink attaches", false },
	[PK_PROBE_FEXIT] = { "fexit/vfs_unlink attaches", true },
	[PK_PROBE_LSM] = { "lsm/file_open attaches and is called", true },
	[PK_PROBE_CGROUP] = { "cgroup/connect4 attaches to a cgroup", false },
	[PK_PROBE_READ_KERNEL] = { "programs may read kernel memory", true },
	[PK_PROBE_RINGBUF] = { "ring buffer map", true },
	[PK_PROBE_TASK_STORAGE] = { "task storage map and helper", true },
	[PK_PROBE_SK_STORAGE] = { "socket storage map", false },
	[PK_PROBE_TAIL_CALL] = { "one program calls another", true },
	[PK_PROBE_LOOP] = { "helper bpf_loop", true },
	[PK_PROBE_ITER_TASK] = { "iter/task attaches", false },
	[PK_PROBE_SYSCALL] = { "program of type syscall runs", false },
};

static void section(const struct pk_doctor *doctor, const char *title)
{
	printf(doctor->color ? "\033[1m%s\033[0m\n" : "%s\n", title);
}

/* Prints what the kernel or a file name had to say with no control characters. */
static void put_visible(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
}

static void __attribute__((format(printf, 4, 5)))
line(const struct pk_doctor *doctor, enum mark mark, const char *name, const char *format, ...)
{
	static const char *const words[] = { "ok", "-", "warning", "MISSING" };
	static const char *const colors[] = { "\033[32m", "", "\033[33m", "\033[31m" };
	char text[PATH_MAX + 256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	printf("  %s%-7s%s  %-19s  ", doctor->color ? colors[mark] : "", words[mark],
	       doctor->color ? "\033[0m" : "", name);
	put_visible(text);
	putchar('\n');
}

static void line_unknown(const struct pk_doctor *doctor, const char *name, int err)
{
	line(doctor, MARK_INFO, name, "not known: %s", pk_doctor_error_text(err));
}

static void line_path(const struct pk_doctor *doctor, const char *name,
		      const struct pk_probe_path *path, enum mark mark, const char *missing)
{
	if (!path->err)
		line(doctor, MARK_OK, name, "%s", path->path);
	else if (path->err == ENOENT)
		line(doctor, mark, name, "not mounted: %s", missing);
	else
		line_unknown(doctor, name, path->err);
}

static void line_switch(const struct pk_doctor *doctor, const char *name,
			const struct pk_probe_number *number, enum mark mark_off)
{
	if (number->err)
		line_unknown(doctor, name, number->err);
	else if (number->value)
		line(doctor, mark_off == MARK_INFO ? MARK_INFO : MARK_OK, name, "on");
	else
		line(doctor, mark_off, name, "off");
}

static void print_kernel(const struct pk_doctor *doctor)
{
	const struct pk_probe *probe = doctor->probe;
	const struct pk_probe_number *unprivileged = &probe->unprivileged_bpf_disabled;

	section(doctor, "Kernel");
	line(doctor, MARK_INFO, "Linux", "%s %s", probe->release, probe->arch);
	if (!probe->btf_bytes.err)
		line(doctor, MARK_OK, "type information", "/sys/kernel/btf/vmlinux, %llu KiB",
		     (unsigned long long)probe->btf_bytes.value / 1024);
	else
		line(doctor, MARK_MISSING, "type information", "/sys/kernel/btf/vmlinux: %s",
		     pk_doctor_error_text(probe->btf_bytes.err));
	line_switch(doctor, "BPF JIT", &probe->jit, MARK_WARNING);
	if (unprivileged->err)
		line_unknown(doctor, "unprivileged bpf()", unprivileged->err);
	else
		line(doctor, unprivileged->value ? MARK_INFO : MARK_WARNING, "unprivileged bpf()",
		     unprivileged->value ? "off" : "on: any user may load programs");
	line_switch(doctor, "BPF statistics", &probe->bpf_stats, MARK_INFO);
	line_path(doctor, "cgroup v2", &probe->cgroup2, MARK_WARNING,
		  "no network hooks of cgroups");
	line_path(doctor, "tracefs", &probe->tracefs, MARK_INFO, "Picket does without it");
	line_path(doctor, "securityfs", &probe->securityfs, MARK_INFO,
		  "the state of lockdown is there");
}

static void print_privileges(const struct pk_doctor *doctor)
{
	static const char *const seccomp_modes[] = { "off", "strict", "a filter is on" };
	const struct pk_probe *probe = doctor->probe;
	const struct pk_probe_cap *cap;

	section(doctor, "Privileges");
	if (probe->user_ns_initial.err)
		line_unknown(doctor, "user namespace", probe->user_ns_initial.err);
	else if (probe->user_ns_initial.value)
		line(doctor, MARK_OK, "user namespace", "the initial one");
	else
		line(doctor, MARK_MISSING, "user namespace",
		     "not the initial one: no capability counts for BPF");
	if (probe->pid_ns_initial.err)
		line_unknown(doctor, "pid namespace", probe->pid_ns_initial.err);
	else if (probe->pid_ns_initial.value)
		line(doctor, MARK_OK, "pid namespace", "the initial one");
	else
		line(doctor, MARK_MISSING, "pid namespace",
		     "not the initial one: events name processes by its pids");
	if (probe->seccomp.err)
		line_unknown(doctor, "seccomp", probe->seccomp.err);
	else
		line(doctor, MARK_INFO, "seccomp", "%s",
		     seccomp_modes[probe->seccomp.value < 2 ? probe->seccomp.value : 2]);
	for (cap = pk_probe_caps; cap->name; cap++) {
		if (probe->caps_effective.err)
			line_unknown(doctor, cap->name, probe->caps_effective.err);
		else if (pk_probe_has_cap(probe, cap->number))
			line(doctor, MARK_OK, cap->name, "%s", cap->use);
		else
			line(doctor, cap->needed ? MARK_MISSING : MARK_WARNING, cap->name,
			     "not held: %s", cap->use);
	}
}

static void print_security(const struct pk_doctor *doctor)
{
	const struct pk_probe *probe = doctor->probe;

	section(doctor, "Security modules");
	if (probe->lsms.err) {
		line_unknown(doctor, "active", probe->lsms.err);
		line_unknown(doctor, "bpf", probe->lsms.err);
	} else {
		bool active = pk_probe_list_has(probe->lsms.list, "bpf");

		line(doctor, MARK_INFO, "active", "%s", probe->lsms.list);
		line(doctor, active ? MARK_OK : MARK_MISSING, "bpf", "%s",
		     active ? "among them" : "not among them: LSM programs are never called");
	}
	if (probe->lockdown.err)
		line(doctor, MARK_INFO, "lockdown", "not known: %s",
		     probe->securityfs.err == ENOENT ? "securityfs is not mounted" :
						       pk_doctor_error_text(probe->lockdown.err));
	else
		line(doctor,
		     probe->lockdown.value == PK_PROBE_LOCKDOWN_CONFIDENTIALITY ? MARK_MISSING :
										  MARK_OK,
		     "lockdown", "%s", pk_doctor_lockdown_name(probe->lockdown.value));
}

static void print_feature(const struct pk_doctor *doctor, enum pk_probe_feature feature)
{
	static const char *const stages[PK_PROBE_STAGE_MAX] = {
		[PK_PROBE_STAGE_NONE] = "not tried",
		[PK_PROBE_STAGE_FIND] = "hook not found",
		[PK_PROBE_STAGE_CREATE] = "map refused",
		[PK_PROBE_STAGE_LOAD] = "refused at load",
		[PK_PROBE_STAGE_ATTACH] = "refused at attach",
		[PK_PROBE_STAGE_RUN] = "in place, but without effect",
	};
	const struct pk_probe_result *result = &doctor->probe->features[feature];
	const char *name = pk_probe_feature_name(feature);

	if (result->state == PK_PROBE_OK)
		line(doctor, MARK_OK, name, "%s", features[feature].tried);
	else if (result->state == PK_PROBE_REFUSED)
		line(doctor, features[feature].needed ? MARK_MISSING : MARK_WARNING, name,
		     "%s: %s (%s)", stages[result->stage], pk_doctor_error_text(result->err),
		     pk_doctor_error_name(result->err));
	else
		line(doctor, MARK_WARNING, name, "loads; could not try to attach: %s",
		     pk_doctor_error_text(result->err));
}

static void print_hooks(const struct pk_doctor *doctor)
{
	const struct pk_probe *probe = doctor->probe;
	size_t hook, missing_cnt = 0;
	int i;

	section(doctor, "Hooks (each was tried)");
	for (i = 0; i < PK_PROBE_FEATURE_MAX; i++)
		print_feature(doctor, (enum pk_probe_feature)i);
	if (probe->hooks_err) {
		line_unknown(doctor, "kernel functions", probe->hooks_err);
		return;
	}
	for (hook = 0; pk_probe_hooks[hook]; hook++) {
		if (!probe->hook_missing[hook])
			continue;
		line(doctor, MARK_MISSING, "kernel functions", "none for %s", pk_probe_hooks[hook]);
		missing_cnt++;
	}
	if (!missing_cnt)
		line(doctor, MARK_OK, "kernel functions", "all %zu that sensors stand on", hook);
}

static void print_k8s(const struct pk_doctor *doctor)
{
	const struct pk_doctor_k8s *k8s = doctor->k8s;
	const struct pk_k8s_status *status = &k8s->status;

	section(doctor, "Kubernetes");
	line(doctor, MARK_INFO, "node", "%s", k8s->node);
	if (status->list_cnt)
		line(doctor, MARK_OK, "API server", "%s", k8s->api_url);
	else
		line(doctor, MARK_WARNING, "API server", "%s: %s", k8s->api_url,
		     status->reason[0] ? status->reason : "no answer in time");
	if (status->kubelet_cnt)
		line(doctor, MARK_OK, "kubelet", "answers in its place");
	else if (status->kubelet_reason[0])
		line(doctor, MARK_WARNING, "kubelet", "%s", status->kubelet_reason);
	if (status->synced)
		line(doctor, k8s->pod_cnt ? MARK_OK : MARK_WARNING, "pods", "%zu on this node",
		     k8s->pod_cnt);
	else
		line(doctor, MARK_WARNING, "pods", "none are known");
}

void pk_doctor_print_text(const struct pk_doctor *doctor)
{
	size_t i;

	print_kernel(doctor);
	putchar('\n');
	print_privileges(doctor);
	putchar('\n');
	print_security(doctor);
	putchar('\n');
	print_hooks(doctor);
	putchar('\n');
	if (doctor->k8s) {
		print_k8s(doctor);
		putchar('\n');
	}
	printf(doctor->color ? "\033[1mBackend: %s\033[0m - %s\n" : "Backend: %s - %s\n",
	       pk_doctor_backend_name(doctor->backend), doctor->reason);
	if (!doctor->advice.cnt)
		return;
	putchar('\n');
	section(doctor, doctor->backend == PK_BACKEND_LSM ? "What could be better" : "To get more");
	for (i = 0; i < doctor->advice.cnt; i++) {
		printf("  * ");
		put_visible(doctor->advice.lines[i]);
		putchar('\n');
	}
}
