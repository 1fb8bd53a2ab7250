/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Tetragon hooks, and which events of ours are that: functions of the kernel, system calls, LSM hooks,
 * tracepoints. Facts about the kernel's functions and their arguments are from the kernel's sources.
 */
#ifndef PK_IMPORT_HOOKS_H
#define PK_IMPORT_HOOKS_H

#include <stdbool.h>
#include <stddef.h>

#include "plan/field.h"

#define PK_IMPORT_ARGS 6u

/* What an argument is, and so what its values are compared with. */
enum pk_import_arg_kind {
	PK_IMPORT_NONE = 0, /* the event does not have it */
	PK_IMPORT_TEXT,     /* text of `field` */
	PK_IMPORT_NUMBER,   /* number of `field` */
	PK_IMPORT_ID,       /* the same, a user or group: -1 leaves it as it is */
	PK_IMPORT_FLAGS,    /* bits, whose names in `field` are `symbols` */
	PK_IMPORT_NAMED,    /* a number whose name in `field` is in `symbols` */
	PK_IMPORT_CAPS,     /* capabilities by name, in `field` */
	PK_IMPORT_ACCESS,   /* MAY_READ, MAY_WRITE of an open */
	PK_IMPORT_PROT,     /* PROT_* of a mapping, asked of the open before it */
	PK_IMPORT_MAP,      /* MAP_*: shared, as `prot` */
	PK_IMPORT_SOCK,     /* both ends of a socket */
	PK_IMPORT_PEER,     /* an address that is the other end */
	PK_IMPORT_OWN,      /* an address that is this end */
	PK_IMPORT_READ,     /* what a file is read for (enum kernel_read_file_id) */
	PK_IMPORT_IGNORED,  /* nothing that anybody asks for: a descriptor, a pointer */
};

struct pk_import_arg {
	enum pk_import_arg_kind kind;
	const char *field;
	const struct pk_symbol *symbols;
};

/* How the events differ from what is hooked. */
#define PK_IMPORT_BROADER 1u  /* true of more */
#define PK_IMPORT_NARROWER 2u /* true of less */

struct pk_import_hook {
	const char *names;     /* blanks between and around; "sys:X" are system calls */
	const char *condition; /* NULL: there is no such event, and `note` says why */
	const char *note;      /* how it differs; may be NULL */
	unsigned int off;      /* PK_IMPORT_BROADER, _NARROWER */
	bool exec;             /* the process is the new program */
	struct pk_import_arg args[PK_IMPORT_ARGS]; /* by index in the function */
};

/* All of the table, for tests of it. */
const struct pk_import_hook *pk_import_hooks(size_t *ret_cnt);

/* A function as a kprobe names it; NULL: not known. */
const struct pk_import_hook *pk_import_hook_function(const char *name, size_t len);
/* A hook of the LSM by its name without "security_". */
const struct pk_import_hook *pk_import_hook_lsm(const char *name, size_t len);
/* A tracepoint; *ret_first is the index of what is the call's first argument. */
const struct pk_import_hook *pk_import_hook_tracepoint(const char *subsystem, const char *event,
						       unsigned int *ret_first);

#endif
