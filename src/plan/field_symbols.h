/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of numbers in conditions, as Falco writes them. All lists end with a NULL name.
 */
#ifndef PK_PLAN_FIELD_SYMBOLS_H
#define PK_PLAN_FIELD_SYMBOLS_H

#include "plan/field.h"

extern const struct pk_symbol pk_symbols_open_flags[];
extern const struct pk_symbol pk_symbols_rename_flags[];
extern const struct pk_symbol pk_symbols_mode[];           /* permission bits: S_ISUID ... */
extern const struct pk_symbol pk_symbols_caps[];           /* by 1 << capability number */
extern const struct pk_symbol pk_symbols_file_types[];     /* S_IFMT: "file", "directory" */
extern const struct pk_symbol pk_symbols_file_typechars[]; /* S_IFMT: "f", "d" */
extern const struct pk_symbol pk_symbols_sock_types[];     /* AF_*: "ipv4", "ipv6", "unix" */
extern const struct pk_symbol pk_symbols_sock_typechars[]; /* AF_*: "4", "6", "u" */
extern const struct pk_symbol pk_symbols_sock_families[];  /* AF_*: "ip", "unix" */
extern const struct pk_symbol pk_symbols_l4protos[];       /* IPPROTO_*: "tcp", "udp", ... */
extern const struct pk_symbol pk_symbols_reading[];        /* access modes that read */
extern const struct pk_symbol pk_symbols_memory[];  /* PK_NUM_DEVICE: all of memory, or all ports */
extern const struct pk_symbol pk_symbols_block[];   /* type of a file: a block device */
extern const struct pk_symbol pk_symbols_writing[]; /* access modes that write */

/* field_symbols_system.c: of struct pk_sys_event's kinds */
extern const struct pk_symbol pk_symbols_mount_flags[];   /* MS_*, without MS_ */
extern const struct pk_symbol pk_symbols_umount_flags[];  /* MNT_*, UMOUNT_*, without prefix */
extern const struct pk_symbol pk_symbols_move_flags[];    /* MOVE_MOUNT_* */
extern const struct pk_symbol pk_symbols_tree_flags[];    /* OPEN_TREE_*, AT_* */
extern const struct pk_symbol pk_symbols_fsmount_flags[]; /* FSMOUNT_* */
extern const struct pk_symbol pk_symbols_mount_attrs[];   /* MOUNT_ATTR_* */
extern const struct pk_symbol pk_symbols_fsconfig_cmds[]; /* FSCONFIG_* */
extern const struct pk_symbol pk_symbols_at_flags[];      /* AT_* */
extern const struct pk_symbol pk_symbols_clone_flags[];   /* CLONE_* */
extern const struct pk_symbol pk_symbols_ptrace_requests[];
extern const struct pk_symbol pk_symbols_ptrace_operations[]; /* PK_PTRACE_* */
extern const struct pk_symbol pk_symbols_signals[];
extern const struct pk_symbol pk_symbols_keyctl_operations[];
extern const struct pk_symbol pk_symbols_prctl_options[];
extern const struct pk_symbol pk_symbols_seccomp_modes[];
extern const struct pk_symbol pk_symbols_seccomp_flags[];
extern const struct pk_symbol pk_symbols_module_flags[];
extern const struct pk_symbol pk_symbols_load_ways[]; /* "memory", "file" */
extern const struct pk_symbol pk_symbols_kexec_flags[];
extern const struct pk_symbol pk_symbols_bpf_cmds[];
extern const struct pk_symbol pk_symbols_perf_types[];
extern const struct pk_symbol pk_symbols_uring_operations[];
extern const struct pk_symbol pk_symbols_setgid_operations[];
extern const struct pk_symbol pk_symbols_uring_flags[];
extern const struct pk_symbol pk_symbols_families[]; /* AF_* */
extern const struct pk_symbol pk_symbols_userfaultfd_flags[];
extern const struct pk_symbol pk_symbols_syslog_actions[];
extern const struct pk_symbol pk_symbols_memfd_flags[];
extern const struct pk_symbol pk_symbols_xattr_flags[];        /* XATTR_* */
extern const struct pk_symbol pk_symbols_settime_operations[]; /* PK_SETTIME_* */
extern const struct pk_symbol pk_symbols_unload_flags[];       /* O_* */
extern const struct pk_symbol pk_symbols_ioctl_requests[];
extern const struct pk_symbol pk_symbols_inode_flags[]; /* FS_*_FL */
extern const struct pk_symbol pk_symbols_prot[];
extern const struct pk_symbol pk_symbols_map_flags[];

#endif
