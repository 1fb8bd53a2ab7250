// SPDX-License-Identifier: Apache-2.0
/*
 * Where runtimes keep things. An id is part of a path, and checked by whoever made the question.
 */
#include "meta/disk.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "meta/source.h"

struct look {
	const char *root;
	const struct pk_question *question;
	struct pk_draft *draft;
	bool found;
	char bundle[PATH_MAX];
};

static bool __attribute__((format(printf, 2, 3)))
make_path(char ret_path[PATH_MAX], const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(ret_path, PATH_MAX, format, args);
	va_end(args);
	return len > 0 && len < PATH_MAX;
}

/* NULL: it is not there, or not to be understood. */
static struct json_object *read_json(const char *path, int *err)
{
	struct json_object *object = NULL;
	int failed = pk_json_read_file(path, &object);

	if (failed == -ENOMEM)
		*err = failed;
	return failed ? NULL : object;
}

/* ---- is it one? ---- */

static bool is_there(const char *path)
{
	return !access(path, F_OK);
}

bool pk_disk_has(const char *root, struct pk_question *question)
{
	static const char *const tools[] = { "runc", "crun" };
	char path[PATH_MAX];

	if (question->space[0] &&
	    make_path(path, "%s/run/containerd/io.containerd.runtime.v2.task/%s/%s", root,
		      question->space, question->id) &&
	    is_there(path)) {
		question->runtime = PK_RUNTIME_CONTAINERD;
		return true;
	}
	for (size_t i = 0; i < PK_ARRAY_SIZE(tools); i++) {
		bool found = make_path(path, "%s/run/%s/%s", root, tools[i], question->id) &&
			     is_there(path);

		if (!found && question->uid)
			found = make_path(path, "%s/run/user/%u/%s/%s", root, question->uid,
					  tools[i], question->id) &&
				is_there(path);
		if (!found)
			continue;
		question->runtime = PK_RUNTIME_RUNC;
		return true;
	}
	return false;
}

/* ---- state directories ---- */

typedef const char *source_fn(struct json_object *state, struct pk_draft *draft);

static int try_file(struct look *look, const char *path, source_fn *source)
{
	int err = 0;
	pk_json_cleanup struct json_object *state = read_json(path, &err);
	const char *bundle;

	if (!state)
		return err;
	look->found = true;
	bundle = source(state, look->draft);
	if (*bundle == '/')
		make_path(look->bundle, "%s%s", look->root, bundle);
	return 0;
}

static int try_state(struct look *look)
{
	static const char *const runc_roots[] = { "/run/docker/runtime-runc/moby",
						  "/run/containerd/runc/k8s.io",
						  "/run/containerd/runc/default", "/run/runc" };
	const struct pk_question *q = look->question;
	char path[PATH_MAX];
	int err = 0;

	for (size_t i = 0; i < PK_ARRAY_SIZE(runc_roots) && !look->found && !err; i++) {
		if (make_path(path, "%s%s/%s/state.json", look->root, runc_roots[i], q->id))
			err = try_file(look, path, pk_source_runc_state);
	}
	if (!look->found && !err && q->space[0] &&
	    make_path(path, "%s/run/containerd/runc/%s/%s/state.json", look->root, q->space, q->id))
		err = try_file(look, path, pk_source_runc_state);
	if (!look->found && !err && make_path(path, "%s/run/crun/%s/status", look->root, q->id))
		err = try_file(look, path, pk_source_crun_status);
	if (!look->found && !err && q->uid &&
	    make_path(path, "%s/run/user/%u/crun/%s/status", look->root, q->uid, q->id))
		err = try_file(look, path, pk_source_crun_status);
	if (!look->found && !err && q->uid &&
	    make_path(path, "%s/run/user/%u/runc/%s/state.json", look->root, q->uid, q->id))
		err = try_file(look, path, pk_source_runc_state);
	return err;
}

/* ---- bundles ---- */

static int try_config(struct look *look, bool *ret_found)
{
	char path[PATH_MAX];
	int err = 0;
	pk_json_cleanup struct json_object *config = NULL;

	*ret_found = false;
	if (!make_path(path, "%s/config.json", look->bundle))
		return 0;
	config = read_json(path, &err);
	if (!config)
		return err;
	*ret_found = look->found = true;
	return pk_source_oci_config(config, look->draft);
}

