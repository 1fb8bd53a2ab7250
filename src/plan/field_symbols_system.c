// SPDX-License-Identifier: Apache-2.0
/*
 * Names of numbers in conditions and in output: mounts, privileges, the kernel, memory. By number and not by
 * the headers' macros: those of the build may be older than the kernel it runs on.
 */
#include "plan/field_symbols.h"

#define END                  \
	{                    \
		.name = NULL \
	}

const struct pk_symbol pk_symbols_mount_flags[] = {
	{ "RDONLY", 1, 0 },
	{ "NOSUID", 2, 0 },
	{ "NODEV", 4, 0 },
	{ "NOEXEC", 8, 0 },
	{ "SYNCHRONOUS", 16, 0 },
	{ "REMOUNT", 32, 0 },
	{ "MANDLOCK", 64, 0 },
	{ "DIRSYNC", 128, 0 },
	{ "NOSYMFOLLOW", 256, 0 },
	{ "NOATIME", 1024, 0 },
	{ "NODIRATIME", 2048, 0 },
	{ "BIND", 4096, 0 },
	{ "MOVE", 8192, 0 },
	{ "REC", 16384, 0 },
	{ "SILENT", 32768, 0 },
	{ "POSIXACL", 1 << 16, 0 },
	{ "UNBINDABLE", 1 << 17, 0 },
	{ "PRIVATE", 1 << 18, 0 },
	{ "SLAVE", 1 << 19, 0 },
	{ "SHARED", 1 << 20, 0 },
	{ "RELATIME", 1 << 21, 0 },
	{ "KERNMOUNT", 1 << 22, 0 },
	{ "I_VERSION", 1 << 23, 0 },
	{ "STRICTATIME", 1 << 24, 0 },
	{ "LAZYTIME", 1 << 25, 0 },
	END,
};

const struct pk_symbol pk_symbols_umount_flags[] = {
	{ "FORCE", 1, 0 }, { "DETACH", 2, 0 }, { "EXPIRE", 4, 0 }, { "NOFOLLOW", 8, 0 }, END,
};

const struct pk_symbol pk_symbols_move_flags[] = {
	{ "MOVE_MOUNT_F_SYMLINKS", 1, 0 },
	{ "MOVE_MOUNT_F_AUTOMOUNTS", 2, 0 },
	{ "MOVE_MOUNT_F_EMPTY_PATH", 4, 0 },
	{ "MOVE_MOUNT_T_SYMLINKS", 0x10, 0 },
	{ "MOVE_MOUNT_T_AUTOMOUNTS", 0x20, 0 },
	{ "MOVE_MOUNT_T_EMPTY_PATH", 0x40, 0 },
	{ "MOVE_MOUNT_SET_GROUP", 0x100, 0 },
	{ "MOVE_MOUNT_BENEATH", 0x200, 0 },
	END,
};

#define AT_SYMBOLS                                                            \
	{ "AT_SYMLINK_NOFOLLOW", 0x100, 0 }, { "AT_NO_AUTOMOUNT", 0x800, 0 }, \
		{ "AT_EMPTY_PATH", 0x1000, 0 },                               \
	{                                                                     \
		"AT_RECURSIVE", 0x8000, 0                                     \
	}

const struct pk_symbol pk_symbols_at_flags[] = { AT_SYMBOLS, END };
const struct pk_symbol pk_symbols_tree_flags[] = {
	{ "OPEN_TREE_CLONE", 1, 0 },
	{ "OPEN_TREE_CLOEXEC", 02000000, 0 },
	AT_SYMBOLS,
	END,
};

const struct pk_symbol pk_symbols_fsmount_flags[] = { { "FSMOUNT_CLOEXEC", 1, 0 }, END };

/* The times of access are a number of three bits. */
const struct pk_symbol pk_symbols_mount_attrs[] = {
	{ "MOUNT_ATTR_RDONLY", 1, 0 },
	{ "MOUNT_ATTR_NOSUID", 2, 0 },
	{ "MOUNT_ATTR_NODEV", 4, 0 },
	{ "MOUNT_ATTR_NOEXEC", 8, 0 },
	{ "MOUNT_ATTR_NOATIME", 0x10, 0x70 },
	{ "MOUNT_ATTR_STRICTATIME", 0x20, 0x70 },
	{ "MOUNT_ATTR_NODIRATIME", 0x80, 0 },
	{ "MOUNT_ATTR_IDMAP", 0x100000, 0 },
	{ "MOUNT_ATTR_NOSYMFOLLOW", 0x200000, 0 },
	END,
};

const struct pk_symbol pk_symbols_fsconfig_cmds[] = {
	{ "FSCONFIG_SET_FLAG", 0, 0 },        { "FSCONFIG_SET_STRING", 1, 0 },
	{ "FSCONFIG_SET_BINARY", 2, 0 },      { "FSCONFIG_SET_PATH", 3, 0 },
	{ "FSCONFIG_SET_PATH_EMPTY", 4, 0 },  { "FSCONFIG_SET_FD", 5, 0 },
	{ "FSCONFIG_CMD_CREATE", 6, 0 },      { "FSCONFIG_CMD_RECONFIGURE", 7, 0 },
	{ "FSCONFIG_CMD_CREATE_EXCL", 8, 0 }, END,
};
