/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Facts of sockets, for both backends: addresses from the kernel's copy or from the socket, the
 * names and files of Unix sockets, and the peers that a socket has sent to.
 */
#ifndef PK_SOCKET_H
#define PK_SOCKET_H

#include "gather.h"

#define PEERS 8

/* The peers that a socket last sent datagrams to. */
struct peers {
	__u64 hash[PEERS];
	__u32 next;
	__u32 pad0;
};

/* Key: socket. Allocated with its first datagram; on failure every datagram is reported. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct peers);
} pk_peer_map SEC(".maps") __weak;

static __always_inline bool peer_known(struct peers *p, __u64 hash)
{
	if (!p)
		return false;
#pragma unroll
	for (int i = 0; i < PEERS; i++)
		if (p->hash[i] == hash)
			return true;
	p->hash[p->next & (PEERS - 1)] = hash;
	p->next++;
	return false;
}

static __always_inline __u64 mix(__u64 h, __u64 v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ull;
	return h ^ (h >> 29);
}

static __always_inline __u64 addr_hash(const __u8 addr[16], __u16 port)
{
	const __u64 *a = (const __u64 *)addr;

	return mix(mix(mix(1, a[0]), a[1]), port) | 1;
}

static __always_inline struct pk_scratch *net_event(__u32 hook, __u32 kind)
{
	struct pk_scratch *s;

	if (!pk_wanted(kind))
		return NULL;
	s = pk_scratch_get(hook, sizeof(struct pk_net_event));
	if (!s)
		return NULL;
	pk_head_fill(s, kind, hook);
	return s;
}

/*
 * The family of the addresses that a socket takes. SMC's are those of the TCP socket that it begins with (and
 * often stays with), whose own connect and bind pass no hook.
 */
static __always_inline __u32 sock_family(struct sock *sk)
{
	__u32 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	if (family != AF_SMC)
		return family;
	return BPF_CORE_READ(sk, sk_protocol) == SMCPROTO_SMC6 ? AF_INET6 : AF_INET;
}

static __always_inline void sock_fill(struct pk_net_event *e, struct sock *sk)
{
	e->family = sock_family(sk);
	e->sock_type = BPF_CORE_READ(sk, sk_type);
	e->protocol = BPF_CORE_READ(sk, sk_protocol);
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_SMC)
		e->protocol = IPPROTO_TCP;
	e->net_ns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
	e->sock_ino = BPF_CORE_READ(sk, sk_socket, file, f_inode, i_ino);
}

static __always_inline void local_fill(struct pk_net_event *e, struct sock *sk)
{
	if (BPF_CORE_READ(sk, __sk_common.skc_family) == AF_SMC)
		return; /* its TCP socket has them */
	e->local_port = BPF_CORE_READ(sk, __sk_common.skc_num);
	if (e->family == AF_INET) {
		__u32 addr = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);

		__builtin_memcpy(e->local_addr, &addr, 4);
	} else {
		BPF_CORE_READ_INTO(&e->local_addr, sk, __sk_common.skc_v6_rcv_saddr);
	}
	e->net_flags |= PK_NET_HAS_LOCAL;
}

static __always_inline void remote_fill(struct pk_net_event *e, struct sock *sk)
{
	e->remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	if (e->family == AF_INET) {
		__u32 addr = BPF_CORE_READ(sk, __sk_common.skc_daddr);

		__builtin_memcpy(e->remote_addr, &addr, 4);
	} else {
		BPF_CORE_READ_INTO(&e->remote_addr, sk, __sk_common.skc_v6_daddr);
	}
	e->net_flags |= PK_NET_HAS_REMOTE;
}

/*
 * An IPv4 or IPv6 address in the kernel's copy of the argument, as the kernel takes it for the socket, of whose
 * addresses `sk_family` is the family: an IPv4 address on an IPv6 socket is a mapped one, and where `unspec`
 * (sendmsg and bind, not connect) IPv4 sockets take AF_UNSPEC for IPv4, raw IPv6 ones for IPv6. Non-zero:
 * some other family.
 */
static __always_inline int sockaddr_read(const void *address, struct sock *sk, __u32 sk_family,
					 bool unspec, __u8 ret_addr[16], __u16 *ret_port)
{
	__u8 raw[28] = {};
	__u16 family;

	if (bpf_probe_read_kernel(raw, 16, address))
		return -1;
	family = *(__u16 *)raw;
	*ret_port = bpf_ntohs(*(__u16 *)(raw + 2));
	if (family == AF_UNSPEC && unspec &&
	    (sk_family == AF_INET || BPF_CORE_READ(sk, sk_type) == SOCK_RAW))
		family = sk_family;
	if (family == AF_INET && sk_family == AF_INET6) {
		ret_addr[10] = 0xff;
		ret_addr[11] = 0xff;
		__builtin_memcpy(ret_addr + 12, raw + 4, 4);
		return 0;
	}
	if (family == AF_INET) {
		__builtin_memcpy(ret_addr, raw + 4, 4);
		return 0;
	}
	if (family != AF_INET6)
		return -1;
	if (bpf_probe_read_kernel(raw, 28, address))
		return -1;
	__builtin_memcpy(ret_addr, raw + 8, 16);
	return 0;
}

