// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kernel family: what makes or changes kernel code, or asks for much of the kernel.
 *
 * lsm/kernel_read_file      finit_module(), kexec_file_load(): from a file, before it is read
 * lsm/kernel_load_data      init_module(), kexec_load(): from memory, before it is read
 * lsm/bpf                   bpf(): programs and maps made, attached, pinned, taken by number; before permission
 *                           is checked. Not what is done with a map's elements
 * lsm/socket_create         a socket of a rare family, before there is one and before its module is loaded
 * lsm/kernel_module_request the kernel is about to load a module because of what the process does. The process that
 *                           loads it is another one, of the host's
 * tp_btf/module_request     the tracepoint backend: the same
 * lsm/uring_override_creds  an io_uring operation under credentials that were registered
 *
 * lsm/settime               clock_settime(), settimeofday() with a time, stime(), after permission was checked
 *
 * adjtimex() and clock_adjtime() that step the clock, delete_module(), perf_event_open(), io_uring_setup(),
 * userfaultfd() and memfd_create() are seen when they have succeeded. The last four are denied at
 * lsm/perf_event_open, inode_init_security_anon and file_alloc_security, delete_module() at lsm/capable: system.bpf.c.
 */
#include "system.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define READING_MODULE 2
#define READING_KEXEC_IMAGE 3
#define LOADING_MODULE 2
#define LOADING_KEXEC_IMAGE 3

PK_POINT(pk_p_kernel_read_file, PK_KINDS);
PK_POINT(pk_p_kernel_load_data, PK_KINDS);

/* Both hooks stand for modules and kexec. */
static __always_inline struct pk_scratch *load_begin(__u32 hook, __u32 kind, struct pk_actor *actor,
						     bool *ret_deny)
{
	struct pk_scratch *s;

	if (!pk_enter(bpf_get_current_task_btf(), kind, actor))
		return NULL;
	s = pk_sys_begin(hook, kind);
	if (!s)
		*ret_deny = pk_unjudgeable(actor, kind);
	return s;
}

#define JUDGE(ctx, s, actor, kind, hook, progs)                                                    \
	do {                                                                                       \
		if (pk_config.judging) {                                                           \
			if (pk_judge_start(s, actor, 0)) {                                         \
				pk_judge_event(s);                                                 \
				bpf_tail_call(ctx, &(progs),                                       \
					      (kind)*PK_PROG_SLOTS + (s)->judge.bank * PK_CHUNKS); \
			}                                                                          \
		}                                                                                  \
		pk_unjudged(s, kind, hook);                                                        \
	} while (0)

SEC("lsm/kernel_read_file")
int BPF_PROG(pk_kernel_read_file, struct file *file, int id)
{
	__u32 kind = id == READING_MODULE ? PK_EVENT_MODULE : PK_EVENT_KEXEC;
	struct pk_actor actor;
	struct pk_scratch *s;
	bool deny = false;

	if (id != READING_MODULE && id != READING_KEXEC_IMAGE)
		return 0;
	s = load_begin(PK_HOOK_LOAD, kind, &actor, &deny);
	if (!s)
		return pk_lsm_return(deny);
	s->rec.sys.arg[0] = 1;
	s->rec.sys.arg[1] = (__u32)pk_call_arg(bpf_get_current_task_btf(),
					       kind == PK_EVENT_MODULE ? 2 : 4);
	if (file)
		pk_sys_path(s, file->f_path.dentry, file->f_path.mnt);
	JUDGE(ctx, s, &actor, kind, PK_HOOK_LOAD, pk_p_kernel_read_file);
	return 0;
}

PK_SYS_FINISH(kernel_read_file, PK_HOOK_LOAD, struct file *file)

SEC("lsm/kernel_load_data")
int BPF_PROG(pk_kernel_load_data, int id)
{
	__u32 kind = id == LOADING_MODULE ? PK_EVENT_MODULE : PK_EVENT_KEXEC;
	struct pk_actor actor;
	struct pk_scratch *s;
	bool deny = false;

	if (id != LOADING_MODULE && id != LOADING_KEXEC_IMAGE)
		return 0;
	s = load_begin(PK_HOOK_LOAD, kind, &actor, &deny);
	if (!s)
		return pk_lsm_return(deny);
	if (kind == PK_EVENT_KEXEC)
		s->rec.sys.arg[1] = pk_call_arg(bpf_get_current_task_btf(), 3);
	JUDGE(ctx, s, &actor, kind, PK_HOOK_LOAD, pk_p_kernel_load_data);
	return 0;
}

PK_SYS_FINISH(kernel_load_data, PK_HOOK_LOAD, int id)

PK_SYS_HOOK(bpf, PK_HOOK_BPF, PK_EVENT_BPF, pk_bpf_matters(cmd),
	    pk_bpf_fill(s, cmd, (__u64)attr, false), int cmd, void *attr)

static __always_inline void creds_fill(struct pk_scratch *s, const struct cred *cred)
{
	s->rec.sys.arg[0] = 1;
	s->rec.sys.arg[3] = cred->uid.val;
}

PK_SYS_HOOK(uring_override_creds, PK_HOOK_URING, PK_EVENT_IO_URING, true, creds_fill(s, new),
	    const struct cred *new)

PK_SYS_HOOK(socket_create, PK_HOOK_SOCKET_CREATE, PK_EVENT_SOCKET,
	    !kern && pk_socket_matters(family, protocol), pk_socket_fill(s, family, type, protocol),
	    int family, int type, int protocol, int kern)

PK_SYS_HOOK(kernel_module_request, PK_HOOK_MODULE_REQUEST, PK_EVENT_REQUEST_MODULE, true,
	    pk_sys_text1(s, name, false), char *name)

/* None where just the time zone is set. */
static __always_inline bool is_time(const struct timespec64 *ts)
{
	struct timespec64 time;

	return !bpf_probe_read_kernel(&time, sizeof(time), ts);
}

static __always_inline void settime_fill(struct pk_scratch *s, struct task_struct *task,
					 const struct timespec64 *ts)
{
	bool compat = task->thread_info.status & TS_COMPAT;

	s->rec.sys.arg[0] =
		pk_settime_operation(pk_exit_call((void *)bpf_task_pt_regs(task), compat));
	s->rec.sys.arg[1] = BPF_CORE_READ(ts, tv_sec);
	s->rec.sys.arg[2] = BPF_CORE_READ(ts, tv_nsec);
}

PK_SYS_HOOK(settime, PK_HOOK_SETTIME, PK_EVENT_SETTIME, is_time(ts), settime_fill(s, task, ts),
	    const struct timespec64 *ts)

PK_POINT(pk_p_module_request, 1);

SEC("tp_btf/module_request")
int BPF_PROG(pk_module_request, char *name)
{
	struct pk_actor actor;
	struct pk_scratch *s;

	if (!pk_enter(bpf_get_current_task_btf(), PK_EVENT_REQUEST_MODULE, &actor))
		return 0;
	s = pk_sys_begin(PK_HOOK_MODULE_REQUEST, PK_EVENT_REQUEST_MODULE);
	if (!s)
		return 0;
	pk_sys_text1(s, name, false);
	pk_judge_record(ctx, s, &actor, pk_p_module_request, 0);
	pk_unjudged(s, PK_EVENT_REQUEST_MODULE, PK_HOOK_MODULE_REQUEST);
	return 0;
}

SEC("tp_btf/module_request")
int BPF_PROG(pk_f_module_request, char *name)
{
	struct pk_scratch *s = pk_scratch_mine();

	if (s)
		pk_finish(s, PK_HOOK_MODULE_REQUEST, PK_CAN_KILL);
	return 0;
}
