/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The APIs of runtimes: Docker's and Podman's over HTTP, containerd's and CRI-O's over CRI. For one thread.
 */
#ifndef PK_META_API_H
#define PK_META_API_H

#include "meta/draft.h"
#include "meta/question.h"
#include "meta/resolver.h"

struct pk_api;

/* -ENOMEM, -ENAMETOOLONG of a socket. */
int pk_api_new(const struct pk_resolver_options *options, struct pk_api **ret_api);
void pk_api_free(struct pk_api *api);

/* Whether a socket of this kind of runtime is there. */
bool pk_api_knows(struct pk_api *api, uint32_t runtime);

/* Asks about one container. -ENOENT: it is not known there; -EBUSY: it is not asked, since it hung a moment ago;
 * -ETIMEDOUT and others: no answer. */
int pk_api_ask(struct pk_api *api, const struct pk_question *question, struct pk_draft *draft);

#endif
