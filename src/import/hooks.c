// SPDX-License-Identifier: Apache-2.0
/*
 * The table of hooks. A row is what one event of ours is called in the kernel; what has no event has the reason.
 */
#include "import/hooks.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "plan/field_symbols.h"

#define BY_TEXT "the path is where the file is, links resolved, not the text that the call has"
#define OPENS "evt.type = open"
#define FAMILY_OF_CALLS "true of each call that changes this id, whichever it is"
#define RARE "only families other than IPv4, IPv6 and Unix are events; of netlink netfilter's alone"
#define MEMORY "only mappings that are writable and executable at once are events"
#define ATTEMPT "told when it is tried"
#define OWN_WORK "what an overlay does to its layers is no event"

#define PATH                                 \
	{                                    \
		PK_IMPORT_TEXT, "fd.name", 0 \
	}
#define NEW_PATH                                    \
	{                                           \
		PK_IMPORT_TEXT, "fs.path.target", 0 \
	}
#define TEXT(name)                      \
	{                               \
		PK_IMPORT_TEXT, name, 0 \
	}
#define ID(name)                      \
	{                             \
		PK_IMPORT_ID, name, 0 \
	}
#define NUMBER(name)                      \
	{                                 \
		PK_IMPORT_NUMBER, name, 0 \
	}
#define FLAGS(name, of)                                \
	{                                              \
		PK_IMPORT_FLAGS, name, pk_symbols_##of \
	}
#define NAMED(name, of)                                \
	{                                              \
		PK_IMPORT_NAMED, name, pk_symbols_##of \
	}
#define CAPS(name)                      \
	{                               \
		PK_IMPORT_CAPS, name, 0 \
	}
#define KIND(kind)                     \
	{                              \
		PK_IMPORT_##kind, 0, 0 \
	}
#define ANY KIND(IGNORED)
#define NO KIND(NONE)

#define EVENT(names_, condition_, ...)                                             \
	{                                                                          \
		.names = names_, .condition = condition_, .args = { __VA_ARGS__ }, \
	}
#define NOTED(names_, condition_, note_, ...)                                                     \
	{                                                                                         \
		.names = names_, .condition = condition_, .note = note_, .args = { __VA_ARGS__ }, \
	}
#define PARTLY(names_, condition_, note_, ...)                           \
	{                                                                \
		.names = names_, .condition = condition_, .note = note_, \
		.off = PK_IMPORT_NARROWER, .args = { __VA_ARGS__ },      \
	}
#define EXEC(names_, ...)                                                                     \
	{                                                                                     \
		.names = names_, .condition = "evt.type = execve", .exec = true,              \
		.note = "of a script the path is its interpreter's", .args = { __VA_ARGS__ }, \
	}
#define NEVER(names_, why)                    \
	{                                     \
		.names = names_, .note = why, \
	}

