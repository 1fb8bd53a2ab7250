// SPDX-License-Identifier: Apache-2.0
/*
 * What the path of a cgroup says is told at once; the resolver is asked about a container with its first cgroup, and
 * with each later one that says it was started anew. Whatever is told of a container goes with what is known of its pod.
 */
#include "meta/attribution.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#include "meta/cgroup_path.h"
#include "meta/disk.h"
#include "meta/pod_facts.h"

#define CANDIDATES_MAX 16u /* how far up the path a container's state is looked for */

struct pk_attribution {
	struct pk_cgroup_fs *fs; /* NULL: no cgroup v2 */
	struct pk_resolver *resolver;
	char root[PATH_MAX];       /* of the resolver's options */
	struct pk_k8s_pods *pods;  /* NULL: nobody tells of pods */
	uint64_t pods_changed_cnt; /* of its stats, when containers were told last */
	struct pk_buf labels;      /* of a pod */
	struct pk_attribution_stats stats;
	bool has_hooked; /* containers of which the paths do not tell */
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
	pk_buf_fini(&attribution->labels);
	free(attribution);
}

void pk_attribution_set_pods(struct pk_attribution *attribution, struct pk_k8s_pods *pods)
{
	if (attribution)
		attribution->pods = pods;
}

/* What is added is the pod's, and stays the pod's. Without memory it stays as it is known. NULL: no pod is known. */
static const struct pk_k8s_pod *add_pod(struct pk_attribution *attribution,
					struct pk_container *container)
{
	const struct pk_k8s_pod *pod = NULL;

	if (attribution->pods && pk_container_is_one(container))
		pod = pk_pod_facts_find(attribution->pods, container);
	if (pod)
		pk_pod_facts_add(pod, &attribution->labels, container);
	return pod;
}

static int tell(struct pk_attribution *attribution, const struct pk_container *container,
		uint64_t cgroup_id, struct pk_text path, pk_emit_fn *emit, void *ctx)
{
	struct pk_container full = *container;
	pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *pod = add_pod(attribution, &full);
	size_t len = pk_container_to_record(&full, cgroup_id, path, &attribution->record);

	(void)pod; /* its texts are in the record */
	return emit(ctx, &attribution->record.u, len);
}

