/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a gathered record to a filled struct pk_judge: the same way for every kind of event and every
 * hook. In: a scratch slot whose record is complete but for strings that nobody asked for. Out:
 * pk_scratch.judge, ready for the emitted program.
 *
 * pk_judge_begin() first (what the rules need, what is known of the process), then
 * pk_judge_event(); exec has more: pk_judge_exec().
 */
#ifndef PK_JUDGING_H
#define PK_JUDGING_H

#include "escape.h"
#include "lookups.h"

static __always_inline void pk_num_set(struct pk_judge *j, __u32 num, __u64 value)
{
	j->num[num] = value;
	j->num_present |= 1ull << num;
}

static __always_inline void pk_num_unknown(struct pk_judge *j, __u32 num)
{
	j->num_present &= ~(1ull << num);
	j->num_unknown |= 1ull << num;
}

static __always_inline struct pk_plan_table *pk_plan_get(__u32 bank)
{
	void *inner = bpf_map_lookup_elem(&pk_plans, &bank);
	__u32 zero = 0;

	return inner ? bpf_map_lookup_elem(inner, &zero) : NULL;
}

/* Numbers from a record's head (tags: by exec_id and cgroup_id), and about a file from its inode. */
#define PK_NUMS_HEAD                                                                           \
	(1ull << PK_NUM_UID | 1ull << PK_NUM_GID | 1ull << PK_NUM_RUID | 1ull << PK_NUM_RGID | \
	 1ull << PK_NUM_PID | 1ull << PK_NUM_TID | 1ull << PK_NUM_PPID | 1ull << PK_NUM_VPID | \
	 1ull << PK_NUM_EVENT_FLAGS | 1ull << PK_NUM_TAGS | 1ull << PK_NUM_CTAGS)
#define PK_NUMS_INODE                                                               \
	(1ull << PK_NUM_MODE | 1ull << PK_NUM_FILE_MODE | 1ull << PK_NUM_FILE_UID | \
	 1ull << PK_NUM_INO | 1ull << PK_NUM_DEV | 1ull << PK_NUM_DEVICE |          \
	 1ull << PK_NUM_FD_RUNTIME)

/*
 * Which parts of a record need not be there before the rules in force have judged it: most events match
 * none. PK_LATER_*; the sensor's second half gathers them.
 */
static __always_inline __u32 pk_later(const struct pk_actor *actor, __u32 kind)
{
	const struct pk_plan_table *plan;
	__u32 ret = 0;

	if (!pk_config.judging || pk_reported(kind))
		return 0;
	plan = pk_plan_get(actor->bank);
	if (!plan)
		return 0;
	if (!(plan->kinds[kind].nums & PK_NUMS_HEAD))
		ret |= PK_LATER_HEAD;
	if (!(plan->kinds[kind].nums & PK_NUMS_INODE) && !(plan->kinds[kind].flags & PK_NEED_IDENT))
		ret |= PK_LATER_INODE;
	return ret;
}

/* The head, or what of it is needed to find paths and to judge. */
static __always_inline void pk_head_begin(struct pk_scratch *s, __u32 kind, __u32 hook)
{
	if (!(s->later & PK_LATER_HEAD)) {
		pk_head_fill(s, kind, hook);
		return;
	}
	s->rec.head.kind = kind;
	s->rec.head.hook = hook;
	s->rec.head.mnt_ns = bpf_get_current_task_btf()->nsproxy->mnt_ns->ns.inum;
}

/* PK_EXEC_* of the process's image. */
static __always_inline void pk_judge_exe(struct pk_judge *j, __u32 flags)
{
	pk_num_set(j, PK_NUM_EXE_FLAGS, flags);
	if (flags & (PK_EXEC_UPPER | PK_EXEC_LOWER))
		pk_num_set(j, PK_NUM_EXE_UPPER, (flags & PK_EXEC_UPPER) != 0);
	else
		pk_num_unknown(j, PK_NUM_EXE_UPPER);
}