static const struct pk_import_hook hooks[] = {
	/* ---- executions, processes ---- */
	EXEC(" security_bprm_check ", TEXT("proc.exepath")),
	EXEC(" security_bprm_creds_from_file ", ANY, TEXT("proc.exepath")),
	EXEC(" security_bprm_creds_for_exec security_bprm_committing_creds security_bprm_committed_creds"
	     " begin_new_exec bprm_execve exec_binprm setup_new_exec ",
	     TEXT("proc.exepath")),
	EXEC(" sys:execve ", TEXT("evt.arg.filename")),
	EXEC(" sys:execveat ", ANY, TEXT("evt.arg.filename")),
	EVENT(" sys:fork sys:vfork sys:clone sys:clone3 wake_up_new_task kernel_clone copy_process"
	      " sched/sched_process_fork ",
	      "evt.type = clone", NO),
	EVENT(" do_exit do_group_exit acct_process sys:exit sys:exit_group sched/sched_process_exit ",
	      "evt.type = procexit", NO),

	/* ---- files: opened ---- */
	NOTED(" security_file_open security_file_post_open ", OPENS, NULL, PATH),
	NOTED(" fd_install ", OPENS,
	      "descriptors that are made otherwise than by an open are no events", ANY, PATH),
	NOTED(" do_dentry_open vfs_open ", OPENS, NULL, PATH),
	NOTED(" security_file_permission ", OPENS,
	      "the open stands for reading and writing: neither is an event by itself", PATH,
	      KIND(ACCESS)),
	NOTED(" security_mmap_file ", OPENS, "the open stands for the mapping, which needs it",
	      PATH, KIND(PROT), KIND(MAP)),
	NOTED(" lsm:mmap_file ", OPENS, "the open stands for the mapping, which needs it", PATH,
	      KIND(PROT), KIND(PROT), KIND(MAP)),
	NOTED(" sys:open ", OPENS, BY_TEXT, PATH, FLAGS("evt.arg.flags", open_flags)),
	NOTED(" sys:openat ", OPENS, BY_TEXT, ANY, PATH, FLAGS("evt.arg.flags", open_flags)),
	NOTED(" sys:openat2 ", OPENS, BY_TEXT, ANY, PATH),
	NOTED(" sys:open_by_handle_at ", OPENS, "true of each open", ANY, ANY,
	      FLAGS("evt.arg.flags", open_flags)),
	NOTED(" sys:creat ", "evt.type = open\nand evt.arg.flags contains O_CREAT", BY_TEXT, PATH),

	/* ---- files: changed ---- */
	NOTED(" security_path_truncate security_file_truncate ",
	      "(evt.type = truncate or (evt.type = open and evt.arg.flags contains O_TRUNC))", NULL,
	      PATH),
	NOTED(" do_truncate vfs_truncate ",
	      "(evt.type = truncate or (evt.type = open and evt.arg.flags contains O_TRUNC))", NULL,
	      PATH),
	NOTED(" sys:truncate ", "evt.type = truncate", BY_TEXT, PATH),
	NOTED(" sys:ftruncate ", "evt.type = truncate", NULL, ANY),
	NOTED(" security_path_unlink security_inode_unlink ", "evt.type = unlink", NULL,
	      TEXT("fd.directory"), PATH),
	NOTED(" sys:unlink ", "evt.type = unlink", BY_TEXT, PATH),
	NOTED(" sys:unlinkat do_unlinkat ", "evt.type = unlinkat", BY_TEXT, ANY, PATH),
	NOTED(" security_path_rename security_inode_rename ", "evt.type = rename", NULL,
	      TEXT("fd.directory"), PATH, ANY, NEW_PATH),
	NOTED(" sys:rename ", "evt.type = rename", BY_TEXT, PATH, NEW_PATH),
	NOTED(" sys:renameat sys:renameat2 do_renameat2 ", "evt.type = rename", BY_TEXT, ANY, PATH,
	      ANY, NEW_PATH, FLAGS("evt.arg.flags", rename_flags)),
	NOTED(" security_path_link security_inode_link ", "evt.type = link", NULL, PATH, ANY,
	      NEW_PATH),
	NOTED(" sys:link ", "evt.type = link", BY_TEXT, PATH, NEW_PATH),
	NOTED(" sys:linkat do_linkat ", "evt.type = link", BY_TEXT, ANY, PATH, ANY, NEW_PATH, ANY),
	NOTED(" security_path_symlink security_inode_symlink ", "evt.type = symlink", NULL,
	      TEXT("fd.directory"), PATH, TEXT("evt.arg.target")),
	EVENT(" sys:symlink ", "evt.type = symlink", TEXT("evt.arg.target"), PATH),
	EVENT(" sys:symlinkat do_symlinkat ", "evt.type = symlink", TEXT("evt.arg.target"), ANY,
	      PATH),
	NOTED(" security_path_mkdir security_inode_mkdir ", "evt.type = mkdir", NULL,
	      TEXT("fd.directory"), PATH),
	NOTED(" sys:mkdir ", "evt.type = mkdir", BY_TEXT, PATH),
	NOTED(" sys:mkdirat do_mkdirat ", "evt.type = mkdir", BY_TEXT, ANY, PATH),
	NOTED(" security_path_rmdir security_inode_rmdir ", "evt.type = rmdir", NULL,
	      TEXT("fd.directory"), PATH),
	NOTED(" sys:rmdir ", "evt.type = rmdir", BY_TEXT, PATH),
	NOTED(" security_path_mknod security_inode_mknod ", "evt.type = mknod", NULL,
	      TEXT("fd.directory"), PATH, FLAGS("evt.arg.mode", mode)),
	NOTED(" sys:mknod ", "evt.type = mknod", BY_TEXT, PATH, FLAGS("evt.arg.mode", mode)),
	NOTED(" sys:mknodat do_mknodat ", "evt.type = mknod", BY_TEXT, ANY, PATH,
	      FLAGS("evt.arg.mode", mode)),
	NOTED(" security_inode_create ", "evt.type = open\nand evt.is_open_create = true", NULL,
	      TEXT("fd.directory"), PATH),
	NOTED(" security_path_chmod ", "evt.type = chmod", NULL, PATH, FLAGS("evt.arg.mode", mode)),
	NOTED(" sys:chmod ", "evt.type = chmod", BY_TEXT, PATH, FLAGS("evt.arg.mode", mode)),
	NOTED(" sys:fchmod ", "evt.type = chmod", NULL, ANY, FLAGS("evt.arg.mode", mode)),
	NOTED(" sys:fchmodat sys:fchmodat2 ", "evt.type = chmod", BY_TEXT, ANY, PATH,
	      FLAGS("evt.arg.mode", mode)),
	NOTED(" security_path_chown ", "evt.type = chown", NULL, PATH),
	NOTED(" sys:chown sys:lchown ", "evt.type = chown", BY_TEXT, PATH),
	NOTED(" sys:fchown ", "evt.type = chown", NULL, ANY),
	NOTED(" sys:fchownat ", "evt.type = chown", BY_TEXT, ANY, PATH),
	PARTLY(" security_inode_setattr notify_change ", "evt.type in (chmod, chown, truncate)",
	       "changes of times are no events", NO),

	/* ---- sockets ---- */
	NOTED(" tcp_connect ", "evt.type = connect\nand fd.l4proto = tcp", ATTEMPT, KIND(SOCK)),
	NOTED(" tcp_v4_connect ", "evt.type = connect\nand fd.l4proto = tcp\nand fd.type = ipv4",
	      ATTEMPT, NO, KIND(PEER)),
	NOTED(" tcp_v6_connect ", "evt.type = connect\nand fd.l4proto = tcp\nand fd.type = ipv6",
	      ATTEMPT, NO, KIND(PEER)),
	NOTED(" security_socket_connect inet_stream_connect __inet_stream_connect ",
	      "evt.type = connect", ATTEMPT, KIND(SOCK), KIND(PEER), ANY),
	NOTED(" sys:connect ", "evt.type = connect", ATTEMPT, ANY, KIND(PEER), ANY),
	NOTED(" security_socket_bind inet_bind ", "evt.type = bind", NULL, KIND(SOCK), KIND(OWN),
	      ANY),
	NOTED(" sys:bind ", "evt.type = bind", NULL, ANY, KIND(OWN), ANY),
	NOTED(" security_socket_listen inet_listen ", "evt.type = listen", NULL, KIND(SOCK), NO),
	NOTED(" sys:listen ", "evt.type = listen", NULL, ANY, NO),
	NOTED(" inet_csk_listen_start ", "evt.type = listen\nand fd.l4proto = tcp", NULL,
	      KIND(SOCK)),
	NOTED(" inet_csk_accept ", "evt.type = accept\nand fd.l4proto = tcp", NULL, KIND(SOCK)),
	NOTED(" security_socket_accept sys:accept sys:accept4 inet_accept ", "evt.type = accept",
	      NULL, ANY, ANY),
	PARTLY(" udp_sendmsg udpv6_sendmsg ", "evt.type = sendto\nand fd.l4proto = udp",
	       "of datagrams the first to each peer is an event; a connected socket's connect was",
	       KIND(SOCK)),
	PARTLY(" security_socket_sendmsg sys:sendto sys:sendmsg sys:sendmmsg ", "evt.type = sendto",
	       "of datagrams the first to each peer is an event; data on connections is none", ANY),
	PARTLY(" security_socket_create sys:socket __sock_create sock_create ", "evt.type = socket",
	       RARE, NAMED("evt.arg.domain", families), ANY, NUMBER("evt.arg.proto")),
	PARTLY(" sys:dup sys:dup2 sys:dup3 ", "evt.type = dup",
	       "only of IPv4 and IPv6 sockets it is an event", NUMBER("fd.num")),
	NEVER(" tcp_close tcp_set_state tcp_disconnect sk_alloc sk_free __sk_free sock_release"
	      " inet_release tcp_create_openreq_child inet_sock_destruct sk_destruct"
	      " sock/inet_sock_set_state ",
	      "the life of sockets is no event: connect, bind, listen, accept and send are"),
	NEVER(" tcp_sendmsg tcp_sendmsg_locked tcp_recvmsg udp_recvmsg sock_sendmsg sock_recvmsg"
	      " security_socket_recvmsg sys:recvfrom sys:recvmsg sys:recvmmsg unix_stream_sendmsg ",
	      "data that is sent and received on a connection is no event"),
	NEVER(" ip_output ip_mc_output ip6_output ip6_mc_output ip_rcv ipv6_rcv ip_local_out"
	      " kfree_skb kfree_skb_reason consume_skb __cgroup_bpf_run_filter_skb"
	      " dev_hard_start_xmit sk_filter_trim_cap icmp_rcv icmp_send tcp_v4_rcv udp_rcv"
	      " tcp_rcv_established ip_finish_output2 dev_queue_xmit __dev_queue_xmit"
	      " netif_receive_skb __netif_receive_skb security_sock_rcv_skb"
	      " net/net_dev_queue net/netif_receive_skb skb/kfree_skb ",
	      "packets are no events: connect, accept and the first datagram to a peer are"),

	/* ---- attributes of files, the clock ---- */
	NOTED(" sys:setxattr sys:lsetxattr ", "evt.type = setxattr", BY_TEXT, TEXT("evt.arg.path"),
	      TEXT("evt.arg.name"), ANY, ANY, FLAGS("evt.arg.flags", xattr_flags)),
	NOTED(" sys:fsetxattr ", "evt.type = setxattr", NULL, ANY, TEXT("evt.arg.name"), ANY, ANY,
	      FLAGS("evt.arg.flags", xattr_flags)),
	NOTED(" security_inode_setxattr vfs_setxattr ", "evt.type = setxattr", OWN_WORK, ANY, ANY,
	      TEXT("evt.arg.name"), ANY, ANY, FLAGS("evt.arg.flags", xattr_flags)),
	NOTED(" sys:removexattr sys:lremovexattr ", "evt.type = removexattr", BY_TEXT,
	      TEXT("evt.arg.path"), TEXT("evt.arg.name")),
	NOTED(" sys:fremovexattr ", "evt.type = removexattr", NULL, ANY, TEXT("evt.arg.name")),
	NOTED(" security_inode_removexattr vfs_removexattr ", "evt.type = removexattr", OWN_WORK,
	      ANY, ANY, TEXT("evt.arg.name")),
	NOTED(" sys:clock_settime sys:settimeofday security_settime64 ", "evt.type = clock_settime",
	      NULL, NO),
	PARTLY(" sys:adjtimex sys:clock_adjtime do_adjtimex ", "evt.type = clock_settime",
	       "a clock that is slowed or hastened is no event: only one that is set", NO),

	/* ---- users, capabilities, namespaces ---- */
	NOTED(" sys:setuid ", "evt.type = setuid", FAMILY_OF_CALLS, ID("evt.arg.euid")),
	NOTED(" sys:setreuid ", "evt.type = setuid", FAMILY_OF_CALLS, ID("evt.arg.ruid"),
	      ID("evt.arg.euid")),
	NOTED(" sys:setresuid ", "evt.type = setuid", FAMILY_OF_CALLS, ID("evt.arg.ruid"),
	      ID("evt.arg.euid"), ID("evt.arg.suid")),
	NOTED(" sys:setfsuid ", "evt.type = setuid", FAMILY_OF_CALLS, ID("evt.arg.fsuid")),
	NOTED(" sys:setgid ", "evt.type = setgid", FAMILY_OF_CALLS, ID("evt.arg.egid")),
	NOTED(" sys:setregid ", "evt.type = setgid", FAMILY_OF_CALLS, ID("evt.arg.rgid"),
	      ID("evt.arg.egid")),
	NOTED(" sys:setresgid ", "evt.type = setgid", FAMILY_OF_CALLS, ID("evt.arg.rgid"),
	      ID("evt.arg.egid"), ID("evt.arg.sgid")),
	NOTED(" sys:setfsgid ", "evt.type = setgid", FAMILY_OF_CALLS, ID("evt.arg.fsgid")),
	NOTED(" sys:setgroups security_task_fix_setgroups ",
	      "evt.type = setgid\nand evt.arg.operation = setgroups", NULL,
	      NUMBER("evt.arg.ngroups")),
	NOTED(" security_task_fix_setuid ", "evt.type = setuid", NULL, NO),
	NOTED(" security_task_fix_setgid ", "evt.type = setgid", NULL, NO),
	NOTED(" sys:capset ", "evt.type = capset", NULL, NO),
	NOTED(" security_capset ", "evt.type = capset", NULL, NO, NO, CAPS("evt.arg.cap_effective"),
	      CAPS("evt.arg.cap_inheritable"), CAPS("evt.arg.cap_permitted")),
	NOTED(" userns_install ", "evt.type = setns\nand evt.arg.nstype contains CLONE_NEWUSER",
	      NULL, NO),
	NOTED(" mntns_install ", "evt.type = setns\nand evt.arg.nstype contains CLONE_NEWNS", NULL,
	      NO),
	NOTED(" pidns_install ", "evt.type = setns\nand evt.arg.nstype contains CLONE_NEWPID", NULL,
	      NO),
	NOTED(" netns_install ", "evt.type = setns\nand evt.arg.nstype contains CLONE_NEWNET", NULL,
	      NO),
	PARTLY(" commit_creds ", "evt.type in (execve, setuid, setgid, capset, userns_create)",
	       "credentials that keys, prctl() and the kernel itself set are no events", NO),
	NEVER(" override_creds revert_creds prepare_creds prepare_kernel_cred abort_creds ",
	      "credentials that the kernel borrows for a moment are no events"),
	NEVER(" cap_capable security_capable ns_capable capable ",
	      "that a capability is asked for is no event; rules ask what a process has, where it acts: "
	      "thread.cap_effective"),
	NOTED(" create_user_ns security_create_user_ns lsm:userns_create ",
	      "evt.type = userns_create", NULL, NO),
	NOTED(" sys:unshare ", "evt.type = unshare", NULL, FLAGS("evt.arg.flags", clone_flags)),
	NOTED(" sys:setns ", "evt.type = setns", NULL, ANY, FLAGS("evt.arg.nstype", clone_flags)),
	NOTED(" sys:ptrace ", "evt.type = ptrace\nand evt.arg.operation = ptrace",
	      "only what attaches is an event: later requests to a process that is traced are none",
	      NAMED("evt.arg.request", ptrace_requests), NUMBER("evt.arg.pid"), NO, NO),
	NOTED(" security_ptrace_access_check security_ptrace_traceme __ptrace_may_access ptrace_attach ",
	      "evt.type = ptrace", "looks at other processes that do not attach are no events", NO),
	NOTED(" sys:process_vm_readv ",
	      "evt.type = ptrace\nand evt.arg.operation = process_vm_readv", NULL,
	      NUMBER("evt.arg.pid")),
	NOTED(" sys:process_vm_writev ",
	      "evt.type = ptrace\nand evt.arg.operation = process_vm_writev", NULL,
	      NUMBER("evt.arg.pid")),
	PARTLY(" sys:kill ", "evt.type = kill",
	       "only signals to another cgroup or another user are events", NUMBER("evt.arg.pid"),
	       NAMED("evt.arg.sig", signals)),
	PARTLY(" security_task_kill ", "evt.type = kill",
	       "only signals to another cgroup or another user are events", NO, NO,
	       NAMED("evt.arg.sig", signals)),
	PARTLY(" sys:prctl security_task_prctl ", "evt.type = prctl",
	       "only options that change privileges or what others see are events",
	       NAMED("evt.arg.option", prctl_options), NUMBER("evt.arg.arg2_int")),
	EVENT(" sys:seccomp ", "evt.type = seccomp", NUMBER("evt.arg.op"),
	      FLAGS("evt.arg.flags", seccomp_flags)),
	NOTED(" sys:keyctl ", "evt.type = keyctl", NULL,
	      NAMED("evt.arg.operation", keyctl_operations)),
	NOTED(" sys:add_key sys:request_key ", "evt.type = keyctl", NULL, TEXT("evt.arg.type"),
	      TEXT("evt.arg.description")),

	/* ---- mounts ---- */
	NOTED(" security_sb_mount path_mount do_mount ", "evt.type = mount", NULL,
	      TEXT("evt.arg.dev"), TEXT("evt.arg.dir"), TEXT("evt.arg.type"),
	      FLAGS("evt.arg.flags", mount_flags)),
	NOTED(" sys:mount ", "evt.type = mount", "the directory is where it is, links resolved",
	      TEXT("evt.arg.dev"), TEXT("evt.arg.dir"), TEXT("evt.arg.type"),
	      FLAGS("evt.arg.flags", mount_flags)),
	NOTED(" security_sb_umount ", "evt.type = umount2", NULL, NO,
	      FLAGS("evt.arg.flags", umount_flags)),
	NOTED(" sys:umount sys:umount2 ", "evt.type = umount2", BY_TEXT, TEXT("evt.arg.name"),
	      FLAGS("evt.arg.flags", umount_flags)),
	NOTED(" sys:move_mount ", "evt.type = move_mount", BY_TEXT, ANY,
	      TEXT("evt.arg.from_pathname"), ANY, TEXT("evt.arg.to_pathname"),
	      FLAGS("evt.arg.flags", move_flags)),
	NOTED(" security_move_mount ", "evt.type = move_mount", NULL, TEXT("evt.arg.from_pathname"),
	      TEXT("evt.arg.to_pathname")),
	NOTED(" sys:open_tree ", "evt.type = open_tree", BY_TEXT, ANY, TEXT("evt.arg.path"),
	      FLAGS("evt.arg.flags", tree_flags)),
	NOTED(" sys:fsmount ", "evt.type = fsmount", NULL, ANY,
	      FLAGS("evt.arg.flags", fsmount_flags), FLAGS("evt.arg.attr_set", mount_attrs)),
	NOTED(" sys:fsconfig ", "evt.type = fsconfig", NULL, ANY,
	      NAMED("evt.arg.cmd", fsconfig_cmds), TEXT("evt.arg.key")),
	NOTED(" sys:mount_setattr ", "evt.type = mount_setattr", BY_TEXT, ANY, TEXT("evt.arg.path"),
	      FLAGS("evt.arg.flags", at_flags)),
	NOTED(" sys:pivot_root security_sb_pivotroot ", "evt.type = pivot_root", NULL,
	      TEXT("evt.arg.new_root"), TEXT("evt.arg.put_old")),
	NOTED(" sys:chroot security_path_chroot ", "evt.type = chroot", NULL, TEXT("evt.arg.path")),

	/* ---- the kernel ---- */
	NOTED(" security_kernel_module_request __request_module ", "evt.type = request_module",
	      NULL, TEXT("evt.arg.name")),
	PARTLY(" security_kernel_read_file security_kernel_post_read_file kernel_read_file ",
	       "evt.type in (init_module, kexec_load)\nand evt.arg.from = file",
	       "of what the kernel reads only modules and kernels to boot into are events",
	       TEXT("evt.arg.path"), KIND(READ)),
	PARTLY(" security_kernel_load_data security_kernel_post_load_data ",
	       "evt.type in (init_module, kexec_load)\nand evt.arg.from = memory",
	       "of what the kernel takes only modules and kernels to boot into are events",
	       KIND(READ)),
	NOTED(" do_init_module load_module find_module_sections sys:init_module sys:finit_module"
	      " module/module_load ",
	      "evt.type = init_module", ATTEMPT, NO),
	NOTED(" sys:delete_module ", "evt.type = delete_module", NULL, TEXT("evt.arg.name"),
	      FLAGS("evt.arg.flags", unload_flags)),
	NOTED(" free_module module/module_free ", "evt.type = delete_module", NULL, NO),
	NOTED(" sys:kexec_load sys:kexec_file_load ", "evt.type = kexec_load", NULL, NO),
	NOTED(" sys:bpf security_bpf ", "evt.type = bpf",
	      "what is done with elements of maps is no event", NAMED("evt.arg.cmd", bpf_cmds), NO,
	      ANY),
	NOTED(" bpf_check bpf_prog_load security_bpf_prog_load security_bpf_prog_alloc ",
	      "evt.type = bpf\nand evt.arg.cmd = BPF_PROG_LOAD", NULL, NO),
	NOTED(" security_bpf_map_alloc security_bpf_map_create map_create ",
	      "evt.type = bpf\nand evt.arg.cmd = BPF_MAP_CREATE", NULL, NO),
	NOTED(" sys:perf_event_open security_perf_event_alloc security_perf_event_open perf_event_alloc ",
	      "evt.type = perf_event_open", NULL, NO),
	NOTED(" sys:io_uring_setup ", "evt.type = io_uring_setup", NULL, NUMBER("evt.arg.entries")),
	NOTED(" sys:userfaultfd ", "evt.type = userfaultfd", NULL,
	      FLAGS("evt.arg.flags", userfaultfd_flags)),
	NOTED(" sys:memfd_create ", "evt.type = memfd_create", NULL, TEXT("evt.arg.name"),
	      FLAGS("evt.arg.flags", memfd_flags)),
	PARTLY(" sys:mmap ", "evt.type = mmap", MEMORY, NO, NO, FLAGS("evt.arg.prot", prot),
	       FLAGS("evt.arg.flags", map_flags)),
	PARTLY(" sys:mprotect sys:pkey_mprotect ", "evt.type = mprotect",
	       "only memory that becomes executable and is or was written is an event", NO, NO,
	       FLAGS("evt.arg.prot", prot)),
	PARTLY(" security_file_mprotect ", "evt.type = mprotect",
	       "only memory that becomes executable and is or was written is an event", NO,
	       FLAGS("evt.arg.prot", prot), FLAGS("evt.arg.prot", prot)),

	/* ---- what there are no events of ---- */
	NEVER(" sys:read sys:write sys:pread64 sys:pwrite64 sys:readv sys:writev sys:sendfile"
	      " sys:splice vfs_read vfs_write ksys_read ksys_write tty_write tty_read pipe_write ",
	      "reads and writes are no events: the open is"),
	NEVER(" sys:close sys:fcntl sys:pipe sys:pipe2 sys:socketpair"
	      " filp_close security_file_receive ",
	      "what is done with descriptors is no event"),
	NEVER(" security_inode_getxattr security_inode_copy_up_xattr security_inode_copy_up ",
	      "looks at extended attributes are no events, nor is what an overlay does to its layers"),
	NEVER(" sys:ioctl security_file_ioctl sys:access sys:faccessat sys:faccessat2 sys:stat sys:lstat"
	      " sys:fstat sys:newfstatat sys:statx sys:readlink sys:readlinkat sys:getdents64"
	      " sys:chdir sys:fchdir set_fs_pwd security_inode_follow_link security_inode_permission"
	      " security_inode_getattr ",
	      "that a file is looked at, without an open, is no event"),
};

