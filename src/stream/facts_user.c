// SPDX-License-Identifier: Apache-2.0
/*
 * Names of users and groups, from the host's databases. What was found is remembered for a minute, so
 * that an event costs no look-up.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "stream/facts_internal.h"

#define SLOTS 256u
#define KEEP_S 60
#define LOOKUP_BYTES 16384u
#define NOBODY "<NA>"

struct entry {
	char *texts; /* three of them, each ended by a NUL; NULL: free slot */
	uint32_t id;
	time_t until;
};

struct pk_users {
	struct entry users[SLOTS];
	struct entry groups[SLOTS];
	char lookup[LOOKUP_BYTES];
};

int pk_users_new(struct pk_users **ret_users)
{
	struct pk_users *users = calloc(1, sizeof(*users));

	if (!users)
		return -ENOMEM;
	*ret_users = users;
	return 0;
}

void pk_users_free(struct pk_users *users)
{
	if (!users)
		return;
	for (size_t i = 0; i < SLOTS; i++) {
		free(users->users[i].texts);
		free(users->groups[i].texts);
	}
	free(users);
}

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec;
}

static bool fresh(const struct entry *entry, uint32_t id)
{
	return entry->texts && entry->id == id && now_s() < entry->until;
}

static int remember(struct entry *entry, uint32_t id, const char *a, const char *b, const char *c)
{
	size_t len_a = strlen(a) + 1;
	size_t len_b = strlen(b) + 1;
	size_t len_c = strlen(c) + 1;
	char *texts = malloc(len_a + len_b + len_c);

	if (!texts)
		return -ENOMEM;
	memcpy(texts, a, len_a);
	memcpy(texts + len_a, b, len_b);
	memcpy(texts + len_a + len_b, c, len_c);
	free(entry->texts);
	*entry = (struct entry){ texts, id, now_s() + KEEP_S };
	return 0;
}

int pk_users_get(struct pk_users *users, uint32_t uid, struct pk_user *ret_user)
{
	struct entry *entry = &users->users[uid % SLOTS];
	struct passwd *found = NULL;
	struct passwd passwd;
	int err;

	if (!fresh(entry, uid)) {
		if (uid != UINT32_MAX)
			getpwuid_r(uid, &passwd, users->lookup, sizeof(users->lookup), &found);
		err = remember(entry, uid, found ? found->pw_name : NOBODY,
			       found ? found->pw_dir : NOBODY, found ? found->pw_shell : NOBODY);
		if (err)
			return err;
	}
	ret_user->name = entry->texts;
	ret_user->home = ret_user->name + strlen(ret_user->name) + 1;
	ret_user->shell = ret_user->home + strlen(ret_user->home) + 1;
	return 0;
}

int pk_users_get_group(struct pk_users *users, uint32_t gid, const char **ret_name)
{
	struct entry *entry = &users->groups[gid % SLOTS];
	struct group *found = NULL;
	struct group group;
	int err;

	if (!fresh(entry, gid)) {
		if (gid != UINT32_MAX)
			getgrgid_r(gid, &group, users->lookup, sizeof(users->lookup), &found);
		err = remember(entry, gid, found ? found->gr_name : NOBODY, "", "");
		if (err)
			return err;
	}
	*ret_name = entry->texts;
	return 0;
}
