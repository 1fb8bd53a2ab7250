/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the API server and the kubelet are asked. Each appends a whole URL with its NUL. What did not come
 * from us is escaped. -ENOMEM
 */
#ifndef PK_META_K8S_URL_H
#define PK_META_K8S_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* A page of the pods of `node`. `next`: the last page's continuation, "": the first. `exact`: as things
 * are now; otherwise as the API server remembers them, which costs it less. */
int pk_k8s_url_page(struct pk_buf *url, const char *api, const char *node, uint32_t page_cnt,
		    const char *next, bool exact);

/* What happens to them from `version` on, for so many seconds. */
int pk_k8s_url_watch(struct pk_buf *url, const char *api, const char *node, uint32_t seconds,
		     const char *version);

/* All pods of a kubelet. */
int pk_k8s_url_kubelet(struct pk_buf *url, const char *kubelet);

#endif
