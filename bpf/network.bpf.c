// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The network family: connect, bind, listen, accept, first datagram to a peer. IPv4, IPv6, Unix.
 *
 * lsm/socket_connect, _bind   attempts: the address is the kernel's copy, the result is not
 *                             known yet. A Unix connect is reported once its peer is found (below).
 * lsm/unix_stream_connect, unix_may_send   Unix: the peer is a socket, so its file is known
 * lsm/socket_listen           attempts
 * lsm/sock_graft              accept: the new connection is handed to the caller
 * lsm/socket_sendmsg          datagrams with an address; each peer once a socket, among the last 8.
 *                             A stream that connects by sending (TCP Fast Open) is a connect
 *
 * cgroup/connect4, connect6, sendmsg4, sendmsg6   the tracepoint backend's; io_uring's too
 * exit_socket                 bind, listen, accept and Unix connects at the call's exit, from the
 *                             socket. Not seen there: io_uring's, Unix datagrams without connect.
 *
 * lsm/socket_accept denies accepts by what is known of the listening socket; who connected is not known
 * there yet. Rules that need that kill at sock_graft. cgroup programs deny, but cannot kill: the
 * process is marked and killed when one of its threads next returns from a call.
 *
 * Denying fails open: an event for which no scratch slot is free is counted and let pass, unless some rule
 * about it acts on what is unknown.
 *
 * SMC sockets are looked at like the TCP socket that they begin with, whose own connect and bind pass no
 * hook. Not seen: their listen and accept; SCTP's sctp_connectx() and sctp_bindx().
 */
#include "act.h"
#include "socket.h"
#include "sysexit.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

PK_POINT(pk_p_socket_connect, 1);
PK_POINT(pk_p_unix_stream_connect, 1);
PK_POINT(pk_p_unix_may_send, 2);
PK_POINT(pk_p_socket_bind, 1);
PK_POINT(pk_p_socket_listen, 1);
PK_POINT(pk_p_socket_accept, 1);
PK_POINT(pk_p_sock_graft, 1);
PK_POINT(pk_p_socket_sendmsg, 2);
PK_POINT(pk_p_connect4, 1);
PK_POINT(pk_p_connect6, 1);
PK_POINT(pk_p_sendmsg4, 1);
PK_POINT(pk_p_sendmsg6, 1);

