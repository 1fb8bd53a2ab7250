// SPDX-License-Identifier: Apache-2.0
/*
 * The table of struct pk_sys_event's kinds.
 */
#include "stream/system.h"

#include "base/cleanup.h"
#include "plan/field_symbols.h"

#define MOUNT "mount"

#define NUMBER(n)                                  \
	{                                          \
		(n), PK_SYSTEM_NUMBER, false, NULL \
	}
#define BITS(n, names)                                        \
	{                                                     \
		(n), PK_SYSTEM_BITS, true, pk_symbols_##names \
	}
#define SYMBOL(n, names)                                         \
	{                                                        \
		(n), PK_SYSTEM_SYMBOL, false, pk_symbols_##names \
	}
#define IF_SET(n, f)                           \
	{                                      \
		(n), PK_SYSTEM_##f, true, NULL \
	}

static const struct pk_system_shape shapes[] = {
	[PK_EVENT_DO_MOUNT - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .has_path = true, .text = "fs_type", .text2 = "source",
		.args = { BITS("flags", mount_flags) },
	},
	[PK_EVENT_UMOUNT - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .has_path = true, .args = { BITS("flags", umount_flags) },
	},
	[PK_EVENT_MOVE_MOUNT - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .has_path = true, .path2 = "new_",
		.args = { BITS("flags", move_flags) },
	},
	[PK_EVENT_OPEN_TREE - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .has_path = true, .args = { BITS("flags", tree_flags) },
	},
	[PK_EVENT_FSMOUNT - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .text = "fs_type",
		.args = { BITS("flags", fsmount_flags), BITS("attributes", mount_attrs) },
	},
	[PK_EVENT_FSCONFIG - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .text = "key", .text2 = "value",
		.args = { SYMBOL("command", fsconfig_cmds), IF_SET("aux", S32) },
	},
	[PK_EVENT_MOUNT_SETATTR - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .has_path = true,
		.args = { BITS("flags", at_flags), BITS("attributes", mount_attrs),
			  BITS("cleared", mount_attrs) },
	},
	[PK_EVENT_PIVOT_ROOT - PK_EVENT_DO_MOUNT] = {
		.object = MOUNT, .has_path = true, .path2 = "old_",
	},
	[PK_EVENT_CHROOT - PK_EVENT_DO_MOUNT] = { .object = MOUNT, .has_path = true },
};

static_assert(PK_ARRAY_SIZE(shapes) == PK_EVENT_SENSOR_MAX - PK_EVENT_DO_MOUNT, "a shape a kind");

const struct pk_system_shape *pk_system_shape(__u32 kind)
{
	if (kind < PK_EVENT_DO_MOUNT || kind - PK_EVENT_DO_MOUNT >= PK_ARRAY_SIZE(shapes))
		return NULL;
	return &shapes[kind - PK_EVENT_DO_MOUNT];
}

const char *pk_system_object(unsigned int idx)
{
	static const char *const objects[] = { MOUNT };

	return idx < PK_ARRAY_SIZE(objects) ? objects[idx] : NULL;
}
