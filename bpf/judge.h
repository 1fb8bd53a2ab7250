/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause OR Apache-2.0 */
/*
 * What the compiled rules and the programs that gather facts agree on: where each fact stands while an
 * event is judged, and the tables that turn texts and addresses into classes and bits.
 *
 * An event is judged on a struct pk_judge. The sensor (C) fills it, a program that the rule
 * compiler emitted reads it and writes down the rules that match, the sensor's second half (C) acts
 * on them. Everything a rule can ask is one of:
 *
 *   class   cls[slot]: which of the literals that any rule compares this text (or address) with it
 *           is equal to, or which is the longest that it begins with. Literals of one index are
 *           numbered from 1, so "in a list" is a few ranges of numbers, and "begins with" is one
 *           (a longer prefix stands right behind the shorter one that contains it).
 *   bit     t[word], c[word]: patterns found by an automaton (contains, endswith, glob, ...), and
 *           comparisons of facts of the container, which user space has made. t: is true; c: can be
 *           true. Not t and c: unknown.
 *   number  num[n], when its bit in num_present is set.
 *
 * Two banks hold two rule sets, so that one is built while the other is in force; bank numbers are 0
 * and 1. A rule set has a generation, from 1; what was computed for another one is not used.
 */
#ifndef PK_JUDGE_H
#define PK_JUDGE_H

#ifndef __bpf__
#include <assert.h>
#include <linux/types.h>
#include <stddef.h>
#endif

#define PK_BANKS 2u

/* Values of cls[] that are no class. */
#define PK_CLS_OTHER 0u            /* there is a value, and no literal is like it */
#define PK_CLS_MISSING 0xfffffffeu /* the event has no such value: every comparison is false */
#define PK_CLS_UNKNOWN 0xffffffffu /* there is one, but it could not be read, or not in full */
#define PK_MAX_CLS 0x7fffffffu

/* Texts that have an index. The first PK_TEXT_PROC_CNT belong to the process. */
enum pk_text_id {
	PK_TEXT_NAME = 0, /* proc.name, pname, aname: one index for all */
	PK_TEXT_EXE,      /* proc.exe, pexe: argv[0] */
	PK_TEXT_EXEPATH,  /* proc.exepath, pexepath */
	PK_TEXT_CMDLINE,  /* proc.cmdline, pcmdline: name and arguments, blanks between */
	PK_TEXT_ARGS,     /* proc.args: arguments without the first, blanks between */
	PK_TEXT_EXELINE, /* proc.exeline, pexeline: all arguments; NUL between, which is a blank to automata */
	PK_TEXT_ARGV, /* the same bytes, whose NULs part them: proc.args[n] */
	PK_TEXT_PROC_CNT,
	PK_TEXT_FD_NAME =
		PK_TEXT_PROC_CNT, /* the file, as the process sees it; a Unix socket's path; exec: the script */
	PK_TEXT_FD_DIR,  /* its directory */
	PK_TEXT_FD_FILE, /* its last part */
	PK_TEXT_NAME2,   /* rename, link: the new name; pk_sys_event: path2, or text2 without one */
	PK_TEXT_TARGET,  /* symlink: what it points to; pk_sys_event: text */
	PK_TEXT_CWD,     /* working directory, with a slash at its end */
	PK_TEXT_ASKED,   /* open: the path as the caller wrote it */
	PK_TEXT_ENV,     /* exec: the environment, blanks between */
	PK_TEXT_CNT,
};

/* Slots of cls[]. Those below PK_SLOT_EVENT are kept with the process. */
enum pk_slot {
	PK_SLOT_NAME = 0,          /* proc.name; + n: proc.aname[n]; up to 7 */
	PK_SLOT_EXACT_OWN = 8,     /* + text - PK_TEXT_EXE: equal to; never of EXELINE, ARGV */
	PK_SLOT_EXACT_PARENT = 14, /* the same of the parent */
	PK_SLOT_PREFIX_OWN = 20,   /* + text: begins with; never of EXELINE, ARGV */
	PK_SLOT_PREFIX_PARENT = 28,
	PK_SLOT_EVENT = 36,
	PK_SLOT_EXACT = 36,  /* + text - PK_TEXT_FD_NAME */
	PK_SLOT_PREFIX = 44, /* + text - PK_TEXT_FD_NAME */
	PK_SLOT_LOCAL = 52,  /* addresses: longest matching network */
	PK_SLOT_REMOTE = 53,
	PK_SLOT_ID = 54, /* FD_NAME's class, of execs EXEPATH's, by device and inode of the file */
	PK_SLOT_CNT = 56,
};
#define PK_NAME_DEPTH 8u /* PK_SLOT_NAME + 0 to 7 */