/*
 * Whom an address reaches that names nobody (0.0.0.0, ::): the kernel sends to the socket's own IPv4 address, or to
 * the loopback. `own`: the IPv4 address that the socket is bound to, 0: none; `mapped`: as an IPv6 one.
 */
static __always_inline void addr_any_resolve(__u8 addr[16], __u32 family, __u32 own, bool mapped)
{
	const __u32 *word = (const __u32 *)addr;
	__u32 prefix = bpf_htonl(0xffff), to = own ?: bpf_htonl(0x7f000001);

	if (family == AF_INET) {
		if (!word[0])
			__builtin_memcpy(addr, &to, 4);
		return;
	}
	if (word[0] | word[1] | word[3] || (word[2] && word[2] != prefix))
		return;
	if (!word[2] && !mapped) {
		addr[15] = 1;
		return;
	}
	if (!word[2])
		to = bpf_htonl(0x7f000001);
	__builtin_memcpy(addr + 8, &prefix, 4);
	__builtin_memcpy(addr + 12, &to, 4);
}

/* The same of a remote address of a socket. */
static __always_inline void sockaddr_any_resolve(__u8 addr[16], struct sock *sk, __u32 family)
{
	__u32 bound[4] = {};
	bool mapped = false;
	__u32 own = 0;

	if (family == AF_INET) {
		own = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
	} else {
		BPF_CORE_READ_INTO(&bound, sk, __sk_common.skc_v6_rcv_saddr);
		mapped = !(bound[0] | bound[1]) && bound[2] == bpf_htonl(0xffff);
		own = mapped ? bound[3] : 0;
	}
	addr_any_resolve(addr, family, own, mapped);
}

/* The same for cgroup programs. */
static __always_inline void cgroup_any_resolve(struct bpf_sock_addr *ctx, __u8 addr[16],
					       __u32 family)
{
	struct bpf_sock *sk = ctx->sk;
	bool mapped = false;
	__u32 own = 0;

	if (sk && family == AF_INET) {
		own = sk->src_ip4;
	} else if (sk) {
		mapped = !sk->src_ip6[0] && !sk->src_ip6[1] && sk->src_ip6[2] == bpf_htonl(0xffff);
		own = mapped ? sk->src_ip6[3] : 0;
	}
	addr_any_resolve(addr, family, own, mapped);
}

/*
 * The name in a Unix address: `len` bytes at `text`, in kernel memory. A path ends at its NUL,
 * an abstract name begins with one and may hold more.
 */
static __always_inline void sun_path_fill(struct pk_scratch *s, const char *text, __s32 len,
					  bool abstract)
{
	struct pk_net_event *e = &s->rec.net;
	__u32 off = s->data_bytes;
	__u32 n = len;

	if (abstract) {
		e->net_flags |= PK_NET_ABSTRACT;
		text++;
		n--;
	}
	/* verifier: bounds on the very registers that are passed on */
	barrier_var(n);
	if (n == 0 || n > 108)
		return;
	barrier_var(off);
	if (off > 512 + PK_DATA_BYTES - 256)
		return;
	if (abstract) {
		if (bpf_probe_read_kernel(&s->rec.bytes[off], n, text)) {
			pk_fact_lost(&e->head);
			return;
		}
	} else {
		/* the address may be longer than the path, and the path fill it without a NUL */
		len = bpf_probe_read_kernel_str(&s->rec.bytes[off], n + 1, text);
		if (len <= 1) {
			pk_fact_lost(&e->head);
			return;
		}
		n = (len - 1) & 127;
	}
	e->sun_path.off = off;
	e->sun_path.len = n;
	s->data_bytes = off + n;
}

/* A Unix socket's name, as bound: in the address, and where its file is. Global: as pk_head_fill(). */
__weak __noinline int pk_unix_name_fill(struct pk_scratch *s, __u64 sock)
{
	struct unix_sock *u = (struct unix_sock *)sock;
	struct unix_address *addr = BPF_CORE_READ(u, addr);
	__u64 dentry = (__u64)BPF_CORE_READ(u, path.dentry);
	struct pk_net_event *e;
	__s32 len;

	if (!s)
		return 0;
	e = &s->rec.net;
	if (!addr) {
		e->net_flags |= PK_NET_UNNAMED;
		return 0;
	}
	len = BPF_CORE_READ(addr, len) - 2;
	sun_path_fill(s, (const char *)addr + bpf_core_field_offset(struct unix_address, name) + 2,
		      len, !dentry);
	if (!dentry)
		return 0;
	e->path_dev = BPF_CORE_READ(u, path.dentry, d_inode, i_sb, s_dev);
	pk_path_resolve(s, dentry, (__u64)BPF_CORE_READ(u, path.mnt), &e->path);
	pk_path_check(&e->head, &e->path);
	return 0;
}

static __always_inline bool inet(__u32 family)
{
	return family == AF_INET || family == AF_INET6;
}

#endif