/* What is known of the process, or that nothing is. Its bits only if they are needed: they are many. */
static __always_inline void pk_judge_process(struct pk_judge *j, const struct pk_facts *facts,
					     bool bits)
{
	if (facts) {
		if (bits) {
			__builtin_memcpy(j->t, facts->t, sizeof(facts->t));
			__builtin_memcpy(j->c, facts->c, sizeof(facts->c));
		}
		__builtin_memcpy(j->cls, facts->cls, sizeof(facts->cls));
		pk_judge_exe(j, facts->flags);
		return;
	}
#pragma unroll
	for (int i = 0; i < (int)PK_WORD_EVENT; i++) {
		j->t[i] = 0;
		j->c[i] = ~0ull;
	}
	__builtin_memset(j->cls, 0xff, PK_SLOT_EVENT * sizeof(j->cls[0]));
	pk_num_unknown(j, PK_NUM_EXE_FLAGS);
	pk_num_unknown(j, PK_NUM_EXE_UPPER);
}

static __always_inline void pk_judge_head(struct pk_judge *j, const struct pk_event *h)
{
	pk_num_set(j, PK_NUM_UID, h->euid);
	pk_num_set(j, PK_NUM_GID, h->egid);
	pk_num_set(j, PK_NUM_RUID, h->uid);
	pk_num_set(j, PK_NUM_RGID, h->gid);
	pk_num_set(j, PK_NUM_PID, h->pid);
	pk_num_set(j, PK_NUM_TID, h->tid);
	pk_num_set(j, PK_NUM_PPID, h->ppid);
	pk_num_set(j, PK_NUM_VPID, h->ns_pid);
	pk_num_set(j, PK_NUM_EVENT_FLAGS, h->flags);
}

static __always_inline void pk_judge_flag(struct pk_judge *j, __u32 num, __u32 flags, __u32 known)
{
	if (flags & known)
		pk_num_set(j, num, (flags & known << 1) != 0);
	else
		pk_num_unknown(j, num);
}

/* How the process stands to its container. */
static __always_inline void pk_judge_escape(struct pk_judge *j, __u32 flags)
{
	pk_judge_flag(j, PK_NUM_NS_ESCAPED, flags, PK_FLAG_NS_KNOWN);
	pk_judge_flag(j, PK_NUM_FD_OUTSIDE, flags, PK_FLAG_FD_KNOWN);
	pk_judge_flag(j, PK_NUM_CAPS_GAINED, flags, PK_FLAG_CAPS_KNOWN);
	pk_judge_flag(j, PK_NUM_EXE_RUNTIME, flags, PK_FLAG_EXE_RUNTIME_KNOWN);
	pk_judge_flag(j, PK_NUM_FD_RUNTIME, flags, PK_FLAG_FD_RUNTIME_KNOWN);
}

/* Numbers of the acting task that no record holds. */
static __always_inline void pk_judge_task(struct pk_judge *j, __u64 nums)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct cred *cred = task->cred;
	struct signal_struct *signal = task->signal;
	struct tty_struct *tty = signal->tty;
	__u64 caps = 0;

	if (bpf_core_field_exists(task->loginuid))
		pk_num_set(j, PK_NUM_LOGINUID, task->loginuid.val);
	pk_num_set(j, PK_NUM_SID, BPF_CORE_READ(signal, pids[3], numbers[0].nr));
	pk_num_set(j, PK_NUM_TTY,
		   tty ? (__u32)(tty->driver->major << 20) |
				   (__u32)(tty->driver->minor_start + tty->index) :
			 0);
	bpf_core_read(&caps, 8, &cred->cap_effective);
	pk_num_set(j, PK_NUM_CAP_EFFECTIVE, caps);
	bpf_core_read(&caps, 8, &cred->cap_permitted);
	pk_num_set(j, PK_NUM_CAP_PERMITTED, caps);
	bpf_core_read(&caps, 8, &cred->cap_inheritable);
	pk_num_set(j, PK_NUM_CAP_INHERITABLE, caps);
	pk_num_set(j, PK_NUM_AGE_NS, bpf_ktime_get_boot_ns() - task->group_leader->start_boottime);
}

#define PK_NUMS_TASK                                                         \
	(1ull << PK_NUM_LOGINUID | 1ull << PK_NUM_SID | 1ull << PK_NUM_TTY | \
	 1ull << PK_NUM_CAP_EFFECTIVE | 1ull << PK_NUM_CAP_PERMITTED |       \
	 1ull << PK_NUM_CAP_INHERITABLE | 1ull << PK_NUM_AGE_NS)

struct pk_tags {
	struct pk_tagged *tagged;
	__u64 now;
	__u64 bits;
};

static long pk_tags_step(__u32 i, void *ctx)
{
	struct pk_tags *tags = ctx;
	__u64 until = tags->tagged->until_ns[i & 63];

	if (until && until <= tags->now)
		tags->bits &= ~(1ull << (i & 63));
	return 0;
}