/* Words of t[] and c[]. */
#define PK_WORD_OWN 0u     /* patterns of the process's own texts */
#define PK_WORD_PARENT 16u /* the same patterns of its parent's */
#define PK_WORD_ANC 32u    /* proc.aname without index: some ancestor is called so */
#define PK_WORD_EVENT 34u
#define PK_WORD_CONTAINER 96u /* comparisons of facts of the container: struct pk_container_facts */
#define PK_WORD_CNT 128u
#define PK_WORDS_PROC 16u
#define PK_WORDS_ANC 2u
#define PK_WORDS_EVENT 14u
#define PK_WORDS_CONTAINER 32u
#define PK_MAX_CONTAINER_BITS 2048u /* 64 * PK_WORDS_CONTAINER */

/* Numbers. Bits of num_present and num_unknown: present, else unknown, else missing. */
enum pk_num {
	PK_NUM_UID = 0, /* effective user id */
	PK_NUM_GID,     /* effective group id */
	PK_NUM_RUID,
	PK_NUM_RGID,
	PK_NUM_LOGINUID, /* 0xffffffff: not set */
	PK_NUM_PID,      /* in the initial pid namespace */
	PK_NUM_TID,
	PK_NUM_PPID,
	PK_NUM_VPID, /* in the process's own pid namespace */
	PK_NUM_SID,
	PK_NUM_TTY,           /* device number of the controlling terminal, 0: none */
	PK_NUM_CAP_EFFECTIVE, /* bits by capability number */
	PK_NUM_CAP_PERMITTED,
	PK_NUM_CAP_INHERITABLE,
	PK_NUM_EXE_FLAGS,   /* PK_EXEC_*, of the process's last exec */
	PK_NUM_AGE_NS,      /* of the process */
	PK_NUM_TAGS,        /* bit n: tag n is on the process */
	PK_NUM_CTAGS,       /* ... on its container (its cgroup) */
	PK_NUM_EVENT_FLAGS, /* PK_FLAG_* */
	PK_NUM_IN_HOST_NS,  /* 1: in the host's mount namespace */
	PK_NUM_FLAGS,       /* open: O_*; rename: RENAME_* */
	PK_NUM_MODE,        /* chmod, mkdir, mknod, open that creates: permission bits */
	PK_NUM_FILE_MODE,   /* type and permission bits of the file */
	PK_NUM_FILE_UID,    /* owner of the file */
	PK_NUM_INO,
	PK_NUM_DEV,
	PK_NUM_FAMILY, /* AF_* */
	PK_NUM_SOCK_TYPE,
	PK_NUM_PROTO, /* IPPROTO_* */
	PK_NUM_LPORT, /* local and remote port */
	PK_NUM_RPORT,
	PK_NUM_FILE_FLAGS, /* PK_FILE_* */
	PK_NUM_ARG0,       /* pk_sys_event.arg[], six of them; dup: the new descriptor */
	PK_NUM_ARG1,
	PK_NUM_ARG2,
	PK_NUM_ARG3,
	PK_NUM_ARG4,
	PK_NUM_ARG5,
	PK_NUM_TARGET_PID,
	PK_NUM_TARGET_UID,
	PK_NUM_NS_ESCAPED, /* escape.h: 0 or 1, from PK_FLAG_* */
	PK_NUM_FD_OUTSIDE,
	PK_NUM_CAPS_GAINED,
	PK_NUM_EXE_RUNTIME,
	PK_NUM_FD_RUNTIME,
	PK_NUM_EXE_UPPER, /* 0 or 1, from PK_EXEC_* of the process's last exec */
	PK_NUM_DEVICE,    /* pk_char_device() */
	PK_NUM_CREDS,     /* creds.h: 0 or 1, from PK_FLAG_* */
	PK_NUM_CNT,
};

/* Which device a character device is, major << 20 | minor; 0: it is none. */
static inline __u32 pk_char_device(__u32 mode, __u32 rdev)
{
	return (mode & 0170000) == 0020000 ? rdev : 0;
}

/* pk_file_event.open_flags of an open that may change something: O_ACCMODE, O_CREAT, O_TRUNC. The others only read. */
#define PK_OPEN_CHANGES (0003u | 0100u | 01000u)