const struct pk_import_hook *pk_import_hooks(size_t *ret_cnt)
{
	*ret_cnt = PK_ARRAY_SIZE(hooks);
	return hooks;
}

static const struct pk_import_hook *find(const char *key)
{
	for (size_t i = 0; i < PK_ARRAY_SIZE(hooks); i++) {
		if (strstr(hooks[i].names, key))
			return &hooks[i];
	}
	return NULL;
}

static const struct pk_import_hook *find_name(const char *prefix, const char *name, size_t len)
{
	char key[160];
	int key_len;

	if (len > 100 || memchr(name, ' ', len) || memchr(name, '\0', len))
		return NULL;
	key_len = snprintf(key, sizeof(key), " %s%.*s ", prefix, (int)len, name);
	return key_len > 0 && (size_t)key_len < sizeof(key) ? find(key) : NULL;
}

/* What the kernel calls the function of a system call. */
static const char *const call_prefixes[] = { "__x64_sys_",   "__ia32_sys_", "__ia32_compat_sys_",
					     "__arm64_sys_", "__do_sys_",   "__se_sys_",
					     "__sys_",       "ksys_",       "do_sys_",
					     "sys_" };

const struct pk_import_hook *pk_import_hook_function(const char *name, size_t len)
{
	const struct pk_import_hook *hook = find_name("", name, len);

	for (size_t i = 0; i < PK_ARRAY_SIZE(call_prefixes) && !hook; i++) {
		size_t prefix_len = strlen(call_prefixes[i]);

		if (len > prefix_len && !memcmp(name, call_prefixes[i], prefix_len))
			hook = find_name("sys:", name + prefix_len, len - prefix_len);
	}
	return hook;
}

