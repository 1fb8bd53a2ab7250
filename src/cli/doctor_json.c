/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report of picket doctor for programs: see pk_doctor_print_json().
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/doctor.h"

/* Bytes outside ASCII become U+FFFD: only mount points could have some. */
static void put_json_chars(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			printf("\\u%04x", c < 0x80 ? c : 0xfffdu);
		else
			putchar(c);
	}
}

static void put_json(const char *text)
{
	putchar('"');
	put_json_chars(text, strlen(text));
	putchar('"');
}

/* The value of `key`, with the comma of the value before it. */
static void put_key(const char *separator, const char *key)
{
	printf("%s", separator);
	put_json(key);
	putchar(':');
}

static void json_text(const char *separator, const char *key, const char *text, int err)
{
	put_key(separator, key);
	if (err)
		printf("null");
	else
		put_json(text);
}

static void json_number(const char *separator, const char *key, struct pk_probe_number number)
{
	put_key(separator, key);
	if (number.err)
		printf("null");
	else
		printf("%llu", (unsigned long long)number.value);
}

static void json_bool(const char *separator, const char *key, bool value, int err)
{
	put_key(separator, key);
	printf("%s", err ? "null" : value ? "true" : "false");
}

static void json_kernel(const struct pk_probe *probe)
{
	printf(",\"kernel\":{");
	json_text("", "release", probe->release, 0);
	json_text(",", "arch", probe->arch, 0);
	json_number(",", "btf_bytes", probe->btf_bytes);
	json_number(",", "jit", probe->jit);
	json_number(",", "unprivileged_bpf_disabled", probe->unprivileged_bpf_disabled);
	json_number(",", "bpf_stats", probe->bpf_stats);
	json_text(",", "cgroup2", probe->cgroup2.path, probe->cgroup2.err);
	json_text(",", "tracefs", probe->tracefs.path, probe->tracefs.err);
	json_text(",", "securityfs", probe->securityfs.path, probe->securityfs.err);
	putchar('}');
}

static void json_privileges(const struct pk_probe *probe)
{
	const struct pk_probe_cap *cap;

	printf(",\"privileges\":{");
	json_bool("", "user_ns_initial", probe->user_ns_initial.value, probe->user_ns_initial.err);
	json_bool(",", "pid_ns_initial", probe->pid_ns_initial.value, probe->pid_ns_initial.err);
	json_number(",", "seccomp", probe->seccomp);
	printf(",\"capabilities\":{");
	for (cap = pk_probe_caps; cap->name; cap++)
		json_bool(cap == pk_probe_caps ? "" : ",", cap->name,
			  pk_probe_has_cap(probe, cap->number), probe->caps_effective.err);
	printf("}}");
}

static void json_list(const char *list)
{
	const char *separator = "";

	putchar('[');
	while (*list) {
		size_t len = strcspn(list, ",");

		printf("%s\"", separator);
		put_json_chars(list, len);
		putchar('"');
		list += len + (list[len] == ',');
		separator = ",";
	}
	putchar(']');
}

static void json_security(const struct pk_probe *probe)
{
	printf(",\"security_modules\":{\"active\":");
	if (probe->lsms.err)
		printf("null");
	else
		json_list(probe->lsms.list);
	json_bool(",", "bpf", pk_probe_list_has(probe->lsms.list, "bpf"), probe->lsms.err);
	json_text(",", "lockdown", pk_doctor_lockdown_name(probe->lockdown.value),
		  probe->lockdown.err);
	putchar('}');
}