/* The second half of a hook, behind the emitted program. */
#define FINISH(name, hook, ...)                           \
	SEC("lsm/" #name)                                 \
	int BPF_PROG(pk_f_##name, __VA_ARGS__)            \
	{                                                 \
		struct pk_scratch *s = pk_scratch_mine(); \
                                                          \
		return s ? pk_finish_lsm(s, hook) : 0;    \
	}

/* Do rules in force deny or kill for events of this kind? */
static __always_inline bool stops(const struct pk_actor *actor, __u32 kind)
{
	return pk_config.judging && (pk_state.pre_kinds[actor->bank & 1] & (1ull << kind));
}

SEC("lsm/socket_connect")
int BPF_PROG(pk_socket_connect, struct socket *sock, struct sockaddr *address, int addrlen)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sock *sk = sock->sk;
	__u8 addr[16] __attribute__((aligned(8))) = {};
	struct pk_actor actor;
	struct pk_scratch *s;
	struct pk_op *op;
	__u32 family;

	if (!sk || pk_skip(task))
		return 0;
	family = sock_family(sk);
	if (family == AF_UNIX) {
		op = bpf_task_storage_get(&pk_op_map, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
		if (op) {
			op->sock = (__u64)sk;
			op->sock_ino = BPF_CORE_READ(sock, file, f_inode, i_ino);
		} else {
			pk_count_lost(PK_HOOK_SOCKET_CONNECT, PK_LOSS_STORAGE);
		}
		return 0;
	}
	/* a connection under way or made is not changed by another connect: its address says nothing */
	if (!pk_enter(task, PK_EVENT_CONNECT, &actor))
		return 0;
	if (!inet(family))
		return 0;
	/* no lock is held: another thread could disconnect it in between, so rules that deny look all the same */
	if (sock->type == SOCK_STREAM && sock->state != SS_UNCONNECTED &&
	    BPF_CORE_READ(address, sa_family) != AF_UNSPEC && !stops(&actor, PK_EVENT_CONNECT))
		return 0;
	s = net_event(PK_HOOK_SOCKET_CONNECT, PK_EVENT_CONNECT);
	if (!s)
		return pk_unjudgeable(&actor, PK_EVENT_CONNECT);
	pk_head_io_uring(&s->rec.head, task);
	sock_fill(&s->rec.net, sk);
	if (sockaddr_read(address, sk, family, false, addr, &s->rec.net.remote_port)) {
		/* AF_UNSPEC: a datagram socket forgets its peer */
		s->rec.net.net_flags |= PK_NET_UNNAMED;
	} else {
		sockaddr_any_resolve(addr, sk, family);
		__builtin_memcpy(s->rec.net.remote_addr, addr, 16);
		s->rec.net.net_flags |= PK_NET_HAS_REMOTE;
	}
	local_fill(&s->rec.net, sk);
	pk_judge_record(ctx, s, &actor, pk_p_socket_connect, 0);
	pk_unjudged(s, PK_EVENT_CONNECT, PK_HOOK_SOCKET_CONNECT);
	return 0;
}

FINISH(socket_connect, PK_HOOK_SOCKET_CONNECT, struct socket *sock)

static __always_inline struct pk_scratch *unix_to(__u32 kind, struct sock *sk, struct sock *other)
{
	struct pk_scratch *s = net_event(PK_HOOK_SOCKET_CONNECT, kind);

	if (!s)
		return NULL;
	pk_head_io_uring(&s->rec.head, bpf_get_current_task_btf());
	sock_fill(&s->rec.net, sk);
	pk_unix_name_fill(s, pk_scalar(s, other));
	return s;
}

SEC("lsm/unix_stream_connect")
int BPF_PROG(pk_unix_stream_connect, struct sock *sk, struct sock *other)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_actor actor;
	struct pk_scratch *s;
	struct pk_op *op;

	if (!pk_enter(task, PK_EVENT_CONNECT, &actor))
		return 0;
	op = bpf_task_storage_get(&pk_op_map, task, NULL, 0);
	if (op)
		op->sock = 0;
	s = unix_to(PK_EVENT_CONNECT, sk, other);
	if (!s)
		return pk_unjudgeable(&actor, PK_EVENT_CONNECT);
	pk_judge_record(ctx, s, &actor, pk_p_unix_stream_connect, 0);
	pk_unjudged(s, PK_EVENT_CONNECT, PK_HOOK_SOCKET_CONNECT);
	return 0;
}

FINISH(unix_stream_connect, PK_HOOK_SOCKET_CONNECT, struct sock *sk)

/*
 * Is this datagram to be looked at? Reported is the first to each peer; but a rule that denies is to
 * deny every one.
 */
static __always_inline bool first_or_judged(struct peers *peers, __u64 hash)
{
	bool known = peer_known(peers, hash);

	return !known || (pk_config.judging &&
			  (pk_state.pre_kinds[pk_state.bank & 1] & (1ull << PK_EVENT_SEND)));
}

/* Called for a datagram socket's connect and for each of its datagrams. */
SEC("lsm/unix_may_send")
int BPF_PROG(pk_unix_may_send, struct socket *sock, struct socket *other)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sock *sk = sock->sk;
	struct pk_actor actor;
	struct pk_scratch *s;
	struct peers *peers;
	struct pk_op *op;

	if (!sk || pk_skip(task))
		return 0;
	op = bpf_task_storage_get(&pk_op_map, task, NULL, 0);
	peers = bpf_sk_storage_get(&pk_peer_map, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!peers)
		pk_count_lost(PK_HOOK_SOCKET_SENDMSG, PK_LOSS_STORAGE);
	/* a connect that failed leaves its mark behind, and sockets are allocated anew */
	if (op && op->sock == (__u64)sk &&
	    op->sock_ino == BPF_CORE_READ(sock, file, f_inode, i_ino)) {
		op->sock = 0;
		peer_known(peers, (__u64)BPF_CORE_READ(other, sk) | 1);
		if (!pk_enter(task, PK_EVENT_CONNECT, &actor))
			return 0;
		s = unix_to(PK_EVENT_CONNECT, sk, BPF_CORE_READ(other, sk));
		if (!s)
			return pk_unjudgeable(&actor, PK_EVENT_CONNECT);
		pk_judge_record(ctx, s, &actor, pk_p_unix_may_send, 0);
		pk_unjudged(s, PK_EVENT_CONNECT, PK_HOOK_SOCKET_CONNECT);
		return 0;
	}
	if (!pk_enter(task, PK_EVENT_SEND, &actor) ||
	    !first_or_judged(peers, (__u64)BPF_CORE_READ(other, sk) | 1))
		return 0;
	s = unix_to(PK_EVENT_SEND, sk, BPF_CORE_READ(other, sk));
	if (!s)
		return pk_unjudgeable(&actor, PK_EVENT_SEND);
	pk_judge_record(ctx, s, &actor, pk_p_unix_may_send, 1);
	pk_unjudged(s, PK_EVENT_SEND, PK_HOOK_SOCKET_CONNECT);
	return 0;
}