#define PK_NUMS_ESCAPE                                                                        \
	(1ull << PK_NUM_NS_ESCAPED | 1ull << PK_NUM_FD_OUTSIDE | 1ull << PK_NUM_CAPS_GAINED | \
	 1ull << PK_NUM_EXE_RUNTIME | 1ull << PK_NUM_FD_RUNTIME)

/* matches[]: index of the rule, and: */
#define PK_MATCH_UNKNOWN (1u << 31) /* it came out unknown */
#define PK_MAX_MATCHES 64u /* of one event; beyond it actions hold, alerts are lost: counted */

/* actions: what some matching rule wants done */
#define PK_WANT_REPORT (1u << 0) /* some rule matched or is unknown */
#define PK_WANT_DENY (1u << 1)
#define PK_WANT_KILL (1u << 2)

#define PK_MEMO_WORDS 8u /* two bits for each part that several rules share */

struct pk_judge {
	__u32 match_cnt;
	__u32 actions; /* PK_WANT_* */
	__u32 bank;
	__u32 generation;
	__u64 interest; /* EXEC and FORK: bit per kind, written by the emitted program */
	__u64 num_present;
	__u64 num_unknown;
	__u64 num[PK_NUM_CNT];
	__u64 t[PK_WORD_CNT];
	__u64 c[PK_WORD_CNT];
	__u32 cls[PK_SLOT_CNT];
	__u32 matches[PK_MAX_MATCHES];
	__u64 memo[PK_MEMO_WORDS]; /* the emitted program's own; it clears what it uses */
};

/* Where in a scratch slot (struct pk_scratch) things are, for emitted code. */
#define PK_SCRATCH_BUSY_OFF 0u   /* __u32: 0 free, else tid + 1 of who has it */
#define PK_SCRATCH_JUDGE_OFF 16u /* struct pk_judge */

/* ---- tables ---- */

/*
 * Equal to: four hash maps by the size of the key, the text padded with zeros. A text that is
 * longer than the largest is equal to no literal: literals of the kernel are at most that long.
 */
#define PK_EXACT_SIZES 4u
#define PK_EXACT_BYTES_MAX 248u
struct pk_exact_head {
	__u32 text; /* enum pk_text_id */
	__u32 len_bytes;
}; /* then data: 24, 56, 120 or 248 bytes */

struct pk_exact_value {
	__u32 cls;
	__u32 pad0;
	__u64 kinds; /* kinds of event that some rule on this literal is about: interest */
	__u64 anc[PK_WORDS_ANC]; /* NAME: bits at PK_WORD_ANC that this name sets in descendants */
};

/* Begins with: one LPM trie. */
#define PK_PREFIX_BYTES_MAX 248u
struct pk_prefix_key {
	__u32 prefix_bits; /* of text and data together: 32 + 8 * length */
	__u32 text;
	char data[PK_PREFIX_BYTES_MAX];
};

struct pk_prefix_value {
	__u32 cls;
	__u32 pad0;
	__u64 kinds; /* of this prefix and the shorter ones it begins with */
};

/* Networks: LPM trie; IPv4 as ::ffff:a.b.c.d. Value: struct pk_prefix_value. */
struct pk_addr_key {
	__u32 prefix_bits; /* 0 to 128 */
	__u8 addr[16];
};

/* Files named by literals of rules that deny or kill. Value: struct pk_prefix_value, cls as the text's. */
struct pk_ident_key {
	__u64 ino;
	__u32 dev;  /* kernel's encoding, as pk_inode.dev */
	__u32 text; /* PK_TEXT_FD_NAME or PK_TEXT_EXEPATH; of runtimes 0 */
};

/*
 * An automaton over the bytes of one text. Starts in state 1. state = next[state * class_cnt +
 * class_of[byte]]; state 0 is dead: no pattern can match any more. After each byte hit[state] names a
 * row whose bits are set (0: none); behind the last byte final[state] too. Rows are of word_cnt words,
 * OR-ed into t[] from the pool's first word (OWN, PARENT, EVENT) + word on.
 */