/* The tags that have not run out. */
__weak __noinline int pk_tags_now(struct pk_tagged *tagged, __u64 *ret_bits)
{
	struct pk_tags tags = { .tagged = tagged };

	if (!tagged || !ret_bits)
		return 0;
	tags.bits = tagged->bits;
	if (tags.bits) {
		tags.now = bpf_ktime_get_boot_ns();
		bpf_loop(64, pk_tags_step, &tags, 0);
	}
	*ret_bits = tags.bits;
	return 0;
}

static __always_inline void pk_judge_tags(struct pk_scratch *s)
{
	struct pk_event *h = &s->rec.head;
	__u64 exec_id = h->exec_id, cgroup_id = h->cgroup_id, bits = 0;
	struct pk_tagged *tagged = bpf_map_lookup_elem(&pk_tag_map, &exec_id);

	if (tagged)
		pk_tags_now(tagged, &bits);
	pk_num_set(&s->judge, PK_NUM_TAGS, bits);
	tagged = bpf_map_lookup_elem(&pk_container_tag_map, &cgroup_id);
	bits = 0;
	if (tagged)
		pk_tags_now(tagged, &bits);
	pk_num_set(&s->judge, PK_NUM_CTAGS, bits);
}

/* Eight words at a time, as far as the rule set has any. */
#define PK_CONTAINER_STEP 8u
#define PK_CONTAINER_STEPS(words, step, ...)         \
	do {                                         \
		step(__VA_ARGS__, 0);                \
		if ((words) > PK_CONTAINER_STEP)     \
			step(__VA_ARGS__, 8);        \
		if ((words) > 2 * PK_CONTAINER_STEP) \
			step(__VA_ARGS__, 16);       \
		if ((words) > 3 * PK_CONTAINER_STEP) \
			step(__VA_ARGS__, 24);       \
	} while (0)
static_assert(PK_WORDS_CONTAINER == 4 * PK_CONTAINER_STEP, "steps");

/* All comparisons are false (0), or unknown (0xff). */
static __always_inline void pk_container_same(struct pk_judge *j, int c, __u32 at)
{
	__builtin_memset(&j->t[PK_WORD_CONTAINER + at], 0, PK_CONTAINER_STEP * 8);
	__builtin_memset(&j->c[PK_WORD_CONTAINER + at], c, PK_CONTAINER_STEP * 8);
}

static __always_inline void pk_container_step(struct pk_judge *j,
					      const struct pk_container_facts *facts, __u32 at)
{
	__builtin_memcpy(&j->t[PK_WORD_CONTAINER + at], &facts->t[at], PK_CONTAINER_STEP * 8);
	__builtin_memcpy(&j->c[PK_WORD_CONTAINER + at], &facts->c[at], PK_CONTAINER_STEP * 8);
}

/*
 * What user space has found of the container that the cgroup belongs to; `words` of it are in use. `home`:
 * of the process, 0 where it is about to change.
 */
__weak __noinline int pk_judge_container(struct pk_scratch *s, __u64 cgroup_id, __u64 home,
					 __u32 words)
{
	struct pk_container_facts *facts;
	struct pk_judge *j;

	if (!s)
		return 0;
	j = &s->judge;
	facts = pk_container_get(cgroup_id, j->bank);
	if (!facts) {
		PK_CONTAINER_STEPS(words, pk_container_same, j, 0xff);
		return 0;
	}
	/* who has left by another road than the runtime's is still the container's */
	if (!(s->rec.head.flags & PK_FLAGS_ESCAPE_SO) &&
	    pk_is_helper(facts, home, s->rec.head.mnt_ns, j->bank))
		PK_CONTAINER_STEPS(words, pk_container_same, j, 0);
	else
		PK_CONTAINER_STEPS(words, pk_container_step, j, facts);
	/* the entry was replaced meanwhile, and its memory given to another's */
	barrier();
	if (facts->cgroup_id != cgroup_id)
		PK_CONTAINER_STEPS(words, pk_container_same, j, 0xff);
	return 0;
}

#define PK_BEGIN_PRE 1u
#define PK_BEGIN_FED 2u /* the task at hand is not the actor: old processes, tests */

/*
 * Starts the judgement of the record in the slot, whose head is filled, by the rules of
 * pk_scratch.judge.bank. `facts` may be NULL: not known. Result: 0 no rule set, 1 go on.
 */