FINISH(unix_may_send, PK_HOOK_SOCKET_CONNECT, struct socket *sock)

SEC("lsm/socket_bind")
int BPF_PROG(pk_socket_bind, struct socket *sock, struct sockaddr *address, int addrlen)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sock *sk = sock->sk;
	struct pk_net_event *e;
	struct pk_actor actor;
	struct pk_scratch *s;
	__s32 len = addrlen - 2;
	char first = 0;
	__u32 family;

	if (!sk || !pk_enter(task, PK_EVENT_BIND, &actor))
		return 0;
	family = sock_family(sk);
	if (!inet(family) && family != AF_UNIX)
		return 0;
	s = net_event(PK_HOOK_SOCKET_BIND, PK_EVENT_BIND);
	if (!s)
		return pk_unjudgeable(&actor, PK_EVENT_BIND);
	pk_head_io_uring(&s->rec.head, task);
	e = &s->rec.net;
	sock_fill(e, sk);
	if (family != AF_UNIX) {
		if (!sockaddr_read(address, sk, family, true, e->local_addr, &e->local_port))
			e->net_flags |= PK_NET_HAS_LOCAL;
	} else if (len > 0) {
		bpf_probe_read_kernel(&first, 1, (const char *)address + 2);
		sun_path_fill(s, (const char *)address + 2, len, !first);
	} else {
		e->net_flags |= PK_NET_UNNAMED; /* the kernel picks an abstract name */
	}
	pk_judge_record(ctx, s, &actor, pk_p_socket_bind, 0);
	pk_unjudged(s, PK_EVENT_BIND, PK_HOOK_SOCKET_BIND);
	return 0;
}

FINISH(socket_bind, PK_HOOK_SOCKET_BIND, struct socket *sock)

/* Facts of a socket that has its own address: listen, accept, and bind once it is done. */
static __always_inline void own_fill(struct pk_scratch *s, struct sock *sk)
{
	sock_fill(&s->rec.net, sk);
	if (s->rec.net.family == AF_UNIX)
		pk_unix_name_fill(s, pk_scalar(s, sk));
	else
		local_fill(&s->rec.net, sk);
}

SEC("lsm/socket_listen")
int BPF_PROG(pk_socket_listen, struct socket *sock, int backlog)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sock *sk = sock->sk;
	struct pk_actor actor;
	struct pk_scratch *s;
	__u32 family;

	if (!sk || !pk_enter(task, PK_EVENT_LISTEN, &actor))
		return 0;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (!inet(family) && family != AF_UNIX)
		return 0;
	s = net_event(PK_HOOK_SOCKET_LISTEN, PK_EVENT_LISTEN);
	if (!s)
		return pk_unjudgeable(&actor, PK_EVENT_LISTEN);
	pk_head_io_uring(&s->rec.head, task);
	own_fill(s, sk);
	s->rec.net.backlog = backlog;
	pk_judge_record(ctx, s, &actor, pk_p_socket_listen, 0);
	pk_unjudged(s, PK_EVENT_LISTEN, PK_HOOK_SOCKET_LISTEN);
	return 0;
}

FINISH(socket_listen, PK_HOOK_SOCKET_LISTEN, struct socket *sock)

SEC("lsm/sock_graft")
int BPF_PROG(pk_sock_graft, struct sock *sk, struct socket *parent)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_actor actor;
	struct pk_scratch *s;
	__u32 family;

	if (!sk || !pk_enter(task, PK_EVENT_ACCEPT, &actor))
		return 0;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (!inet(family) && family != AF_UNIX)
		return 0;
	s = net_event(PK_HOOK_SOCK_GRAFT, PK_EVENT_ACCEPT);
	if (!s) {
		if (pk_closed(actor.bank, PK_EVENT_ACCEPT))
			bpf_send_signal(SIGKILL);
		return 0;
	}
	pk_head_io_uring(&s->rec.head, task);
	own_fill(s, sk);
	if (family != AF_UNIX)
		remote_fill(&s->rec.net, sk);
	pk_judge_record(ctx, s, &actor, pk_p_sock_graft, 0);
	pk_unjudged(s, PK_EVENT_ACCEPT, PK_HOOK_SOCK_GRAFT);
	return 0;
}