#define PK_DFA_CELLS 65536u
#define PK_DFA_STATES 4096u
#define PK_DFA_ROWS 1024u
#define PK_DFA_WORDS 4u
#define PK_DFA_HIT 0x8000u /* in next[]: the state has a hit row */
struct pk_dfa {
	__u16 text; /* enum pk_text_id */
	__u16 word; /* first word in its pool */
	__u16 word_cnt;
	__u16 class_cnt;
	__u32 state_cnt;
	__u32 row_cnt;
	__u8 class_of[256];
	__u16 next[PK_DFA_CELLS]; /* state, and PK_DFA_HIT */
	__u16 hit[PK_DFA_STATES];
	__u16 final[PK_DFA_STATES];
	__u64 rows[PK_DFA_ROWS][PK_DFA_WORDS]; /* row 0 is empty */
	__u64 kinds; /* interest of a process one of whose texts it finds something in */
};
#define PK_MAX_DFAS 64u /* bits of pk_needs.dfas */

/* What a rule set needs to know of an event of one kind before it can judge. */
struct pk_needs {
	__u32 exact;  /* texts (1 << enum pk_text_id) to look up: equal to */
	__u32 prefix; /* ... begins with */
	__u32 dfa;    /* ... automata */
	__u32 flags;  /* PK_NEED_* */
	__u64 nums; /* 1 << enum pk_num; those that cost something to get are only valid if asked for */
	__u64 dfas; /* 1 << number of an automaton: of those of the texts in `dfa` only these are run */
};
#define PK_NEED_JUDGE (1u << 0) /* there is a rule for this kind */
#define PK_NEED_LOCAL (1u << 1) /* addresses */
#define PK_NEED_REMOTE (1u << 2)
#define PK_NEED_IDENT (1u << 3) /* PK_SLOT_ID */
#define PK_NEED_STOP (1u << 4)  /* a rule of this kind denies or kills */
#define PK_NEED_PROC_BITS \
	(1u << 5) /* patterns of the process's texts, of its parent's, ancestors */
#define PK_NEED_CONTAINER (1u << 6) /* PK_WORD_CONTAINER */

#define PK_KINDS 61u /* PK_EVENT_SENSOR_MAX */

/* One a bank. */
struct pk_plan_table {
	__u32 generation;
	__u32 event_words; /* how many words from PK_WORD_EVENT on are in use */
	__u32 proc_words;
	__u32 rule_cnt;
	__u64 always;            /* kinds that concern every process: interest whatever its facts */
	__u64 ancestry;          /* kinds whose rules ask for parents or ancestors */
	__u64 tag_kinds;         /* kinds whose rules ask for tags */
	struct pk_needs process; /* texts of a process, at its exec */
	struct pk_needs kinds[PK_KINDS];
	struct pk_needs pre[PK_KINDS]; /* where they can still be denied, facts missing */
	struct pk_needs reads;         /* texts of an open that only reads: PK_OPEN_CHANGES */
	__u8 dfa_first[16];            /* by text: automata [first, first + cnt) */
	__u8 dfa_cnt[16];
	__u64 container_kinds; /* kinds whose rules ask for facts of the container */
	__u32 container_words; /* how many words from PK_WORD_CONTAINER on are in use */
	__u32 pad0;
};

#define PK_LIMIT_NONE 0xffffffffu /* no match is told: the rule only sets its tag */

/* One a rule. */
struct pk_rule_entry {
	__u8 action; /* enum pk_rules_action: 0 alert, 1 deny, 2 kill */
	__u8 act_on_unknown;
	__u8 tag;        /* 1 + its bit; 0: sets none */
	__u8 tag_scope;  /* enum pk_rules_tag_scope: 0 process, 1 tree, 2 container */
	__u32 limit_cnt; /* 0: no limit; PK_LIMIT_NONE */
	__u64 limit_ns;
	__u64 tag_ttl_ns; /* 0: for good */
};
#define PK_MAX_TAGS_SET 63u /* distinct tags of a rule set */

/* What a process's texts were found to be, kept with it. */
#define PK_FACTS_VOID 0xffffffffu
struct pk_facts {
	__u32 generation; /* of the rules; PK_FACTS_VOID: nothing is known until the next exec */
	__u32 flags;      /* PK_FACTS_* */
	__u64 interest;   /* bit per kind */
	__u64 t[PK_WORD_EVENT];
	__u64 c[PK_WORD_EVENT];
	__u32 cls[PK_SLOT_EVENT];
	__u64 own_anc[PK_WORDS_ANC]; /* what its name adds to its descendants' PK_WORD_ANC */
	__u64 home; /* cgroup id where it was executed; PK_HOME_HOST; 0: not known */
};
#define PK_HOME_HOST 1u /* in the host's mount namespace; also the id of the topmost cgroup */