__weak __noinline int pk_judge_begin(struct pk_scratch *s, struct pk_facts *facts, __u32 flags)
{
	struct pk_plan_table *plan;
	struct pk_event *h;
	struct pk_judge *j;
	__u32 kind;

	if (!s)
		return 0;
	j = &s->judge;
	h = &s->rec.head;
	plan = pk_plan_get(j->bank);
	kind = h->kind;
	if (!plan || kind >= PK_KINDS)
		return 0;
	s->needs = flags & PK_BEGIN_PRE ? plan->pre[kind] : plan->kinds[kind];
	if (kind == PK_EVENT_OPEN && !(s->rec.file.open_flags & PK_OPEN_CHANGES) &&
	    !(s->rec.file.file_flags & PK_FILE_CREATED)) {
		s->needs.exact = plan->reads.exact;
		s->needs.prefix = plan->reads.prefix;
		s->needs.dfa = plan->reads.dfa;
		s->needs.dfas = plan->reads.dfas;
	}
	s->pre = flags & PK_BEGIN_PRE;
	s->phase = 0;
	j->match_cnt = 0;
	j->actions = pk_reported(kind) && !s->pre ? PK_WANT_REPORT : 0;
	j->generation = plan->generation;
	j->interest = 0;
	j->num_present = 0;
	j->num_unknown = 0;
	j->num[PK_NUM_TAGS] = 0;
	j->num[PK_NUM_CTAGS] = 0;
	/* execs and forks make facts of them, whatever rules on these events ask */
	pk_judge_process(j, facts, kind < PK_EVENT_OPEN || (s->needs.flags & PK_NEED_PROC_BITS));
#pragma unroll
	for (int i = PK_SLOT_EVENT; i < PK_SLOT_CNT; i++)
		j->cls[i] = PK_CLS_MISSING;
	if (s->needs.dfa >> PK_TEXT_PROC_CNT) {
		__builtin_memset(&j->t[PK_WORD_EVENT], 0, PK_WORDS_EVENT * 8);
		__builtin_memset(&j->c[PK_WORD_EVENT], 0, PK_WORDS_EVENT * 8);
	}
	if (!(flags & PK_BEGIN_FED)) {
		s->cgroup_id = pk_cgroup_kept(facts ? facts->home : 0, j->bank);
		h->cgroup_id = s->cgroup_id;
	}
	if (!(flags & PK_BEGIN_FED) &&
	    ((s->needs.nums & PK_NUMS_ESCAPE) || (kind == PK_EVENT_EXEC && s->origin.cgroup_id)))
		pk_escape_find(s, facts && kind != PK_EVENT_EXEC ? facts->home : 0);
	if (s->needs.nums & PK_NUMS_ESCAPE)
		pk_judge_escape(j, h->flags);
	if (s->needs.nums & (1ull << PK_NUM_CREDS))
		pk_judge_flag(j, PK_NUM_CREDS, h->flags, PK_FLAG_CREDS_KNOWN);
	if (!(s->later & PK_LATER_HEAD))
		pk_judge_head(j, h);
	pk_num_set(j, PK_NUM_IN_HOST_NS, h->mnt_ns == pk_config.host_mnt_ns);
	if ((s->needs.nums & PK_NUMS_TASK) && !(flags & PK_BEGIN_FED))
		pk_judge_task(j, s->needs.nums);
	if (s->needs.nums & (1ull << PK_NUM_TAGS | 1ull << PK_NUM_CTAGS))
		pk_judge_tags(s);
	if (s->needs.flags & PK_NEED_CONTAINER)
		pk_judge_container(s, h->cgroup_id,
				   facts && kind != PK_EVENT_EXEC ? facts->home : 0,
				   plan->container_words);
	return 1;
}

/* The same for who is at a hook. */
static __always_inline int pk_judge_start(struct pk_scratch *s, const struct pk_actor *actor,
					  __u32 flags)
{
	s->judge.bank = actor->bank;
	if (actor->origin)
		s->origin = *actor->origin;
	s->rec.head.flags |= actor->flags;
	return pk_judge_begin(s, actor->facts, flags);
}

static __always_inline bool pk_needs_text(struct pk_scratch *s, __u32 text)
{
	return (s->needs.exact | s->needs.prefix | s->needs.dfa) & (1u << text);
}

