// SPDX-License-Identifier: Apache-2.0
/*
 * Changes of rule files, by inotify.
 */
#include "cli/rules_watch.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* Written and closed, put there, taken away. Links too: a ConfigMap changes by one (..data). */
#define CHANGES (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE)

struct watched {
	int wd;
	char *name; /* of the file in its directory; NULL: all of the directory */
};

struct pk_rules_watch {
	int fd;
	struct watched *items;
	size_t cnt;
};

static int add(struct pk_rules_watch *watch, const char *path)
{
	struct watched *item = &watch->items[watch->cnt];
	char dir[PATH_MAX], file[PATH_MAX];
	const char *where = path;
	struct stat st;

	item->name = NULL;
	if (strlen(path) >= sizeof(dir))
		return -ENAMETOOLONG;
	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		memcpy(dir, path, strlen(path) + 1);
		memcpy(file, path, strlen(path) + 1);
		where = dirname(dir);
		item->name = strdup(basename(file));
		if (!item->name)
			return -ENOMEM;
	}
	item->wd = inotify_add_watch(watch->fd, where, CHANGES);
	if (item->wd < 0) {
		int err = -errno;

		free(item->name);
		return err;
	}
	watch->cnt++;
	return 0;
}

int pk_rules_watch_new(const char *const *paths, size_t cnt, struct pk_rules_watch **ret_watch)
{
	pk_cleanup(pk_rules_watch_free_p) struct pk_rules_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return -ENOMEM;
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	watch->items = calloc(cnt + 1, sizeof(*watch->items));
	if (!watch->items)
		return -ENOMEM;
	for (size_t i = 0; i < cnt; i++) {
		int err = watch->fd < 0 ? -EMFILE : add(watch, paths[i]);

		if (err == -ENOMEM)
			return err;
		if (err)
			pk_warning("rules: cannot watch '%s': %s; send SIGHUP after changes",
				   paths[i], strerror(-err));
	}
	*ret_watch = pk_take_ptr(watch);
	return 0;
}

void pk_rules_watch_free(struct pk_rules_watch *watch)
{
	if (!watch)
		return;
	for (size_t i = 0; i < watch->cnt; i++)
		free(watch->items[i].name);
	free(watch->items);
	pk_close_p(&watch->fd);
	free(watch);
}

int pk_rules_watch_get_fd(const struct pk_rules_watch *watch)
{
	return watch->fd;
}

static bool is_rule_file(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml"));
}

static bool concerns(const struct pk_rules_watch *watch, const struct inotify_event *event)
{
	/* a ConfigMap's link, on which all of its files hang */
	bool data_link = event->len && !strcmp(event->name, "..data");

	if (event->mask & IN_Q_OVERFLOW)
		return true;
	if (!event->len)
		return false;
	for (size_t i = 0; i < watch->cnt; i++) {
		const struct watched *item = &watch->items[i];

		if (item->wd != event->wd)
			continue;
		if (data_link ||
		    (item->name ? !strcmp(item->name, event->name) : is_rule_file(event->name)))
			return true;
	}
	return false;
}

bool pk_rules_watch_changed(struct pk_rules_watch *watch)
{
	char buf[16384] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool changed = false;
	ssize_t n;

	while ((n = read(watch->fd, buf, sizeof(buf))) > 0) {
		for (char *p = buf; p < buf + n;) {
			const struct inotify_event *event = (const struct inotify_event *)p;

			if (concerns(watch, event))
				changed = true;
			p += sizeof(*event) + event->len;
		}
	}
	return changed;
}