SEC("lsm/sock_graft")
int BPF_PROG(pk_f_sock_graft, struct sock *sk)
{
	struct pk_scratch *s = pk_scratch_mine();

	if (s)
		pk_finish(s, PK_HOOK_SOCK_GRAFT, PK_CAN_KILL);
	return 0;
}

SEC("lsm/socket_accept")
int BPF_PROG(pk_socket_accept, struct socket *sock)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct sock *sk = sock->sk;
	struct pk_actor actor;
	struct pk_scratch *s;
	__u32 family;

	if (!pk_config.judging || !sk ||
	    !(pk_state.pre_kinds[pk_state.bank & 1] & (1ull << PK_EVENT_ACCEPT)) ||
	    !pk_enter(task, PK_EVENT_ACCEPT, &actor))
		return 0;
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (!inet(family) && family != AF_UNIX)
		return 0;
	s = net_event(PK_HOOK_SOCKET_ACCEPT, PK_EVENT_ACCEPT);
	if (!s)
		return pk_unjudgeable(&actor, PK_EVENT_ACCEPT);
	pk_head_io_uring(&s->rec.head, task);
	own_fill(s, sk);
	if (pk_judge_start(s, &actor, PK_BEGIN_PRE)) {
		pk_judge_event(s);
		pk_judge_call(ctx, s, pk_p_socket_accept, 0);
	}
	pk_scratch_put(s);
	return 0;
}

SEC("lsm/socket_accept")
int BPF_PROG(pk_f_socket_accept, struct socket *sock)
{
	struct pk_scratch *s = pk_scratch_mine();

	return s ? pk_finish_pre(s, PK_HOOK_SOCKET_ACCEPT) : 0;
}

