/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which addresses host names have now, for rules that ask for names (fd.sip.name). A thread asks the host's resolver
 * for all names at once, again every 30 seconds; events never wait for it. A name that could not be
 * resolved keeps the addresses it had.
 */
#ifndef PK_STREAM_HOSTS_H
#define PK_STREAM_HOSTS_H

#include "plan/eval.h"

#define PK_MAX_HOST_NAMES 1024u
#define PK_MAX_HOST_ADDRS 64u /* of one name */

struct pk_hosts;

/*
 * Of all names that the comparisons of a rule set ask for. *ret_hosts is NULL if there are none. Waits up to a
 * second for the first answers. -ENOMEM, -EAGAIN: no thread could be made.
 */
int pk_hosts_new(const struct pk_bound *bound, struct pk_hosts **ret_hosts);
void pk_hosts_free(struct pk_hosts *hosts);

/* Adds the names that have this address (IPv4 as ::ffff:a.b.c.d) to the list of `value`; they live as long as `hosts`. */
void pk_hosts_get(struct pk_hosts *hosts, const uint8_t addr[16], struct pk_value *value);

#endif
