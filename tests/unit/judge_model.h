/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A made-up process and event, for holding the kernel side against the reference: the same facts as a
 * record, as a feed of /proc, and as values of fields.
 */
#ifndef PK_TESTS_JUDGE_MODEL_H
#define PK_TESTS_JUDGE_MODEL_H

#include "judge.h"
#include "plan/field.h"
#include "stream/record.h"

#define MODEL_HOST_MNT_NS 7u
#define MODEL_NAMES 12u

/* Numbers that do not depend on the machine. */
struct model_random {
	__u64 state;
};

__u32 model_random(struct model_random *random, __u32 below);
const char *model_pick(struct model_random *random, const char *const *pool, size_t cnt);

/* Texts that literals and facts are made of, so that they meet. */
extern const char *const model_names[];
extern const size_t model_names_cnt;
extern const char *const model_paths[];
extern const size_t model_paths_cnt;
extern const char *const model_args[];
extern const size_t model_args_cnt;
extern const __u8 model_addrs[][16];
extern const char *const model_nets[];
extern const char *const model_ips[];
#define MODEL_ADDR_CNT 5u
#define MODEL_TAG_CNT \
	4u /* tags that rules set, by bit; model_tags[] has one more, which no rule sets */
extern const char *const model_tags[MODEL_TAG_CNT + 1];

struct model_text {
	__u32 state; /* as pk_feed_text */
	char data[1024];
	size_t len;
};

struct model_proc {
	struct model_text texts[PK_TEXT_PROC_CNT];
	char args[1024]; /* with their NULs */
	size_t args_bytes;
	__u32 exec_flags;
};

struct model {
	bool facts_known; /* of the process; else all that is asked of it is unknown */
	struct model_proc own, parent;
	char names[MODEL_NAMES][16];
	__u32 name_cnt;
	struct pk_record record;
	struct model_text texts[PK_TEXT_CNT]; /* those of the event */
	char buffer[1024];                    /* of a value put together */
	char ports[2][8];
	__u64 tags, container_tags; /* bits */
	bool container_known; /* else the cgroup is not resolved: all that is asked of it is unknown */
	__u32 container;      /* which one: makes its facts; 0 is the host */
	bool is_helper;       /* of the container's runtime: no facts at all */
};

/* Makes one of the given kind. */
void model_make(struct model *model, struct model_random *random, __u32 kind);

/* The process itself, or its parent as a process of its own. */
void model_feed(const struct model *model, bool of_parent, struct pk_feed *ret_feed);

/* A pk_value_fn; `arg` is the model. */
int model_value(void *arg, const struct pk_field *field, const char *field_arg,
		struct pk_value *ret_value);

/* The same of a container alone, for fields with PK_LIFE_CONTAINER; `arg` is the model. */
int model_container_value(void *arg, const struct pk_field *field, const char *field_arg,
			  struct pk_value *ret_value);

/* Can model_value() tell it of every kind that has it? */
bool model_has(const struct pk_field *field);

#endif
