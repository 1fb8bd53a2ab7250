// SPDX-License-Identifier: Apache-2.0
/*
 * A ring buffer of its own for the notes, since they are no records: a recording does not have them.
 */
#include "kernel/cgroups.h"

#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cgroup_tree.h"

struct pk_cgroups {
	struct ring_buffer *ring;
	struct pk_state *state;
	pk_cgroups_fn *fn;
	void *arg;
	__u32 lost_cnt; /* as of the last look */
	int err;
};

void pk_cgroups_free(struct pk_cgroups *cgroups)
{
	if (!cgroups)
		return;
	ring_buffer__free(cgroups->ring);
	free(cgroups);
}

static int on_note(void *ctx, void *data, size_t len)
{
	struct pk_cgroups *cgroups = ctx;
	struct pk_cgroup_note note;

	if (len < sizeof(note))
		return 0;
	memcpy(&note, data, sizeof(note));
	note.path[PK_CGROUP_PATH_BYTES - 1] = '\0';
	if (note.path_bytes >= PK_CGROUP_PATH_BYTES)
		return 0;
	cgroups->err = cgroups->fn(cgroups->arg, &note);
	return cgroups->err;
}

int pk_cgroups_new(const struct pk_sensors *sensors, pk_cgroups_fn *fn, void *arg,
		   struct pk_cgroups **ret_cgroups)
{
	pk_cleanup(pk_cgroups_free_p) struct pk_cgroups *cgroups = calloc(1, sizeof(*cgroups));
	int fd = bpf_object__find_map_fd_by_name(pk_sensors_get_object(sensors), "pk_cgroup_ring");

	if (!cgroups)
		return -ENOMEM;
	cgroups->state = pk_sensors_get_state(sensors);
	cgroups->fn = fn;
	cgroups->arg = arg;
	cgroups->ring = ring_buffer__new(fd, on_note, cgroups, NULL);
	if (!cgroups->ring)
		return -errno;
	*ret_cgroups = pk_take_ptr(cgroups);
	return 0;
}

int pk_cgroups_get_fd(const struct pk_cgroups *cgroups)
{
	return ring_buffer__epoll_fd(cgroups->ring);
}

/* ---- all that there are ---- */

struct walk {
	const struct pk_cgroups *cgroups;
	struct pk_cgroup_note note;
	char path[PATH_MAX];
};

static int tell(struct walk *walk, size_t len, __u64 cgroup_id, __u64 parent_id)
{
	struct pk_cgroup_note *note = &walk->note;

	*note = (struct pk_cgroup_note){ .cgroup_id = cgroup_id,
					 .parent_id = parent_id,
					 .what = PK_CGROUP_MADE };
	if (len < sizeof(note->path)) {
		memcpy(note->path, walk->path, len);
		note->path_bytes = (__u32)len;
	}
	return walk->cgroups->fn(walk->cgroups->arg, note);
}

static int walk_dir(struct walk *walk, int dir_fd, size_t len, __u64 id, unsigned int depth);

/* A cgroup that goes away meanwhile is passed over. */
static int walk_child(struct walk *walk, int dir_fd, const char *name, size_t len, __u64 parent_id,
		      unsigned int depth)
{
	size_t name_len = strlen(name);
	struct stat st;
	int fd, err;

	if (len + 1 + name_len >= sizeof(walk->path))
		return 0;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT || errno == ENODEV || errno == EACCES ? 0 : -errno;
	if (fstat(fd, &st)) {
		close(fd);
		return 0;
	}
	walk->path[len] = '/';
	memcpy(walk->path + len + 1, name, name_len + 1);
	len += 1 + name_len;
	err = tell(walk, len, st.st_ino, parent_id);
	if (err) {
		close(fd);
		return err;
	}
	return walk_dir(walk, fd, len, st.st_ino, depth);
}

/* Takes dir_fd over. */
static int walk_dir(struct walk *walk, int dir_fd, size_t len, __u64 id, unsigned int depth)
{
	DIR *dir = fdopendir(dir_fd);
	struct dirent *entry;
	int err = 0;

	if (!dir) {
		err = -errno;
		close(dir_fd);
		return err;
	}
	while (!err && depth < PK_MAX_CGROUP_DEPTH && (entry = readdir(dir)) != NULL) {
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") &&
		    strcmp(entry->d_name, ".."))
			err = walk_child(walk, dirfd(dir), entry->d_name, len, id, depth + 1);
	}
	closedir(dir);
	return err;
}

int pk_cgroups_walk(const struct pk_cgroups *cgroups)
{
	pk_cleanup(pk_free_p) struct walk *walk = calloc(1, sizeof(*walk));
	struct pk_cgroup_tree tree;
	struct stat st;
	int fd, err;

	if (!walk)
		return -ENOMEM;
	if (pk_cgroup_tree_find(&tree))
		return -ENOENT;
	fd = open(tree.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		err = -errno;
		pk_close_p(&fd);
		return err;
	}
	walk->cgroups = cgroups;
	walk->path[0] = '/';
	err = tell(walk, 1, st.st_ino, 0);
	if (err) {
		close(fd);
		return err;
	}
	return walk_dir(walk, fd, 0, st.st_ino, 0);
}

int pk_cgroups_read(struct pk_cgroups *cgroups)
{
	__u32 lost_cnt;
	int cnt;

	cgroups->err = 0;
	cnt = ring_buffer__consume(cgroups->ring);
	if (cgroups->err)
		return cgroups->err;
	if (cnt < 0)
		return cnt;
	/* what gets lost from here on leaves notes behind that wait, and will be seen with those */
	lost_cnt = __atomic_load_n(&cgroups->state->cgroup_lost_cnt, __ATOMIC_RELAXED);
	if (lost_cnt == cgroups->lost_cnt)
		return 0;
	cgroups->lost_cnt = lost_cnt;
	return pk_cgroups_walk(cgroups);
}

__u64 pk_cgroups_get_lost_cnt(const struct pk_cgroups *cgroups)
{
	return cgroups->lost_cnt;
}