/* Where the answers about a text of the event go. */
static __always_inline void pk_slots_event(struct pk_scratch *s, struct pk_slots *slots, __u32 text)
{
	__u32 bit = 1u << text;

	slots->text = text;
	slots->exact = s->needs.exact & bit ? PK_SLOT_EXACT + text - PK_TEXT_FD_NAME : PK_SLOT_CNT;
	slots->prefix = s->needs.prefix & bit ? PK_SLOT_PREFIX + text - PK_TEXT_FD_NAME :
						PK_SLOT_CNT;
	slots->pool = s->needs.dfa & bit ? PK_WORD_EVENT : PK_WORD_CNT;
	slots->dfas = s->needs.dfas;
}

/* A text of the event that is `len` bytes at `off` of the record. */
static __always_inline void pk_judge_text(struct pk_scratch *s, __u32 text, __u32 off, __u32 len,
					  __u32 state)
{
	struct pk_slots slots;

	if (!pk_needs_text(s, text))
		return;
	pk_slots_event(s, &slots, text);
	pk_text_look(s, &slots, pk_scalar(s, s->rec.bytes) + off, (__u64)state << 32 | len);
}

/* A path as the process sees it. */
static __always_inline void pk_path_seen(const struct pk_path *path, __u32 *ret_off, __u32 *ret_len,
					 __u32 *ret_state)
{
	__u32 off = path->name.off, len = path->name.len;

	*ret_state = PK_STATE_KNOWN;
	if (path->flags & (PK_PATH_TRUNCATED | PK_PATH_UNREADABLE))
		*ret_state = PK_STATE_UNKNOWN;
	else if (!len)
		*ret_state = PK_STATE_MISSING;
	if (!(path->flags & PK_PATH_OUTSIDE)) {
		if (path->root_off < len) {
			off += path->root_off;
			len -= path->root_off;
		} else if (len) {
			/* the root itself: a lone slash, which any absolute path begins with */
			len = 1;
		}
	}
	*ret_off = off;
	*ret_len = len;
}

struct pk_slash {
	struct pk_scratch *s;
	__u32 end;
	__u32 found; /* 1 + offset of the last slash */
};

static long pk_last_slash_step(__u32 i, void *ctx)
{
	struct pk_slash *slash = ctx;
	__u32 at = slash->end - 1 - i;

	if (slash->s->rec.bytes[at & 0x7fff] != '/')
		return 0;
	slash->found = at + 1;
	return 1;
}

/* FD_DIR and FD_FILE of a path at `off` of the record, PK_STATE_* << 32 in `len_state`. */
__weak __noinline int pk_judge_parts(struct pk_scratch *s, __u32 off, __u64 len_state)
{
	__u32 len = (__u32)len_state, state = len_state >> 32;
	struct pk_slash slash = { .s = s, .end = off + len };
	__u32 slash_at;

	if (!s)
		return 0;
	if (state == PK_STATE_KNOWN)
		bpf_loop(len & 0x3fff, pk_last_slash_step, &slash, 0);
	if (!slash.found) {
		/* no slash: no directory, all is name */
		pk_judge_text(s, PK_TEXT_FD_DIR, off, 0,
			      state == PK_STATE_KNOWN ? PK_STATE_MISSING : state);
		pk_judge_text(s, PK_TEXT_FD_FILE, off, len, state);
		return 0;
	}
	slash_at = slash.found - 1 - off;
	pk_judge_text(s, PK_TEXT_FD_DIR, off, slash_at ?: 1, state);
	pk_judge_text(s, PK_TEXT_FD_FILE, off + slash_at + 1, len - slash_at - 1, state);
	return 0;
}

static __always_inline void pk_judge_name(struct pk_scratch *s, __u32 off, __u32 len, __u32 state)
{
	pk_judge_text(s, PK_TEXT_FD_NAME, off, len, state);
	if (pk_needs_text(s, PK_TEXT_FD_DIR) || pk_needs_text(s, PK_TEXT_FD_FILE))
		pk_judge_parts(s, off, (__u64)state << 32 | len);
}

