// SPDX-License-Identifier: Apache-2.0
/*
 * Programs are written and thrown away. Those of points where less is decided are smaller.
 */
#include "cli/rules_fit.h"

#include "emit/emit.h"

int pk_rules_fit(const struct pk_plan *plan, uint32_t *reterr_kind)
{
	static const struct pk_emit_env env = { .progs_fd = 0, .finish_slot = PK_SLOT_FINISH };

	for (uint32_t kind = 0; kind < PK_KINDS; kind++) {
		struct pk_code code;
		int err;

		if (!plan->circuits[kind].cnt)
			continue;
		err = pk_emit(plan, kind, &env, &code);
		if (err) {
			*reterr_kind = kind;
			return err;
		}
		pk_code_fini(&code);
	}
	return 0;
}
