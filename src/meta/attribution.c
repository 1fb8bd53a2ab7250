// SPDX-License-Identifier: Apache-2.0
/*
 * What the path of a cgroup says is told at once; the resolver is asked about a container with its first cgroup, and
 * with each later one that says it was started anew.
 */
#include "meta/attribution.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#include "meta/cgroup_path.h"
#include "meta/disk.h"
#include "meta/json_read.h"

#define CANDIDATES_MAX 16u /* how far up the path a container's state is looked for */

struct pk_attribution {
	struct pk_cgroup_fs *fs; /* NULL: no cgroup v2 */
	struct pk_resolver *resolver;
	char root[PATH_MAX]; /* of the resolver's options */
	struct pk_attribution_stats stats;
	struct pk_record record;
};

int pk_attribution_new(const struct pk_resolver_options *options,
		       struct pk_attribution **ret_attribution)
{
	pk_cleanup(pk_attribution_free_p) struct pk_attribution *attribution =
		calloc(1, sizeof(*attribution));
	int err;

	if (!attribution)
		return -ENOMEM;
	if (options->root)
		snprintf(attribution->root, sizeof(attribution->root), "%s", options->root);
	err = pk_cgroup_fs_new(&attribution->fs);
	if (err == -ENOMEM)
		return err;
	err = pk_resolver_new(options, &attribution->resolver);
	if (err)
		return err;
	*ret_attribution = pk_take_ptr(attribution);
	return 0;
}

void pk_attribution_free(struct pk_attribution *attribution)
{
	if (!attribution)
		return;
	pk_resolver_free(attribution->resolver);
	pk_cgroup_fs_free(attribution->fs);
	free(attribution);
}

static int tell(struct pk_attribution *attribution, const struct pk_container *container,
		uint64_t cgroup_id, struct pk_text path, pk_emit_fn *emit, void *ctx)
{
	size_t len = pk_container_to_record(container, cgroup_id, path, &attribution->record);

	attribution->stats.seen_cnt++;
	return emit(ctx, &attribution->record.u, len);
}

/* ---- what a path says ---- */

static void copy_text(char *to, size_t to_bytes, struct pk_text text)
{
	size_t len = text.len < to_bytes ? text.len : 0;

	if (len)
		memcpy(to, text.data, len);
	to[len] = '\0';
}

/* Part of a path of ours: no '/', not "..". */
static bool is_safe(struct pk_text text)
{
	return text.len && text.data[0] != '.' && !memchr(text.data, '/', text.len) &&
	       !memchr(text.data, '\0', text.len);
}

/* Whose session the cgroup is in: user-UID.slice. */
static uint32_t uid_of(struct pk_text path)
{
	static const char mark[] = "/user-";
	const char *at = path.len ? memmem(path.data, path.len, mark, sizeof(mark) - 1) : NULL;
	uint64_t uid = 0;

	if (!at)
		return 0;
	for (at += sizeof(mark) - 1; at < path.data + path.len && *at >= '0' && *at <= '9'; at++) {
		uid = uid * 10 + (uint64_t)(*at - '0');
		if (uid > UINT32_MAX)
			return 0;
	}
	return (uint32_t)uid;
}

static void make_question(const struct pk_cgroup_path *parsed, struct pk_text id,
			  uint64_t cgroup_id, struct pk_text path, struct pk_question *ret_question)
{
	*ret_question = (struct pk_question){ .cgroup_id = cgroup_id,
					      .runtime = parsed->runtime,
					      .uid = uid_of(path) };
	copy_text(ret_question->id, sizeof(ret_question->id), id);
	if (is_safe(parsed->candidate_parent))
		copy_text(ret_question->space, sizeof(ret_question->space),
			  parsed->candidate_parent);
}

/* A container whose cgroup may be called anything: some part of the path is the name of a state directory. */
static bool find_candidate(struct pk_attribution *attribution, uint64_t cgroup_id,
			   struct pk_text path, struct pk_cgroup_path *parsed,
			   struct pk_question *ret_question)
{
	for (uint32_t i = 0; i < CANDIDATES_MAX && parsed->candidate.len; i++) {
		const char *slash;

		if (is_safe(parsed->candidate)) {
			make_question(parsed, parsed->candidate, cgroup_id, path, ret_question);
			if (pk_disk_has(attribution->root, ret_question)) {
				parsed->id = parsed->candidate;
				return true;
			}
		}
		/* on with what is above it */
		slash = memrchr(path.data, '/', (size_t)(parsed->candidate.data - path.data));
		if (!slash)
			return false;
		path.len = (size_t)(slash - path.data);
		pk_cgroup_path_parse(path, parsed);
	}
	return false;
}