/*
 * What a cgroup's container (or the host, outside of any) is to the rules: found by user space once a
 * container, kept by cgroup id, once for each bank that holds rules. A cgroup that is not there is not
 * resolved: unknown. A cgroup made inside of a container's is the container's: the kernel side copies.
 *
 * A process in a container's cgroup that runs in the host's mount namespace, or whose program was executed
 * outside of the container, is the runtime's helper, on its way in: it has no facts of containers at all,
 * so all comparisons of them are false.
 */
struct pk_container_facts {
	__u64 cgroup_id; /* again: an entry can be freed and used again while it is read */
	__u32 generation;
	__u32 flags; /* PK_CONTAINER_FACTS_* */
	__u64 key; /* the same in all cgroups of a container, another one in others; of the host: 1 */
	__u64 interest;              /* bit per kind: can a rule be true of an event in here? */
	__u64 t[PK_WORDS_CONTAINER]; /* as pk_judge.t and .c from PK_WORD_CONTAINER on; c has all of t */
	__u64 c[PK_WORDS_CONTAINER];
};
#define PK_CONTAINER_FACTS_HOST (1u << 0) /* no container */
#define PK_MAX_CONTAINER_CGROUPS 65536u   /* beyond it cgroups stay unknown: counted */

#define PK_ORIGIN_KEY_HOST 1u

/*
 * Where a process comes from: what its line's first program in a container began with. Kept with the process, not
 * with its program or cgroup: it survives whatever the process does later.
 */
struct pk_origin {
	__u64 cgroup_id; /* 0: none */
	__u64 key;       /* as pk_container_facts.key; 0: not known yet */
	__u64 mnt;       /* number of the mount namespace that is never used again */
	__u64 net;       /* the same of the network namespace */
	__u64 caps;      /* what a program in there can ever have: permitted or bounding set */
	__u32 user;      /* inode numbers of the namespaces */
	__u32 user_level;
	__u32 pid;
	__u32 pid_level;
	__u32 cgroup;
	__u32 uts;
	__u32 ipc;
	__u32 pad0;
};

/*
 * Credentials of a thread as they were when they were last looked at and found to be in order (creds.h). The
 * order of ids[] is that of struct cred.
 */
#define PK_CREDS_IDS 8u
#define PK_CREDS_EXTENTS 5u /* of a map of ids that holds them itself */
struct pk_creds {
	__u64 user_ns; /* addresses, to compare */
	__u64 groups;
	__u64 permitted; /* capabilities */
	__u64 effective;
	__u64 bound;
	__u32 ids[PK_CREDS_IDS]; /* real, saved, effective, file system: user and group of each */
	__u32 user_level;
	__u32 epoch;       /* pk_state.creds_epoch when it was kept; another one: it is stale */
	__u32 unexplained; /* 1: once they were not in order; stays, and is handed on */
	__u32 pad0;
};

/* Up through user namespaces: of creds.h alone. */
struct pk_creds_walk {
	__u64 ns;
	__u64 base_ns;
	__u32 base_level;
	__u32 open; /* bit per id that is not explained yet */
	__u32 ids[PK_CREDS_IDS];
	__u32 extents[3 * PK_CREDS_EXTENTS]; /* first, first in the initial namespace, how many */
	__u32 pad0;
};

/* Two of them held against each other, and what that takes: here, as stacks are short of room. */
struct pk_creds_pair {
	struct pk_creds base;
	struct pk_creds now;
	struct pk_creds_walk walk;
	__u32 busy; /* the thread is at it: who interrupts it knows nothing */
	__u32 pad0;
};

/* What an exec may do besides: pk_creds_grown(). */
#define PK_CREDS_SETUID (1u << 0) /* of a file with that bit */
#define PK_CREDS_SETGID (1u << 1)
#define PK_CREDS_CAPS (1u << 2)

/* Whose a namespace is that somebody began in. */
#define PK_NS_MNT 1u
#define PK_NS_NET 2u
struct pk_ns_key {
	__u64 id;
	__u64 type; /* PK_NS_* */
};

struct pk_ns_owner {
	__u64 cgroup_id; /* of who began there */
	__u64 outer_key; /* the container around that one; 0: none */
};
#define PK_MAX_NS_OWNERS 16384u
#define PK_MAX_RUNTIME_FILES 512u

/* Tags on a process or a container. */
struct pk_tagged {
	__u64 bits;
	__u64 tree;         /* of these: passed on to children */
	__u64 until_ns[64]; /* CLOCK_BOOTTIME; 0: for good */
};