static int try_bundles(struct look *look)
{
	static const char tasks[] = "/run/containerd/io.containerd.runtime.v2.task";
	static const char stored[] = "containers/storage/overlay-containers";
	const struct pk_question *q = look->question;
	const char *const spaces[] = { q->space, "k8s.io", "moby", "default" };
	bool found = false;
	int err = 0;

	if (look->bundle[0])
		err = try_config(look, &found);
	for (size_t i = 0; i < PK_ARRAY_SIZE(spaces) && !found && !err; i++) {
		if (spaces[i][0] &&
		    make_path(look->bundle, "%s%s/%s/%s", look->root, tasks, spaces[i], q->id))
			err = try_config(look, &found);
	}
	if (!found && !err &&
	    make_path(look->bundle, "%s/var/lib/%s/%s/userdata", look->root, stored, q->id))
		err = try_config(look, &found);
	if (!found && !err &&
	    make_path(look->bundle, "%s/run/%s/%s/userdata", look->root, stored, q->id))
		err = try_config(look, &found);
	if (!found)
		look->bundle[0] = '\0';
	return err;
}

/* ---- containers/storage ---- */

static int try_storage(struct look *look, const char *dir)
{
	static const char *const files[] = { "containers.json", "volatile-containers.json" };
	char path[PATH_MAX];

	for (size_t i = 0; i < PK_ARRAY_SIZE(files); i++) {
		int err = 0;
		pk_json_cleanup struct json_object *containers = NULL;

		if (!make_path(path, "%s/%s", dir, files[i]))
			continue;
		containers = read_json(path, &err);
		if (!err && containers)
			err = pk_source_storage(containers, look->question->id, look->draft);
		else if (!err)
			err = -ENOENT;
		if (err != -ENOENT)
			return err;
	}
	return -ENOENT;
}

/* The bundle is STORAGE/overlay-containers/ID/userdata, the list of all beside the id. */
static int try_storages(struct look *look)
{
	char dir[PATH_MAX];
	char *end;
	int err = -ENOENT;

	if (strstr(look->bundle, "/overlay-containers/")) {
		memcpy(dir, look->bundle, sizeof(dir));
		end = strstr(dir, "/overlay-containers/");
		end[strlen("/overlay-containers")] = '\0';
		err = try_storage(look, dir);
	}
	if (err == -ENOENT &&
	    make_path(dir, "%s/var/lib/containers/storage/overlay-containers", look->root))
		err = try_storage(look, dir);
	if (!err)
		look->found = true;
	return err == -ENOENT ? 0 : err;
}

/* Annotations of bundles in a user's session, and those that podman writes, are whatever the user says. */
static void check_pod(const struct pk_question *question, struct pk_container *container)
{
	if (question->uid || question->runtime == PK_RUNTIME_PODMAN ||
	    container->runtime == PK_RUNTIME_PODMAN)
		pk_container_forget_pod(container);
}

static bool is_stored(const struct pk_draft *draft)
{
	return draft->container.runtime == PK_RUNTIME_PODMAN ||
	       draft->container.runtime == PK_RUNTIME_CRIO;
}

int pk_disk_read_bundle(const char *root, const char *bundle, const struct pk_question *question,
			struct pk_draft *draft)
{
	struct look look = { .root = root, .question = question, .draft = draft };
	bool found;
	int err;

	if (!make_path(look.bundle, "%s%s", root, bundle))
		return -ENAMETOOLONG;
	err = try_config(&look, &found);
	if (!err && !found)
		return -ENOENT;
	if (!err && is_stored(draft))
		err = try_storages(&look);
	if (!err)
		check_pod(question, &draft->container);
	return err;
}

int pk_disk_read(const char *root, const struct pk_question *question, struct pk_draft *draft)
{
	struct look look = { .root = root, .question = question, .draft = draft };
	bool stored = is_stored(draft);
	int err = try_state(&look);

	err = err ?: try_bundles(&look);
	if (stored || is_stored(draft))
		err = err ?: try_storages(&look);
	if (err)
		return err;
	check_pod(question, &draft->container);
	return look.found ? 0 : -ENOENT;
}
