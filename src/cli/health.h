/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two questions over HTTP, for whoever keeps the agent running: GET /livez, is it at work, and GET /readyz,
 * are its sensors attached and its rules in force. 200 is yes, 503 is no; the body says why in words. A
 * thread answers, so that a reader that hangs is seen to hang.
 *
 * It takes no more than PK_MAX_HEALTH_CONNS connections at once and PK_MAX_HEALTH_REQUEST_BYTES of each, for
 * PK_HEALTH_CONN_MS; each gets one answer.
 */
#ifndef PK_CLI_HEALTH_H
#define PK_CLI_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

#define PK_MAX_HEALTH_CONNS 16u
#define PK_MAX_HEALTH_REQUEST_BYTES 4096u
#define PK_MAX_HEALTH_NOTE_BYTES 512u
#define PK_HEALTH_CONN_MS 5000u
#define PK_HEALTH_STALL_MS 30000u /* a reader that has not moved for so long is not alive */

struct pk_health;

struct pk_health_options {
	const char *listen; /* "ADDRESS:PORT", "[ADDRESS]:PORT"; port 0: any */
	uint32_t stall_ms;  /* 0: PK_HEALTH_STALL_MS */
	uint32_t conn_ms;   /* 0: PK_HEALTH_CONN_MS */
};

/* Whether one can listen there, as far as it is written: 0; -EINVAL: no address and port; -ENOMEM. */
int pk_health_check(const char *listen);

/* Listens. As pk_health_check(); -errno of the socket, of the thread. */
int pk_health_new(const struct pk_health_options *options, struct pk_health **ret_health);

/* Ends the thread. NULL is fine. */
void pk_health_free(struct pk_health *health);

uint16_t pk_health_get_port(const struct pk_health *health);

/* The reader has moved. Until the first time it counts as alive: what a start may take is for a startup
 * probe to say. NULL is fine. */
void pk_health_beat(struct pk_health *health);

/* Whether everything is in force. NULL is fine. */
void pk_health_set_ready(struct pk_health *health, bool ready);

/* A line for the body of /readyz, cut at PK_MAX_HEALTH_NOTE_BYTES; control characters become '?'. It
 * changes no answer. NULL is fine. */
void pk_health_set_note(struct pk_health *health, const char *note);

PK_DEFINE_CLEANUP(struct pk_health *, pk_health_free);

#endif
