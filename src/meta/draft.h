/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container being put together from what several sources say. Texts are copied; what is longer than its limit
 * is cut at the end, labels and mounts that do not fit are left out and flagged.
 */
#ifndef PK_META_DRAFT_H
#define PK_META_DRAFT_H

#include "base/arena.h"
#include "base/buf.h"
#include "meta/container.h"

#define PK_MAX_DRAFT_BYTES (256u << 10)

struct pk_draft {
	struct pk_container container; /* its texts are the draft's */
	struct pk_arena arena;
	struct pk_buf labels;
	struct pk_buf mounts;
};

void pk_draft_init(struct pk_draft *draft);
void pk_draft_fini(struct pk_draft *draft);

/* Sets one text of draft->container; a NUL ends it. -ENOMEM: it stays as it was. */
int pk_draft_text(struct pk_draft *draft, struct pk_text *field, const char *text, size_t len);

/* Sets image, repository, tag and digest by what was asked for: NAME[:TAG][@DIGEST]. Without tag and digest
 * the tag is "latest". A bare id sets none but the image. -ENOMEM */
int pk_draft_image(struct pk_draft *draft, const char *name, size_t len);

/* The same by the image that stands there, of whose text the parts are. */
void pk_draft_split_image(struct pk_container *container);

/* Labels and mounts begin anew: the next source knows them better. */
void pk_draft_clear_labels(struct pk_draft *draft);
void pk_draft_clear_mounts(struct pk_draft *draft);

/* -ENOMEM */
int pk_draft_label(struct pk_draft *draft, const char *key, const char *value, size_t len);
int pk_draft_mount(struct pk_draft *draft, const char *source, const char *destination,
		   const char *mode, bool rw, const char *propagation);

/* Sets or clears a flag and says that it is known. */
void pk_draft_flag(struct pk_draft *draft, uint32_t known, uint32_t flag, bool is_set);

/* RFC 3339, as runtimes write it: 2024-05-01T10:11:12.123456789Z, +02:00. -EBADMSG; the zero time that
 * runtimes use for "never" (year 1) is -ENOENT. */
int pk_draft_parse_time(const char *text, uint64_t *ret_ns);

/* Ready to be told: draft->container with its lists. */
const struct pk_container *pk_draft_get(struct pk_draft *draft);

#endif
