// SPDX-License-Identifier: Apache-2.0
/*
 * Paths of cgroups, part by part from the root down. The last container on the way is the innermost.
 */
#include "meta/cgroup_path.h"

#include <string.h>

#include "base/cleanup.h"

#define HEX_ID_BYTES 64u

static bool is_hex(struct pk_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
	}
	return text.len > 0;
}

static bool is_hex_id(struct pk_text text)
{
	return text.len == HEX_ID_BYTES && is_hex(text);
}

/* What runtimes allow as a name. */
static bool is_name(struct pk_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		      c == '_' || c == '.' || c == '-' || c == '+'))
			return false;
	}
	return text.len > 0 && text.len <= PK_MAX_CONTAINER_ID_BYTES && text.data[0] != '.';
}

static bool equals(struct pk_text text, const char *word)
{
	return text.len == strlen(word) && !memcmp(text.data, word, text.len);
}

static bool take_prefix(struct pk_text *text, const char *prefix)
{
	size_t len = strlen(prefix);

	if (text->len < len || memcmp(text->data, prefix, len))
		return false;
	text->data += len;
	text->len -= len;
	return true;
}

static bool take_suffix(struct pk_text *text, const char *suffix)
{
	size_t len = strlen(suffix);

	if (text->len < len || memcmp(text->data + text->len - len, suffix, len))
		return false;
	text->len -= len;
	return true;
}

static void found(struct pk_cgroup_path *parsed, uint32_t runtime, struct pk_text id)
{
	if (parsed->id.len)
		parsed->outer_id = parsed->id;
	parsed->id = id;
	parsed->runtime = runtime;
	parsed->is_monitor = false;
}

/* ---- pods ---- */

static bool is_uid(struct pk_text text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] != '-' && text.data[i] != '_' &&
		    !is_hex((struct pk_text){ text.data + i, 1 }))
			return false;
	}
	return text.len >= 8 && text.len <= PK_MAX_POD_UID_BYTES;
}

/* systemd separates levels of slices by '-', so the uid's are written as '_'. */
static bool note_pod(struct pk_cgroup_path *parsed, struct pk_text uid)
{
	if (!is_uid(uid))
		return false;
	for (size_t i = 0; i < uid.len; i++)
		parsed->pod_uid[i] = uid.data[i] == '_' ? '-' : uid.data[i];
	parsed->pod_uid[uid.len] = '\0';
	parsed->pod_uid_bytes = (uint32_t)uid.len;
	return true;
}

/* podUID below a cgroup of the kubelet; kubepods-burstable-podUID.slice. */
static bool is_pod(struct pk_cgroup_path *parsed, struct pk_text part)
{
	static const char mark[] = "-pod";
	const char *at;

	if (!take_suffix(&part, ".slice"))
		return take_prefix(&part, "pod") && note_pod(parsed, part);
	if (!memmem(part.data, part.len, "kubepods", 8))
		return false;
	at = memmem(part.data, part.len, mark, sizeof(mark) - 1);
	if (!at)
		return false;
	at += sizeof(mark) - 1;
	return note_pod(parsed, (struct pk_text){ at, part.len - (size_t)(at - part.data) });
}

/* ---- containers ---- */

static const struct {
	const char *prefix;
	uint32_t runtime;
	bool is_monitor;
} prefixes[] = {
	{ "docker-", PK_RUNTIME_DOCKER, false },
	{ "cri-containerd-", PK_RUNTIME_CONTAINERD, false },
	{ "nerdctl-", PK_RUNTIME_CONTAINERD, false },
	{ "crio-conmon-", PK_RUNTIME_CRIO, true },
	{ "crio-", PK_RUNTIME_CRIO, false },
	{ "libpod-conmon-", PK_RUNTIME_PODMAN, true },
	{ "libpod-payload-", PK_RUNTIME_PODMAN, false },
	{ "libpod-", PK_RUNTIME_PODMAN, false },
};

/* PREFIX-ID, PREFIX-ID.scope */
static bool is_prefixed(struct pk_cgroup_path *parsed, struct pk_text part)
{
	take_suffix(&part, ".scope");
	for (size_t i = 0; i < PK_ARRAY_SIZE(prefixes); i++) {
		struct pk_text id = part;

		if (!take_prefix(&id, prefixes[i].prefix) || !is_hex_id(id))
			continue;
		if (prefixes[i].is_monitor)
			parsed->is_monitor = true;
		else
			found(parsed, prefixes[i].runtime, id);
		return true;
	}
	return false;
}