/* The same container again, with what is known of its pod by now. */
static int tell_again(struct pk_attribution *attribution, const struct pk_container_event *record,
		      uint64_t cgroup_id, pk_emit_fn *emit, void *ctx)
{
	struct pk_container container;

	pk_container_from_record(record, &container);
	return tell(attribution, &container, cgroup_id, pk_record_text(record, record->cgroup),
		    emit, ctx);
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

/* Who makes containers in his own session calls them what he likes: they are in no pod of ours. */
static void add_pod_uid(struct pk_container *container, const struct pk_cgroup_path *parsed,
			uint32_t uid)
{
	if (uid)
		container->known |= PK_CONTAINER_POD;
	else
		container->pod_uid = (struct pk_text){ parsed->pod_uid, parsed->pod_uid_bytes };
}

/* Containers that runc and crun alone made have no more than a state directory. Runtimes that the kubelet does not
 * use have no pods. */
static void add_plain(struct pk_container *container)
{
	if (!container->pod_uid.len &&
	    (container->runtime == PK_RUNTIME_PODMAN || container->runtime == PK_RUNTIME_LXC ||
	     container->runtime == PK_RUNTIME_NSPAWN || container->runtime == PK_RUNTIME_RUNC))
		container->known |= PK_CONTAINER_POD;
	if (container->runtime != PK_RUNTIME_RUNC)
		return;
	container->name = container->id;
	container->known |= PK_CONTAINER_NAME | PK_CONTAINER_IMAGE | PK_CONTAINER_IMAGE_ID |
			    PK_CONTAINER_DIGEST | PK_CONTAINER_LABELS | PK_CONTAINER_IP;
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

/* A container that a hook told of, whose cgroup may be called anything: what is below it is its too. */
static const struct pk_container *find_hooked(const struct pk_attribution *attribution,
					      struct pk_text path,
					      const struct pk_containers *known)
{
	char above[PATH_MAX];
	char *slash;

	if (!attribution->has_hooked || !attribution->fs || path.len >= sizeof(above))
		return NULL;
	memcpy(above, path.data, path.len);
	above[path.len] = '\0';
	while ((slash = strrchr(above, '/')) && slash != above) {
		const struct pk_container *container;
		uint64_t cgroup_id;

		*slash = '\0';
		if (pk_cgroup_fs_id(attribution->fs, above, &cgroup_id))
			return NULL;
		container = pk_containers_peek(known, cgroup_id);
		if (pk_container_is_one(container))
			return container;
	}
	return NULL;
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
	attribution->stats.seen_cnt++;
	if (!find_container(attribution, cgroup_id, path, &parsed, &question)) {
		before = find_hooked(attribution, path, known);
		return tell(attribution, before ?: &pk_container_host, cgroup_id, path, emit, ctx);
	}
	container.runtime = question.runtime;
	container.id = parsed.id;
	container.outer_id = parsed.outer_id;
	add_pod_uid(&container, &parsed, question.uid);
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
	attribution->stats.seen_cnt++;
	attribution->stats.gone_cnt++;
	return tell(attribution, &pk_container_unknown, cgroup_id, (struct pk_text){ "", 0 }, emit,
		    ctx);
}

/* ---- what a hook says ---- */

static bool is_same(struct pk_text a, struct pk_text b)
{
	return a.len == b.len && !memcmp(a.data, b.data, a.len);
}

/* The path says of the container what the bundle does not: who made it, what it is in. A container that it names
 * and that is another one is the one around. */
static void place(struct pk_attribution *attribution, struct pk_container *container,
		  const struct pk_cgroup_path *parsed, struct pk_question *question)
{
	bool is_named = is_same(parsed->id, container->id);

	container->outer_id = is_named ? parsed->outer_id : parsed->id;
	if (is_named && !container->runtime)
		container->runtime = parsed->runtime;
	if (question->uid)
		pk_container_forget_pod(container);
	else if (!container->pod_uid.len)
		container->pod_uid = (struct pk_text){ parsed->pod_uid, parsed->pod_uid_bytes };
	question->runtime = container->runtime;
	if (!container->runtime && pk_disk_has(attribution->root, question))
		container->runtime = question->runtime;
	if (!container->runtime)
		container->runtime = PK_RUNTIME_RUNC;
	question->runtime = container->runtime;
	if (!is_named && !is_same(parsed->candidate, container->id))
		attribution->has_hooked = true;
}

/* What the resolver begins with: it finds out the rest, and the facts that the hook told are kept besides. */
static void ask_of(struct pk_attribution *attribution, const struct pk_question *question,
		   const struct pk_container *told, struct pk_text path)
{
	struct pk_container container = { .state = PK_CONTAINER_RESOLVING,
					  .runtime = told->runtime,
					  .id = told->id,
					  .outer_id = told->outer_id,
					  .pod_uid = told->pod_uid };

	add_plain(&container);
	ask(attribution, question, &container, path);
}

/* Of a cgroup that a container may have. Without the right to look cgroups up by id the path stays empty: then the hook's
 * word is all that there is. */
static int find_path(const struct pk_attribution *attribution, uint64_t cgroup_id,
		     char ret_path[PATH_MAX])
{
	uint64_t root_id;
	int err;

	if (!attribution->fs)
		return -ENOENT;
	err = pk_cgroup_fs_id(attribution->fs, "/", &root_id);
	if (err)
		return err;
	if (cgroup_id == root_id)
		return -EXDEV;
	err = pk_cgroup_fs_path(attribution->fs, cgroup_id, ret_path, PATH_MAX);
	if (err == -EPERM)
		ret_path[0] = '\0';
	return err == -EPERM ? 0 : err;
}

int pk_attribution_told(struct pk_attribution *attribution, uint64_t cgroup_id,
			const struct pk_container *told, const struct pk_containers *known,
			pk_emit_fn *emit, void *ctx)
{
	const struct pk_container *before = pk_containers_find(known, told->id);
	struct pk_container container = *told;
	struct pk_cgroup_path parsed;
	struct pk_question question;
	struct pk_text path;
	char text[PATH_MAX];
	int err;

	if (!is_safe(told->id) || told->id.len > PK_MAX_CONTAINER_ID_BYTES)
		return -EINVAL;
	err = find_path(attribution, cgroup_id, text);
	if (err)
		return err;
	path = (struct pk_text){ text, strlen(text) };
	pk_cgroup_path_parse(path, &parsed);
	make_question(&parsed, told->id, cgroup_id, path, &question);
	place(attribution, &container, &parsed, &question);
	container.state = PK_CONTAINER_RESOLVING;
	add_plain(&container);
	/* its cgroup's path may have been seen first */
	if (!before || !pk_containers_has(known, cgroup_id))
		ask_of(attribution, &question, &container, path);
	if (before) {
		container.state = before->state;
		pk_container_add(&container, before);
	}
	attribution->stats.told_cnt++;
	return tell(attribution, &container, cgroup_id, path, emit, ctx);
}

/* ---- what the resolver says ---- */

/* It may know less than a hook told. */
static int tell_resolved(struct pk_attribution *attribution,
			 const struct pk_container_event *record, const struct pk_containers *known,
			 pk_emit_fn *emit, void *ctx)
{
	const struct pk_container *before;
	struct pk_container container;

	pk_container_from_record(record, &container);
	before = pk_containers_find(known, container.id);
	if (before)
		pk_container_add(&container, before);
	return tell(attribution, &container, record->head.cgroup_id,
		    pk_record_text(record, record->cgroup), emit, ctx);
}

int pk_attribution_take(struct pk_attribution *attribution, const struct pk_containers *known,
			pk_emit_fn *emit, void *ctx)
{
	struct pk_event *record;
	eventfd_t cnt;
	int err = 0;

	if (eventfd_read(pk_resolver_get_fd(attribution->resolver), &cnt))
		return 0;
	while (!err && (record = pk_resolver_take(attribution->resolver))) {
		err = tell_resolved(attribution, (struct pk_container_event *)record, known, emit,
				    ctx);
		free(record);
	}
	return err;
}

/* ---- what is told of pods ---- */

/* Is the pod not what it was? */
static bool is_new(struct pk_attribution *attribution, const struct pk_container_event *record)
{
	struct pk_container before, now;
	pk_cleanup(pk_k8s_pod_unref_p) const struct pk_k8s_pod *pod = NULL;

	pk_container_from_record(record, &before);
	now = before;
	pod = add_pod(attribution, &now);
	return pod && !pk_pod_facts_same(&before, &now);
}

int pk_attribution_take_pods(struct pk_attribution *attribution, const struct pk_containers *known,
			     pk_emit_fn *emit, void *ctx)
{
	pk_cleanup(pk_free_p) uint64_t *cgroup_ids = NULL;
	struct pk_containers_stats stats;
	struct pk_k8s_pods_stats pods;
	size_t cnt;
	int err = 0;

	if (!attribution->pods)
		return 0;
	pk_k8s_pods_get_stats(attribution->pods, &pods);
	pk_containers_get_stats(known, &stats);
	if (pods.changed_cnt == attribution->pods_changed_cnt || !stats.container_cnt)
		return 0;
	cgroup_ids = calloc(stats.container_cnt, sizeof(*cgroup_ids));
	if (!cgroup_ids)
		return 0; /* until the next change */
	attribution->pods_changed_cnt = pods.changed_cnt;
	cnt = pk_containers_list(known, cgroup_ids, stats.container_cnt);
	for (size_t i = 0; i < cnt && !err; i++) {
		/* those told of before may have driven it out */
		const struct pk_container_event *record = pk_containers_record(known,
									       cgroup_ids[i]);

		if (record && is_new(attribution, record))
			err = tell_again(attribution, record, cgroup_ids[i], emit, ctx);
	}
	return err;
}

int pk_attribution_get_fd(const struct pk_attribution *attribution)
{
	return pk_resolver_get_fd(attribution->resolver);
}

uint64_t pk_attribution_cgroup_of(const struct pk_attribution *attribution, uint32_t pid)
{
	uint64_t cgroup_id = 0;

	if (!attribution->fs || pk_cgroup_fs_of_pid(attribution->fs, pid, &cgroup_id))
		return 0;
	return cgroup_id;
}

void pk_attribution_get_stats(const struct pk_attribution *attribution,
			      struct pk_attribution_stats *ret_stats)
{
	*ret_stats = attribution->stats;
}
