/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory that stands for the root of a machine with containers.
 */
#ifndef PK_TESTS_ROOTED_H
#define PK_TESTS_ROOTED_H

#include <stdio.h>
#include <sys/stat.h>

#include "test.h"

static char root[64];

static inline void path_of(char path[256], const char *name)
{
	snprintf(path, 256, "%s%s", root, name);
}

static inline void make_dirs(const char *name)
{
	char path[256];

	path_of(path, name);
	for (char *p = path + strlen(root) + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
}

static inline void write_file(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	make_dirs(name);
	path_of(path, name);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static inline int setup(void **state)
{
	snprintf(root, sizeof(root), "/tmp/picket-test-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static inline int teardown(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r '%s'", root);
	return system(command);
}

#endif