/* SLICE:PREFIX:ID, which is what a runtime that does not speak to systemd makes of its paths. */
static bool is_colons(struct pk_cgroup_path *parsed, struct pk_text part)
{
	const char *first = memchr(part.data, ':', part.len);
	const char *last = part.len ? memrchr(part.data, ':', part.len) : NULL;
	struct pk_text id;
	struct pk_text prefix;

	if (!first || first == last)
		return false;
	id = (struct pk_text){ last + 1, part.len - (size_t)(last + 1 - part.data) };
	prefix = (struct pk_text){ first + 1, (size_t)(last - first - 1) };
	if (!is_hex_id(id))
		return false;
	is_pod(parsed, (struct pk_text){ part.data, (size_t)(first - part.data) });
	if (equals(prefix, "cri-containerd") || equals(prefix, "nerdctl"))
		found(parsed, PK_RUNTIME_CONTAINERD, id);
	else if (equals(prefix, "docker"))
		found(parsed, PK_RUNTIME_DOCKER, id);
	else if (equals(prefix, "crio"))
		found(parsed, PK_RUNTIME_CRIO, id);
	else
		found(parsed, PK_RUNTIME_UNKNOWN, id);
	return true;
}

/* Of containers of whole systems, which have names and no ids. */
static bool is_system(struct pk_cgroup_path *parsed, struct pk_text part, struct pk_text parent)
{
	struct pk_text name = part;

	if (take_prefix(&name, "lxc.payload.") && is_name(name)) {
		found(parsed, PK_RUNTIME_LXC, name);
		return true;
	}
	if (take_prefix(&name, "lxc.monitor.") && is_name(name)) {
		parsed->is_monitor = true;
		return true;
	}
	if (equals(parent, "lxc") && is_name(part)) {
		found(parsed, PK_RUNTIME_LXC, part);
		return true;
	}
	name = parent;
	if (equals(part, "payload") && take_prefix(&name, "systemd-nspawn@") &&
	    take_suffix(&name, ".service") && is_name(name)) {
		found(parsed, PK_RUNTIME_NSPAWN, name);
		return true;
	}
	return false;
}

static bool is_container(struct pk_cgroup_path *parsed, struct pk_text part, struct pk_text parent,
			 bool below_pod)
{
	if (is_prefixed(parsed, part) || is_colons(parsed, part))
		return true;
	if (is_hex_id(part) && (equals(parent, "docker") || below_pod)) {
		found(parsed, below_pod ? PK_RUNTIME_UNKNOWN : PK_RUNTIME_DOCKER, part);
		return true;
	}
	return is_system(parsed, part, parent);
}

/* ---- candidates ---- */

/* What systemd and sessions call theirs is no container's. */
static bool is_host_part(struct pk_text part)
{
	struct pk_text rest = part;

	if (take_suffix(&rest, ".slice") || take_suffix(&rest, ".service") ||
	    take_suffix(&rest, ".mount") || take_suffix(&rest, ".socket") ||
	    take_suffix(&rest, ".swap"))
		return true;
	if (!take_suffix(&rest, ".scope"))
		return false;
	return equals(rest, "init") || take_prefix(&rest, "session-");
}

static void note_candidate(struct pk_cgroup_path *parsed, struct pk_text part,
			   struct pk_text parent)
{
	if (is_host_part(part))
		return;
	if (take_suffix(&part, ".scope") && !take_prefix(&part, "runc-"))
		take_prefix(&part, "crun-");
	if (!is_name(part))
		return;
	parsed->candidate = part;
	parsed->candidate_parent = parent;
}

/* ---- all of it ---- */

static bool take_part(struct pk_text *path, struct pk_text *ret_part)
{
	const char *slash;

	while (path->len && *path->data == '/') {
		path->data++;
		path->len--;
	}
	if (!path->len)
		return false;
	slash = memchr(path->data, '/', path->len);
	*ret_part = (struct pk_text){ path->data,
				      slash ? (size_t)(slash - path->data) : path->len };
	path->data += ret_part->len;
	path->len -= ret_part->len;
	return true;
}

void pk_cgroup_path_parse(struct pk_text path, struct pk_cgroup_path *ret_parsed)
{
	struct pk_text parent = { "", 0 };
	struct pk_text part;
	bool below_pod = false;

	*ret_parsed = (struct pk_cgroup_path){ .runtime = PK_RUNTIME_UNKNOWN };
	while (take_part(&path, &part)) {
		bool one = is_container(ret_parsed, part, parent, below_pod);

		below_pod = !one && is_pod(ret_parsed, part);
		if (!one && !ret_parsed->id.len && !ret_parsed->is_monitor)
			note_candidate(ret_parsed, part, parent);
		parent = part;
	}
	if (ret_parsed->id.len || ret_parsed->is_monitor)
		ret_parsed->candidate = ret_parsed->candidate_parent = (struct pk_text){ "", 0 };
}