static void json_features(const struct pk_probe *probe)
{
	static const char *const states[] = { "unknown", "ok", "refused" };
	static const char *const stages[PK_PROBE_STAGE_MAX] = { "none", "find",   "create",
								"load", "attach", "run" };
	const char *separator = "";
	size_t hook;
	int i;

	printf(",\"features\":{");
	for (i = 0; i < PK_PROBE_FEATURE_MAX; i++) {
		const struct pk_probe_result *result = &probe->features[i];
		bool ok = result->state == PK_PROBE_OK;

		put_key(i ? "," : "", pk_probe_feature_name((enum pk_probe_feature)i));
		putchar('{');
		json_text("", "state", states[result->state], 0);
		json_text(",", "stage", stages[result->stage], ok);
		json_text(",", "error", ok ? "" : pk_doctor_error_name(result->err), ok);
		putchar('}');
	}
	printf("},\"hooks_missing\":");
	if (probe->hooks_err) {
		printf("null");
		return;
	}
	putchar('[');
	for (hook = 0; pk_probe_hooks[hook]; hook++) {
		if (!probe->hook_missing[hook])
			continue;
		printf("%s", separator);
		put_json(pk_probe_hooks[hook]);
		separator = ",";
	}
	putchar(']');
}

static void json_unknown(const struct pk_probe *probe)
{
	/* That a thing is not there is an answer, and no entry here. */
	const struct {
		const char *key;
		int err;
		bool absence_known;
	} facts[] = {
		{ "kernel.btf_bytes", probe->btf_bytes.err, true },
		{ "kernel.jit", probe->jit.err, false },
		{ "kernel.unprivileged_bpf_disabled", probe->unprivileged_bpf_disabled.err, false },
		{ "kernel.bpf_stats", probe->bpf_stats.err, false },
		{ "kernel.cgroup2", probe->cgroup2.err, true },
		{ "kernel.tracefs", probe->tracefs.err, true },
		{ "kernel.securityfs", probe->securityfs.err, true },
		{ "privileges.user_ns_initial", probe->user_ns_initial.err, false },
		{ "privileges.pid_ns_initial", probe->pid_ns_initial.err, false },
		{ "privileges.seccomp", probe->seccomp.err, false },
		{ "privileges.capabilities", probe->caps_effective.err, false },
		{ "security_modules.active", probe->lsms.err, false },
		{ "security_modules.lockdown", probe->lockdown.err, false },
		{ "hooks_missing", probe->hooks_err, false },
	};
	const char *separator = "";
	size_t i;

	printf(",\"unknown\":{");
	for (i = 0; i < PK_ARRAY_SIZE(facts); i++) {
		if (!facts[i].err || (facts[i].absence_known && facts[i].err == ENOENT))
			continue;
		json_text(separator, facts[i].key, pk_doctor_error_name(facts[i].err), 0);
		separator = ",";
	}
	putchar('}');
}

static void json_k8s(const struct pk_doctor_k8s *k8s)
{
	printf(",\"kubernetes\":");
	if (!k8s) {
		printf("null");
		return;
	}
	putchar('{');
	json_text("", "node", k8s->node, 0);
	json_text(",", "api", k8s->api_url, 0);
	json_text(",", "phase", pk_k8s_phase_name(k8s->status.phase), 0);
	printf(",\"pods\":");
	if (k8s->status.synced)
		printf("%zu", k8s->pod_cnt);
	else
		printf("null");
	json_text(",", "reason", k8s->status.reason, !k8s->status.reason[0]);
	json_text(",", "kubelet_reason", k8s->status.kubelet_reason,
		  !k8s->status.kubelet_reason[0]);
	putchar('}');
}

void pk_doctor_print_json(const struct pk_doctor *doctor)
{
	size_t i;

	putchar('{');
	json_text("", "picket", PK_VERSION, 0);
	json_kernel(doctor->probe);
	json_privileges(doctor->probe);
	json_security(doctor->probe);
	json_features(doctor->probe);
	json_unknown(doctor->probe);
	json_k8s(doctor->k8s);
	printf(",\"backend\":{");
	json_text("", "name", pk_doctor_backend_name(doctor->backend), 0);
	json_text(",", "reason", doctor->reason, 0);
	printf("},\"advice\":[");
	for (i = 0; i < doctor->advice.cnt; i++) {
		printf("%s", i ? "," : "");
		put_json(doctor->advice.lines[i]);
	}
	printf("]}\n");
}
