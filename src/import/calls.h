/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of a policy: several calls behind one hook.
 */
#ifndef PK_IMPORT_CALLS_H
#define PK_IMPORT_CALLS_H

#include "import/filter.h"

/* Several hooks as one. */
struct pk_import_calls {
	struct pk_import_hook hook;
	struct pk_import_filter
		filter; /* condition: any of the calls; lost: those without an event */
};

void pk_import_calls_fini(struct pk_import_calls *calls);
#define pk_import_calls_cleanup pk_cleanup(pk_import_calls_fini)

/* `name` ("list:NAME") in `lists` (spec.lists). False: filter.lost has the reason. */
bool pk_import_calls_read(struct pk_import_calls *calls, const struct pk_yaml_node *lists,
			  const struct pk_yaml_node *name);

/* The list that the only filter of arguments of these selectors asks for; NULL: it is not so simple. */
const struct pk_yaml_node *pk_import_calls_asked(const struct pk_yaml_node *selectors);

#endif