/* The working directory, which is in no record but an exec's. */
__weak __noinline int pk_judge_cwd(struct pk_scratch *s)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pk_slots slots;
	struct pk_path path = {};
	__u32 off, len, state, keep, n;

	if (!s)
		return 0;
	keep = s->data_bytes;
	pk_path_resolve(s, pk_scalar(s, task->fs->pwd.dentry), pk_scalar(s, task->fs->pwd.mnt),
			&path);
	pk_path_seen(&path, &off, &len, &state);
	s->data_bytes = keep;
	n = len;
	barrier_var(n);
	if (n > PK_TEXT_BYTES - 1) {
		n = PK_TEXT_BYTES - 1;
		state = PK_STATE_UNKNOWN;
	}
	if (!n || bpf_probe_read_kernel(s->text, n, (void *)(pk_scalar(s, s->rec.bytes) + off)))
		state = PK_STATE_UNKNOWN;
	else if (len > 1)
		s->text[len++ & (PK_TEXT_BYTES - 1)] = '/';
	pk_slots_event(s, &slots, PK_TEXT_CWD);
	return pk_text_look(s, &slots, pk_scalar(s, s->text), (__u64)state << 32 | len);
}

/* pk_file_event.open_flags at a point where they are not known yet. */
#define PK_OPEN_FLAGS_UNKNOWN (~0u)

static __always_inline void pk_judge_file(struct pk_scratch *s)
{
	struct pk_file_event *e = &s->rec.file;
	struct pk_judge *j = &s->judge;
	__u32 off, len, state, kind = e->head.kind;

	pk_path_seen(&e->path, &off, &len, &state);
	pk_judge_name(s, off, len, state);
	if (kind == PK_EVENT_RENAME || kind == PK_EVENT_LINK) {
		pk_path_seen(&e->path2, &off, &len, &state);
		pk_judge_text(s, PK_TEXT_NAME2, off, len, state);
	}
	if (kind == PK_EVENT_OPEN)
		pk_judge_text(s, PK_TEXT_ASKED, e->asked.off, e->asked.len,
			      e->asked.len ? PK_STATE_KNOWN :
			      s->pre       ? PK_STATE_UNKNOWN :
					     PK_STATE_MISSING);
	if (kind == PK_EVENT_SYMLINK)
		pk_judge_text(s, PK_TEXT_TARGET, e->target.off, e->target.len, PK_STATE_KNOWN);
	if (s->needs.flags & PK_NEED_IDENT)
		pk_ident_look(s, &e->inode, PK_TEXT_FD_NAME);
	pk_num_set(j, PK_NUM_FLAGS, e->open_flags);
	if (s->pre && e->open_flags == PK_OPEN_FLAGS_UNKNOWN)
		pk_num_unknown(j, PK_NUM_FLAGS);
	pk_num_set(j, PK_NUM_FILE_FLAGS, e->file_flags);
	pk_num_set(j, PK_NUM_MODE, e->mode);
	if (!e->inode.ino) {
		if (s->pre) {
			/* there will be a file */
			pk_num_set(j, PK_NUM_FILE_MODE, e->inode.mode);
			pk_num_unknown(j, PK_NUM_FILE_UID);
			pk_num_unknown(j, PK_NUM_INO);
			pk_num_set(j, PK_NUM_DEVICE, 0);
		}
		return;
	}
	pk_num_set(j, PK_NUM_FILE_MODE, e->inode.mode);
	pk_num_set(j, PK_NUM_FILE_UID, e->inode.uid);
	pk_num_set(j, PK_NUM_INO, e->inode.ino);
	pk_num_set(j, PK_NUM_DEV, e->inode.dev);
	pk_num_set(j, PK_NUM_DEVICE, pk_char_device(e->inode.mode, e->inode.rdev));
}

