/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bodies of a test's events: "exec", "fork", "exit", "file", "network" of docs/events.md turned back
 * into what the kernel side would have written. In: YAML mappings. Out: fields of a record being built;
 * mistakes are diagnostics.
 */
#ifndef PK_CLI_TEST_BODY_H
#define PK_CLI_TEST_BODY_H

#include "cli/test_keys.h"

#define PK_TEST_MNT_NS 4026531841u /* the host's mount namespace in tests */

/* The image of an EXEC or PROC record, out of "exec" or of "process": the keys of an exec. */
void pk_test_image(struct pk_record *record, struct pk_keys *keys);

/* "file" of a record of the file family. */
void pk_test_file(struct pk_record *record, struct pk_keys *keys);

/* "network" of a record of the network family. */
void pk_test_network(struct pk_record *record, struct pk_keys *keys);

/* test_system.c: "mount" and the others of struct pk_sys_event. */
void pk_test_system(struct pk_record *record, struct pk_keys *keys);

enum pk_test_path {
	PK_TEST_PATH = 0, /* "path" and its marks */
	PK_TEST_NEW_PATH, /* "new_path" ... */
	PK_TEST_OLD_PATH,
};
void pk_test_path(struct pk_record *record, struct pk_keys *keys, enum pk_test_path which,
		  struct pk_path *path);
/* "inode", "dev" and the like; usual ones where the test has none. */
void pk_test_inode(struct pk_keys *keys, struct pk_inode *inode);

/* "exit" */
void pk_test_exit(struct pk_record *record, struct pk_keys *keys);

#endif
