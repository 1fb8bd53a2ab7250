/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of struct pk_sys_event's kinds, by their table: whole ones, ones with every mark and flag, in
 * another mount namespace, and ones with nothing.
 */
#include <string.h>

#include "samples.h"
#include "stream/system.h"

static __u64 all_of(const struct pk_system_arg *arg)
{
	__u64 number = 0;

	if (arg->form != PK_SYSTEM_BITS)
		return arg->symbols ? arg->symbols[0].value : ~0ull;
	for (const struct pk_symbol *symbol = arg->symbols; symbol->name; symbol++)
		number |= symbol->value;
	return number | 1ull << 40; /* which has no name */
}

static void fill_args(struct pk_sys_event *sys, const struct pk_system_shape *shape,
		      enum sample_system which)
{
	for (unsigned int i = 0; i < PK_SYS_ARGS; i++) {
		const struct pk_system_arg *arg = &shape->args[i];

		if (!arg->name)
			continue;
		if (which == SAMPLE_SYSTEM_MARKED)
			sys->arg[i] = all_of(arg);
		else
			sys->arg[i] = arg->symbols ? arg->symbols[0].value : 7 + i;
	}
}

void sample_system(struct pk_record *record, __u32 kind, enum sample_system which)
{
	const struct pk_system_shape *shape = pk_system_shape(kind);
	struct pk_sys_event *sys = &record->u.sys;

	sample_init(record, kind, which == SAMPLE_SYSTEM_BOX ? 1300 : 1200);
	if (which == SAMPLE_SYSTEM_BOX) {
		sys->head.mnt_ns = SAMPLE_BOX_MNT_NS;
		sys->head.ns_pid = 1;
		sys->head.cgroup_id = SAMPLE_BOX_CGROUP;
	}
	if (which == SAMPLE_SYSTEM_BARE)
		return;
	if (shape->has_path) {
		sample_path(record, &sys->path, "/mnt/data");
		sys->inode = (struct pk_inode){ .ino = 77, .dev = SAMPLE_DEV_ROOT, .nlink = 1 };
	}
	if (shape->path2)
		sample_path(record, &sys->path2, "/mnt/other");
	if (shape->text)
		sample_str(record, &sys->text, "tmpfs");
	if (shape->text2)
		sample_str(record, &sys->text2, "no \"ne\"");
	if (shape->has_target) {
		sys->target_pid = 300;
		sys->target_exec_id = sample_exec_id(300, 3000000001);
		sys->target_cgroup_id = 4712;
		memcpy(sys->target_comm, "sshd", 5);
	}
	fill_args(sys, shape, which);
	if (which == SAMPLE_SYSTEM_MARKED) {
		sys->path.flags = shape->has_path ? 0x7f & ~PK_PATH_HOST_NS : 0;
		sys->path2.flags = shape->path2 ? 0x7f & ~PK_PATH_HOST_NS : 0;
		sys->head.flags = PK_FLAG_COMPAT | PK_FLAG_IO_URING | PK_FLAG_FACTS_LOST;
	} else if (which == SAMPLE_SYSTEM_BOX) {
		sys->path.flags = sys->path2.flags = 0;
		sys->inode.dev = SAMPLE_DEV_BOX;
		sys->sys_flags = PK_SYS_ARG_UNKNOWN(1) | PK_SYS_TEXT2_UNKNOWN;
		sys->text2 = (struct pk_str){ 0 };
	}
}
