// SPDX-License-Identifier: Apache-2.0
#include "base/cgroup_tree.h"

#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/cleanup.h"

#define PROC_TEXT_BYTES 16384

/* In the order in which they are preferred. */
static const char *const controllers[PK_CGROUP_CONTROLLER_MAX] = {
	[PK_CGROUP_PIDS] = "pids",
	[PK_CGROUP_MEMORY] = "memory",
	[PK_CGROUP_DEVICES] = "devices",
};

/* Does a list with commas of `len` bytes have the word? */
static bool has_word(const char *list, size_t len, const char *word)
{
	size_t word_len = strlen(word);

	while (len) {
		const char *comma = memchr(list, ',', len);
		size_t n = comma ? (size_t)(comma - list) : len;

		if (n == word_len && !memcmp(list, word, n))
			return true;
		n += comma ? 1 : 0;
		list += n;
		len -= n;
	}
	return false;
}

/* Lines are ID:CONTROLLERS:PATH; that of v2 is 0::PATH. 0: the controller is in no hierarchy of v1. */
static unsigned int id_of(const char *text, const char *controller)
{
	for (; text && *text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL) {
		char *colon;
		unsigned long id = strtoul(text, &colon, 10);
		const char *end = *colon == ':' ? strchr(colon + 1, ':') : NULL;

		if (!end || !id || id > UINT_MAX)
			continue;
		if (has_word(colon + 1, (size_t)(end - colon - 1), controller))
			return (unsigned int)id;
	}
	return 0;
}

/* How good a find is: the lower, the better; 0: it is none. */
static unsigned int rank(const struct mntent *entry, const char *proc_text,
			 struct pk_cgroup_tree *ret_tree)
{
	if (!strcmp(entry->mnt_type, "cgroup2")) {
		ret_tree->controller = PK_CGROUP_V2;
		ret_tree->id = 0;
		return PK_CGROUP_CONTROLLER_MAX;
	}
	if (strcmp(entry->mnt_type, "cgroup"))
		return 0;
	for (unsigned int i = PK_CGROUP_V2 + 1; i < PK_CGROUP_CONTROLLER_MAX; i++) {
		ret_tree->id = hasmntopt(entry, controllers[i]) ? id_of(proc_text, controllers[i]) :
								  0;
		ret_tree->controller = i;
		if (ret_tree->id)
			return i;
	}
	return 0;
}

int pk_cgroup_tree_pick(FILE *mounts, const char *proc_text, struct pk_cgroup_tree *ret_tree)
{
	unsigned int best = 0;
	char text[PATH_MAX * 2];
	struct mntent entry;

	while (getmntent_r(mounts, &entry, text, sizeof(text))) {
		struct pk_cgroup_tree tree = { 0 };
		unsigned int found = rank(&entry, proc_text, &tree);
		size_t len = strlen(entry.mnt_dir);

		if (!found || (best && found >= best) || len >= sizeof(tree.path))
			continue;
		memcpy(tree.path, entry.mnt_dir, len + 1);
		*ret_tree = tree;
		best = found;
	}
	return best ? 0 : -ENOENT;
}

int pk_cgroup_tree_find(struct pk_cgroup_tree *ret_tree)
{
	pk_cleanup(pk_fclose_p) FILE *mounts = setmntent("/proc/self/mounts", "re");
	pk_cleanup(pk_fclose_p) FILE *proc = NULL;
	char text[PROC_TEXT_BYTES];
	struct statfs fs;
	int err;

	if (!mounts)
		return -errno;
	proc = fopen("/proc/self/cgroup", "re");
	if (!proc)
		return -errno;
	text[fread(text, 1, sizeof(text) - 1, proc)] = '\0';
	err = pk_cgroup_tree_pick(mounts, text, ret_tree);
	if (err)
		return err;
	if (statfs(ret_tree->path, &fs))
		return -errno;
	/* something else may be mounted over it */
	if (fs.f_type != (ret_tree->id ? CGROUP_SUPER_MAGIC : CGROUP2_SUPER_MAGIC))
		return -ENOENT;
	return 0;
}

char *pk_cgroup_tree_parse_proc(const struct pk_cgroup_tree *tree, char *text)
{
	char *line = text;

	while (line && *line) {
		char *next = strchr(line, '\n'), *colon, *path;

		if (next)
			*next++ = '\0';
		if (strtoul(line, &colon, 10) == tree->id && colon != line && *colon == ':') {
			path = strchr(colon + 1, ':');
			return path && path[1] == '/' ? path + 1 : NULL;
		}
		line = next;
	}
	return NULL;
}