static bool find_container(struct pk_attribution *attribution, uint64_t cgroup_id,
			   struct pk_text path, struct pk_cgroup_path *parsed,
			   struct pk_question *ret_question)
{
	pk_cgroup_path_parse(path, parsed);
	if (parsed->id.len) {
		make_question(parsed, parsed->id, cgroup_id, path, ret_question);
		return true;
	}
	return find_candidate(attribution, cgroup_id, path, parsed, ret_question);
}

/* Containers that runc and crun alone made have no more than a state directory. */
static void add_plain(struct pk_container *container)
{
	if (container->runtime != PK_RUNTIME_RUNC)
		return;
	container->name = container->id;
	container->known |= PK_CONTAINER_NAME | PK_CONTAINER_IMAGE | PK_CONTAINER_IMAGE_ID |
			    PK_CONTAINER_DIGEST | PK_CONTAINER_LABELS | PK_CONTAINER_IP |
			    PK_CONTAINER_POD;
}

/* The container's topmost cgroup, which is made when the container is, and again each time that it is started. */
static bool is_topmost(const struct pk_cgroup_path *parsed, struct pk_text path)
{
	const char *end = parsed->id.data + parsed->id.len;

	return !memchr(end, '/', (size_t)(path.data + path.len - end));
}

static void ask(struct pk_attribution *attribution, const struct pk_question *question,
		const struct pk_container *container, struct pk_text path)
{
	if (pk_resolver_ask(attribution->resolver, question, container, path))
		attribution->stats.dropped_cnt++;
}

int pk_attribution_see_path(struct pk_attribution *attribution, uint64_t cgroup_id,
			    struct pk_text path, const struct pk_containers *known,
			    pk_emit_fn *emit, void *ctx)
{
	struct pk_container container = { .state = PK_CONTAINER_RESOLVING };
	const struct pk_container *before;
	struct pk_cgroup_path parsed;
	struct pk_question question;

	if (pk_containers_has(known, cgroup_id))
		return 0;
	if (!find_container(attribution, cgroup_id, path, &parsed, &question))
		return tell(attribution, &pk_container_host, cgroup_id, path, emit, ctx);
	container.runtime = question.runtime;
	container.id = parsed.id;
	container.outer_id = parsed.outer_id;
	container.pod_uid = (struct pk_text){ parsed.pod_uid, parsed.pod_uid_bytes };
	add_plain(&container);
	before = pk_containers_find(known, parsed.id);
	if (!before || (before->state == PK_CONTAINER_RESOLVED && is_topmost(&parsed, path)))
		ask(attribution, &question, &container, path);
	return tell(attribution, &container, cgroup_id, path, emit, ctx);
}

int pk_attribution_see(struct pk_attribution *attribution, uint64_t cgroup_id,
		       const struct pk_containers *known, pk_emit_fn *emit, void *ctx)
{
	char path[PATH_MAX];
	int err;

	if (!cgroup_id || pk_containers_has(known, cgroup_id))
		return 0;
	err = attribution->fs ? pk_cgroup_fs_path(attribution->fs, cgroup_id, path, sizeof(path)) :
				-ENOENT;
	if (!err)
		return pk_attribution_see_path(attribution, cgroup_id,
					       (struct pk_text){ path, strlen(path) }, known, emit,
					       ctx);
	attribution->stats.gone_cnt++;
	return tell(attribution, &pk_container_unknown, cgroup_id, (struct pk_text){ "", 0 }, emit,
		    ctx);
}

/* ---- what the resolver says ---- */

int pk_attribution_take(struct pk_attribution *attribution, pk_emit_fn *emit, void *ctx)
{
	struct pk_event *record;
	eventfd_t cnt;
	int err = 0;

	if (eventfd_read(pk_resolver_get_fd(attribution->resolver), &cnt))
		return 0;
	while (!err && (record = pk_resolver_take(attribution->resolver))) {
		err = emit(ctx, record, record->size_bytes);
		free(record);
	}
	return err;
}

int pk_attribution_get_fd(const struct pk_attribution *attribution)
{
	return pk_resolver_get_fd(attribution->resolver);
}

uint64_t pk_attribution_cgroup_of(const struct pk_attribution *attribution, uint32_t pid)
{
	pk_buf_cleanup struct pk_buf text = PK_BUF_INIT;
	uint64_t cgroup_id = 0;
	char name[64];
	char *path;

	snprintf(name, sizeof(name), "/proc/%u/cgroup", pid);
	if (!attribution->fs || pk_json_slurp(name, 65536, &text))
		return 0;
	path = pk_cgroup_fs_parse_proc(text.data);
	if (!path || pk_cgroup_fs_id(attribution->fs, path, &cgroup_id))
		return 0;
	return cgroup_id;
}

void pk_attribution_get_stats(const struct pk_attribution *attribution,
			      struct pk_attribution_stats *ret_stats)
{
	*ret_stats = attribution->stats;
}