static __always_inline void pk_judge_net(struct pk_scratch *s)
{
	struct pk_net_event *e = &s->rec.net;
	struct pk_judge *j = &s->judge;
	bool ipv4 = e->family == 2; /* AF_INET */
	__u32 off, len, state;

	pk_num_set(j, PK_NUM_FAMILY, e->family);
	pk_num_set(j, PK_NUM_SOCK_TYPE, e->sock_type);
	pk_num_set(j, PK_NUM_PROTO, e->protocol);
	if (e->head.kind == PK_EVENT_DUP)
		pk_num_set(j, PK_NUM_ARG0, e->new_fd);
	if (e->family == 1) { /* AF_UNIX */
		if (e->path.name.len) {
			pk_path_seen(&e->path, &off, &len, &state);
			pk_judge_name(s, off, len, state);
		} else {
			pk_judge_name(s, e->sun_path.off, e->sun_path.len,
				      e->sun_path.len                    ? PK_STATE_KNOWN :
				      e->head.flags & PK_FLAG_FACTS_LOST ? PK_STATE_UNKNOWN :
									   PK_STATE_MISSING);
		}
		return;
	}
	/* "client:port->server:port" is not put together here */
	pk_judge_name(s, 0, 0, PK_STATE_UNKNOWN);
	if (e->net_flags & PK_NET_HAS_LOCAL) {
		const __u64 *local = (const __u64 *)e->local_addr;
		/* no address yet: the kernel is going to choose it */
		bool open = (e->head.kind == PK_EVENT_CONNECT || e->head.kind == PK_EVENT_SEND) &&
			    !(local[0] | local[1]);

		if (!open || e->local_port)
			pk_num_set(j, PK_NUM_LPORT, e->local_port);
		if (!open && (s->needs.flags & PK_NEED_LOCAL))
			pk_addr_look(s, e->local_addr, ipv4, PK_SLOT_LOCAL);
	}
	if (e->net_flags & PK_NET_HAS_REMOTE) {
		pk_num_set(j, PK_NUM_RPORT, e->remote_port);
		if (s->needs.flags & PK_NEED_REMOTE)
			pk_addr_look(s, e->remote_addr, ipv4, PK_SLOT_REMOTE);
	} else if (s->pre) {
		pk_num_unknown(j, PK_NUM_RPORT);
		j->cls[PK_SLOT_REMOTE] = PK_CLS_UNKNOWN;
	}
}

static __always_inline void pk_sys_text(struct pk_scratch *s, __u32 text, const struct pk_str *str,
					__u32 unknown)
{
	pk_judge_text(s, text, str->off, str->len,
		      s->rec.sys.sys_flags & unknown ? PK_STATE_UNKNOWN :
		      str->len                       ? PK_STATE_KNOWN :
						       PK_STATE_MISSING);
}

static __always_inline void pk_judge_sys(struct pk_scratch *s)
{
	struct pk_sys_event *e = &s->rec.sys;
	struct pk_judge *j = &s->judge;
	__u32 off, len, state;

	pk_path_seen(&e->path, &off, &len, &state);
	pk_judge_text(s, PK_TEXT_FD_NAME, off, len, state);
	if (e->path2.name.len || e->path2.flags) {
		pk_path_seen(&e->path2, &off, &len, &state);
		pk_judge_text(s, PK_TEXT_NAME2, off, len, state);
	} else {
		pk_sys_text(s, PK_TEXT_NAME2, &e->text2, PK_SYS_TEXT2_UNKNOWN);
	}
	pk_sys_text(s, PK_TEXT_TARGET, &e->text, PK_SYS_TEXT_UNKNOWN);
#pragma unroll
	for (__u32 i = 0; i < PK_SYS_ARGS; i++) {
		pk_num_set(j, PK_NUM_ARG0 + i, e->arg[i]);
		if (e->sys_flags & PK_SYS_ARG_UNKNOWN(i))
			pk_num_unknown(j, PK_NUM_ARG0 + i);
	}
	/* in the new namespace it has all of them: what it had before, user space knows */
	if (e->head.kind == PK_EVENT_UNSHARE && (e->arg[0] & 0x10000000)) { /* CLONE_NEWUSER */
		pk_num_unknown(j, PK_NUM_CAP_EFFECTIVE);
		pk_num_unknown(j, PK_NUM_CAP_PERMITTED);
		pk_num_unknown(j, PK_NUM_CAP_INHERITABLE);
	}
	if (e->target_pid) {
		pk_num_set(j, PK_NUM_TARGET_PID, e->target_pid);
		pk_num_set(j, PK_NUM_TARGET_UID, e->target_uid);
	}
}

/* Everything about the event but the process's own texts. */
__weak __noinline int pk_judge_event(struct pk_scratch *s)
{
	__u32 kind;

	if (!s)
		return 0;
	kind = s->rec.head.kind;
	if (kind >= PK_EVENT_OPEN && kind <= PK_EVENT_TRUNCATE)
		pk_judge_file(s);
	else if ((kind >= PK_EVENT_CONNECT && kind <= PK_EVENT_SEND) || kind == PK_EVENT_DUP)
		pk_judge_net(s);
	else if (kind >= PK_EVENT_DO_MOUNT && kind < PK_EVENT_SENSOR_MAX)
		pk_judge_sys(s);
	if (pk_needs_text(s, PK_TEXT_CWD))
		pk_judge_cwd(s);
	return 0;
}

#endif