/* What a rule has seen already. */
struct pk_seen_key {
	__u64 exec_id;
	__u64 object; /* hash of what it is about: file, address, ... */
	__u32 rule;
	__u32 generation;
};

struct pk_seen {
	__u64 reported_ns;    /* when one of them was last reported */
	__u64 suppressed_cnt; /* since then */
	__u32 pid;
	__u32 verdict;
};

/*
 * A process that was there before the rules: user space puts in what /proc knows, runs the program
 * pk_feed_run, and takes out the facts, which it stores with the process.
 */
#define PK_FEED_NAMES 32u /* own, parent, ... */
#define PK_FEED_TEXT_BYTES 8192u
struct pk_feed_text {
	__u32 len_bytes;
	__u32 state; /* 0 known, 1 missing, 2 unknown (cut too) */
	char data[PK_FEED_TEXT_BYTES];
};
struct pk_feed {
	__u32 bank;
	__u32 name_cnt;
	char names[PK_FEED_NAMES][16];             /* zero-padded; 0 own, 1 parent's, ... */
	struct pk_feed_text own[PK_TEXT_PROC_CNT]; /* NAME is in names[] */
	struct pk_feed_text parent[PK_TEXT_PROC_CNT];
	struct pk_facts facts; /* out */
	__u32 exec_flags;      /* PK_EXEC_* of the process */
	__u32 done;            /* out: 1 */
};

/* A record to be judged as a hook would, without an event: tests, by the program pk_replay_run. */
#define PK_REPLAY_BYTES 33024u
struct pk_replay {
	__u32 bank;
	__u32 record_bytes;
	__u32 has_facts; /* 0: nothing is known of the process */
	__u32 done;      /* out: 1 judged */
	struct pk_facts facts;
	struct pk_facts parent; /* EXEC: of the parent; generation 0: not known */
	struct pk_judge judge;  /* out */
	char record[PK_REPLAY_BYTES];
};

/* The facts of escape.h about who runs the program pk_escape_run: tests. */
struct pk_escape_trial {
	struct pk_origin
		origin; /* no cgroup: filled with what the task has now, and nothing else is done */
	__u32 bank;
	__u32 kind;  /* of an event whose file is the task's root directory */
	__u32 flags; /* out: PK_FLAGS_ESCAPE */
	__u32 done;
};

/* Two credentials held against each other by the program pk_creds_run: tests. */
struct pk_creds_trial {
	struct pk_creds_pair
		pair; /* now.user_ns 0: filled with what the task has, and nothing else is done */
	__u32 how;    /* PK_CREDS_* */
	__u32 grown;  /* out */
	__u32 done;
	__u32 pad0;
};

/*
 * Slots of a hook's program array: a bank's chunks, then the second half of the sensor. A hook that
 * stands for several kinds of event has such a group of slots for each (struct pk_point, "group").
 */
#define PK_CHUNKS 24u
#define PK_SLOT_FINISH 48u /* PK_BANKS * PK_CHUNKS */
#define PK_PROG_SLOTS 49u

#ifndef __bpf__
static_assert(sizeof(struct pk_exact_value) == 32, "wire");
static_assert(sizeof(struct pk_prefix_value) == 16, "wire");
static_assert(sizeof(struct pk_prefix_key) == 256, "wire");
static_assert(sizeof(struct pk_addr_key) == 20, "wire");
static_assert(sizeof(struct pk_ident_key) == 16, "wire");
static_assert(sizeof(struct pk_rule_entry) == 24, "wire");
static_assert(sizeof(struct pk_needs) == 32, "wire");
static_assert(sizeof(struct pk_origin) == 72, "wire");
static_assert(sizeof(struct pk_creds) == 88, "wire");
static_assert(sizeof(struct pk_creds_pair) == 304, "wire");
static_assert(PK_NUM_CNT <= 64, "num_present is one word");
static_assert(PK_TEXT_CNT <= 16, "dfa_first");
static_assert(sizeof(struct pk_judge) % 8 == 0, "wire");
static_assert(sizeof(struct pk_container_facts) == 32 + 16 * PK_WORDS_CONTAINER, "wire");
static_assert(PK_WORD_CONTAINER + PK_WORDS_CONTAINER == PK_WORD_CNT, "words");
static_assert(PK_MAX_CONTAINER_BITS == 64 * PK_WORDS_CONTAINER, "words");
#endif

#endif