const struct pk_import_hook *pk_import_hook_lsm(const char *name, size_t len)
{
	const struct pk_import_hook *hook = find_name("lsm:", name, len);

	if (hook)
		return hook;
	if (len == strlen("bprm_check_security") && !memcmp(name, "bprm_check_security", len))
		return find(" security_bprm_check ");
	return find_name("security_", name, len);
}

/* The first four fields of a tracepoint are common to all; of a call's the next is its number. */
#define TRACEPOINT_COMMON 4u

const struct pk_import_hook *pk_import_hook_tracepoint(const char *subsystem, const char *event,
						       unsigned int *ret_first)
{
	static const char *const edges[] = { "sys_enter_", "sys_exit_" };
	char key[160];
	int len;

	*ret_first = TRACEPOINT_COMMON + 1;
	for (size_t i = 0; i < PK_ARRAY_SIZE(edges) && !strcmp(subsystem, "syscalls"); i++) {
		if (!strncmp(event, edges[i], strlen(edges[i])))
			return find_name("sys:", event + strlen(edges[i]),
					 strlen(event) - strlen(edges[i]));
	}
	if (strchr(subsystem, ' ') || strchr(event, ' '))
		return NULL;
	if (!strcmp(subsystem, "sched") && !strcmp(event, "sched_process_exec"))
		return find(" security_bprm_committed_creds ");
	len = snprintf(key, sizeof(key), " %s/%s ", subsystem, event);
	return len > 0 && (size_t)len < sizeof(key) ? find(key) : NULL;
}