SEC("lsm/socket_sendmsg")
int BPF_PROG(pk_socket_sendmsg, struct socket *sock, struct msghdr *msg, int size)
{
	struct task_struct *task;
	struct sock *sk = sock->sk;
	__u32 kind = PK_EVENT_SEND;
	struct pk_actor actor;
	struct pk_scratch *s;
	struct peers *peers;
	struct pk_op *op;
	__u8 addr[16] __attribute__((aligned(8))) = {};
	__u16 port = 0;
	__u32 family;
	void *name;

	if (!sk)
		return 0;
	/* Unix has a hook of its own, and a connect that failed must not be taken for what comes now */
	if (sk->__sk_common.skc_family == AF_UNIX) {
		op = bpf_task_storage_get(&pk_op_map, bpf_get_current_task_btf(), NULL, 0);
		if (op)
			op->sock = 0;
		return 0;
	}
	/* streams were seen connecting, unless this is how they do it; SCTP's need no flag for it */
	if (sock->type == SOCK_STREAM) {
		if ((!(msg->msg_flags & MSG_FASTOPEN) && sk->sk_protocol != IPPROTO_SCTP) ||
		    (sock->state != SS_UNCONNECTED && !pk_config.judging))
			return 0;
		kind = PK_EVENT_CONNECT;
	}
	name = msg->msg_name;
	task = bpf_get_current_task_btf();
	/* the gate first: a family is dearer to read */
	if (!name || !pk_enter(task, kind, &actor))
		return 0;
	family = sock_family(sk);
	if (!inet(family) || sockaddr_read(name, sk, family, true, addr, &port))
		return 0;
	sockaddr_any_resolve(addr, sk, family);
	if (kind == PK_EVENT_SEND) {
		peers = bpf_sk_storage_get(&pk_peer_map, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
		if (!peers)
			pk_count_lost(PK_HOOK_SOCKET_SENDMSG, PK_LOSS_STORAGE);
		if (!first_or_judged(peers, addr_hash(addr, port)))
			return 0;
	}
	s = net_event(PK_HOOK_SOCKET_SENDMSG, kind);
	if (!s)
		return pk_unjudgeable(&actor, kind);
	pk_head_io_uring(&s->rec.head, task);
	sock_fill(&s->rec.net, sk);
	local_fill(&s->rec.net, sk);
	__builtin_memcpy(s->rec.net.remote_addr, addr, 16);
	s->rec.net.remote_port = port;
	s->rec.net.net_flags |= PK_NET_HAS_REMOTE;
	if (kind == PK_EVENT_SEND)
		pk_judge_record(ctx, s, &actor, pk_p_socket_sendmsg, 0);
	else
		pk_judge_record(ctx, s, &actor, pk_p_socket_sendmsg, 1);
	pk_unjudged(s, kind, PK_HOOK_SOCKET_SENDMSG);
	return 0;
}

FINISH(socket_sendmsg, PK_HOOK_SOCKET_SENDMSG, struct socket *sock)

/* The tracepoint backend: what a cgroup hook knows of an address. */
static __always_inline struct pk_scratch *cgroup_event(struct bpf_sock_addr *ctx, __u32 hook,
						       __u32 kind, __u32 family,
						       struct pk_actor *actor)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u8 addr[16] __attribute__((aligned(8))) = {};
	__u16 port = bpf_ntohs((__u16)ctx->user_port);
	struct pk_net_event *e;
	struct pk_scratch *s;
	__u32 part;

	if ((__u32)task->tgid == pk_config.self_pid)
		return NULL;
	actor->bank = pk_state.bank & 1;
	if (pk_config.judging) {
		actor->facts = pk_facts_get_by_pid(task->tgid, actor->bank);
		if (!pk_reported(kind) && !pk_concerns(actor, kind))
			return NULL;
	}
	if (family == AF_INET) {
		part = ctx->user_ip4;
		__builtin_memcpy(addr, &part, 4);
	} else {
		part = ctx->user_ip6[0];
		__builtin_memcpy(addr, &part, 4);
		part = ctx->user_ip6[1];
		__builtin_memcpy(addr + 4, &part, 4);
		part = ctx->user_ip6[2];
		__builtin_memcpy(addr + 8, &part, 4);
		part = ctx->user_ip6[3];
		__builtin_memcpy(addr + 12, &part, 4);
	}
	cgroup_any_resolve(ctx, addr, family);
	if (kind == PK_EVENT_SEND) {
		struct bpf_sock *sk = ctx->sk;
		struct peers *peers = NULL;

		if (sk)
			peers = bpf_sk_storage_get(&pk_peer_map, sk, NULL,
						   BPF_SK_STORAGE_GET_F_CREATE);
		if (!first_or_judged(peers, addr_hash(addr, port)))
			return NULL;
	}
	s = net_event(hook, kind);
	if (!s)
		return NULL;
	pk_head_io_uring_by_stack(&s->rec.head, task);
	e = &s->rec.net;
	e->family = family;
	e->sock_type = ctx->type;
	e->protocol = ctx->protocol;
	e->net_ns = task->nsproxy->net_ns->ns.inum;
	__builtin_memcpy(e->remote_addr, addr, 16);
	e->remote_port = port;
	e->net_flags |= PK_NET_HAS_REMOTE;
	return s;
}

/* The second half: 0 denies. */
static __always_inline int cgroup_finish(__u32 hook)
{
	struct pk_scratch *s = pk_scratch_mine();
	__u32 pid = bpf_get_current_pid_tgid() >> 32, one = 1, verdict;

	if (!s)
		return 1;
	verdict = pk_finish(s, hook, PK_CAN_DENY);
	if (verdict == PK_VERDICT_KILLED) {
		/* the process: io_uring's workers return from no call. There already: it is counted */
		long err = bpf_map_update_elem(&pk_doomed_map, &pid, &one, BPF_NOEXIST);

		if (!err)
			__sync_fetch_and_add(&pk_state.doomed_cnt, 1);
		else if (err != -17) /* EEXIST */
			pk_count_lost(hook, PK_LOSS_STORAGE);
	}
	return verdict != PK_VERDICT_DENIED && verdict != PK_VERDICT_KILLED;
}

