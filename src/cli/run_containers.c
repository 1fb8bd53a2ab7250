// SPDX-License-Identifier: Apache-2.0
/*
 * The host's children are asked about as soon as they are made. What is made inside of a container is the
 * container's at once, but may be another container nested in it: it is asked about too.
 */
#include "cli/run_containers.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "kernel/cgroups.h"
#include "meta/cgroup_fs.h"
#include "meta/container_value.h"

#define VALUE_BYTES_MAX (1u << 20) /* of texts put together while one container is evaluated */

/* What is known of a container: a copy. */
struct told {
	struct pk_container container;
	struct pk_arena arena;
	_Alignas(8) char record[]; /* what the container's texts point into */
};

struct pk_run_containers {
	struct pk_bank_containers *bank;
	struct pk_cgroups *cgroups;
	struct pk_live *live;
	struct pk_cgroup_fs *fs; /* NULL: there are none */
	struct told *host;
	struct pk_record record;
	bool said_full, said_failed;
};

static int get_value(void *arg, const struct pk_field *field, const char *field_arg,
		     struct pk_value *ret_value)
{
	struct told *told = arg;

	return pk_container_value(&told->container, field, field_arg, 0, &told->arena, ret_value);
}

static void evaluated(void *arg)
{
	struct told *told = arg;

	pk_arena_fini(&told->arena);
}

static void release(void *arg)
{
	struct told *told = arg;

	pk_arena_fini(&told->arena);
	free(told);
}

static struct told *told_new(struct pk_record *record, const struct pk_container *container)
{
	size_t bytes = pk_container_to_record(container, 0, (struct pk_text){ 0 }, record);
	struct told *told = calloc(1, sizeof(*told) + bytes);

	if (!told)
		return NULL;
	memcpy(told->record, record->u.bytes, bytes);
	pk_container_from_record((const struct pk_container_event *)told->record, &told->container);
	told->arena = PK_ARENA_INIT(VALUE_BYTES_MAX);
	return told;
}

int pk_run_containers_new(struct pk_run_containers **ret_containers)
{
	pk_cleanup(pk_run_containers_free_p) struct pk_run_containers *containers =
		calloc(1, sizeof(*containers));
	struct pk_bank_containers_options options = { .get = get_value,
						      .evaluated = evaluated,
						      .release = release };
	int err;

	if (!containers)
		return -ENOMEM;
	containers->host = told_new(&containers->record, &pk_container_host);
	if (!containers->host)
		return -ENOMEM;
	options.host = containers->host;
	err = pk_bank_containers_new(&options, &containers->bank);
	if (err)
		return err;
	*ret_containers = pk_take_ptr(containers);
	return 0;
}

void pk_run_containers_free(struct pk_run_containers *containers)
{
	if (!containers)
		return;
	pk_cgroups_free(containers->cgroups);
	pk_cgroup_fs_free(containers->fs);
	pk_bank_containers_free(containers->bank);
	if (containers->host)
		release(containers->host);
	free(containers);
}

struct pk_bank_containers *pk_run_containers_get_bank(const struct pk_run_containers *containers)
{
	return containers->bank;
}

/* ---- what is known ---- */

static void say(struct pk_run_containers *containers, int err)
{
	bool *said = err == -ENOSPC ? &containers->said_full : &containers->said_failed;

	if (*said)
		return;
	*said = true;
	if (err == -ENOSPC)
		pk_warning("rules: more than %u cgroups: of the others containers stay unknown to "
			   "the rules",
			   PK_MAX_CONTAINER_CGROUPS);
	else
		pk_warning("rules: a container stays unknown to them: %s", strerror(-err));
}

/* Ids are not used again. */
static bool is_gone(void *arg, __u64 cgroup_id)
{
	const struct pk_run_containers *containers = arg;
	char path[PATH_MAX];

	return containers->fs &&
	       pk_cgroup_fs_path(containers->fs, cgroup_id, path, sizeof(path)) == -ESTALE;
}

void pk_run_containers_tell(void *arg, __u64 cgroup_id, const struct pk_container *container)
{
	struct pk_run_containers *containers = arg;
	struct told *told;
	int err;

	if (!cgroup_id || container->state == PK_CONTAINER_UNKNOWN)
		return;
	/* who was asked may answer long after the cgroup was removed, and nobody would remove it again */
	if (!pk_bank_containers_has(containers->bank, cgroup_id) && is_gone(containers, cgroup_id))
		return;
	if (!pk_container_is_one(container)) {
		err = pk_bank_containers_set_host(containers->bank, cgroup_id);
	} else {
		told = told_new(&containers->record, container);
		err = told ? pk_bank_containers_set(containers->bank, cgroup_id,
						    pk_container_key(container), told) :
			     -ENOMEM;
	}
	if (err)
		say(containers, err);
}

/* ---- cgroups ---- */

static int on_note(void *arg, const struct pk_cgroup_note *note)
{
	struct pk_run_containers *containers = arg;
	const struct pk_text path = { note->path, note->path_bytes };
	int known;

	if (note->what == PK_CGROUP_REMOVED) {
		pk_bank_containers_forget(containers->bank, note->cgroup_id);
		return 0;
	}
	known = pk_bank_containers_made(containers->bank, note->cgroup_id, note->parent_id,
					note->flags & PK_CGROUP_INHERITED);
	if (known < 0)
		say(containers, known);
	return pk_live_cgroup(containers->live, note->cgroup_id, path);
}

int pk_run_containers_start(struct pk_run_containers *containers, const struct pk_sensors *sensors,
			    struct pk_live *live)
{
	int err = pk_cgroups_new(sensors, on_note, containers, &containers->cgroups);

	containers->live = live;
	if (err)
		return err;
	err = pk_cgroup_fs_new(&containers->fs);
	if (err == -ENOMEM)
		return err;
	err = pk_cgroups_walk(containers->cgroups);
	return err == -ENOENT ? 0 : err;
}

int pk_run_containers_get_fd(const struct pk_run_containers *containers)
{
	return pk_cgroups_get_fd(containers->cgroups);
}

/* Notes were lost. What is not known of those that were made has been told by now; those that were removed are still
 * there, and would be for good. */
static void sweep(struct pk_run_containers *containers)
{
	int cnt = pk_bank_containers_sweep(containers->bank, is_gone, containers);

	if (cnt < 0)
		say(containers, cnt);
}

int pk_run_containers_read(struct pk_run_containers *containers)
{
	__u64 lost_cnt = pk_cgroups_get_lost_cnt(containers->cgroups);
	int err = pk_cgroups_read(containers->cgroups);

	if (pk_cgroups_get_lost_cnt(containers->cgroups) != lost_cnt)
		sweep(containers);
	return err;
}