#define CGROUP_HOOK(name, hook, kind, family)                                         \
	SEC("cgroup/" #name)                                                          \
	int pk_##name(struct bpf_sock_addr *ctx)                                      \
	{                                                                             \
		struct pk_actor actor = {};                                           \
		struct pk_scratch *s = cgroup_event(ctx, hook, kind, family, &actor); \
                                                                                      \
		if (!s)                                                               \
			return 1;                                                     \
		pk_judge_record(ctx, s, &actor, pk_p_##name, 0);                      \
		pk_unjudged(s, kind, hook);                                           \
		return 1;                                                             \
	}                                                                             \
	SEC("cgroup/" #name)                                                          \
	int pk_f_##name(struct bpf_sock_addr *ctx)                                    \
	{                                                                             \
		return cgroup_finish(hook);                                           \
	}

CGROUP_HOOK(connect4, PK_HOOK_CGROUP_CONNECT, PK_EVENT_CONNECT, AF_INET)
CGROUP_HOOK(connect6, PK_HOOK_CGROUP_CONNECT, PK_EVENT_CONNECT, AF_INET6)
CGROUP_HOOK(sendmsg4, PK_HOOK_CGROUP_SENDMSG, PK_EVENT_SEND, AF_INET)
CGROUP_HOOK(sendmsg6, PK_HOOK_CGROUP_SENDMSG, PK_EVENT_SEND, AF_INET6)

/* The socket behind a descriptor. */
static __always_inline struct sock *fd_sock(struct task_struct *task, __s32 fd)
{
	struct file *file = pk_fd_file(task, fd);
	struct socket *sock;

	if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
		return NULL;
	sock = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(sock, sk);
}

/* 32-bit socketcall(): which call it is, and its first argument, from the caller's memory. */
static __always_inline __u32 socketcall(struct pt_regs *regs, __s32 *ret_fd)
{
	__u32 fd = 0;

	bpf_probe_read_user(&fd, sizeof(fd), (void *)pk_arg(regs, true, 1));
	*ret_fd = fd;
	switch ((__u32)regs->bx) {
	case 2:
		return PK_CALL_BIND;
	case 3:
		return PK_CALL_CONNECT;
	case 4:
		return PK_CALL_LISTEN;
	case 5:
	case 18:
		return PK_CALL_ACCEPT;
	default:
		return PK_CALL_NONE;
	}
}

static __always_inline __u32 socket_kind(__u32 call)
{
	switch (call) {
	case PK_CALL_BIND:
		return PK_EVENT_BIND;
	case PK_CALL_LISTEN:
		return PK_EVENT_LISTEN;
	case PK_CALL_ACCEPT:
		return PK_EVENT_ACCEPT;
	case PK_CALL_CONNECT:
		return PK_EVENT_CONNECT;
	default:
		return PK_EVENT_NONE;
	}
}

SEC("tp_btf/sys_exit")
int BPF_PROG(pk_exit_socket, struct pt_regs *regs, long ret)
{
	struct task_struct *task = bpf_get_current_task_btf();
	bool compat = task->thread_info.status & TS_COMPAT;
	__u32 call = pk_exit_call(regs, compat);
	__s32 fd = pk_arg(regs, compat, 0);
	struct pk_actor actor;
	struct pk_scratch *s;
	struct sock *sk;
	__u32 kind, family;

	if (call == PK_CALL_SOCKETCALL)
		call = socketcall(regs, &fd);
	if (call == PK_CALL_ACCEPT)
		fd = ret;
	kind = socket_kind(call);
	if (!kind || !pk_enter(task, kind, &actor))
		return 0;
	sk = fd_sock(task, fd);
	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	/* other connects were seen by the cgroup hooks */
	if (!sk ||
	    (kind == PK_EVENT_CONNECT ? family != AF_UNIX : !inet(family) && family != AF_UNIX))
		return 0;
	s = net_event(PK_HOOK_EXIT_SOCKET, kind);
	if (!s)
		return 0;
	if (kind == PK_EVENT_CONNECT) {
		sock_fill(&s->rec.net, sk);
		pk_unix_name_fill(s, (__u64)BPF_CORE_READ((struct unix_sock *)sk, peer));
	} else {
		own_fill(s, sk);
	}
	if (kind == PK_EVENT_ACCEPT && family != AF_UNIX)
		remote_fill(&s->rec.net, sk);
	if (kind == PK_EVENT_LISTEN)
		s->rec.net.backlog = call == PK_CALL_LISTEN && !compat ? pk_arg(regs, compat, 1) :
									 0;
	pk_judge_exit(ctx, s, &actor, kind);
	pk_unjudged(s, kind, PK_HOOK_EXIT_SOCKET);
	return 0;
}
