/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What picket run had to leave out, told at its end.
 */
#ifndef PK_CLI_RUN_LIMITS_H
#define PK_CLI_RUN_LIMITS_H

#include "stream/stream.h"

/* A line for each limit of the stream that was met; none: nothing. */
void pk_run_limits_tell(const struct pk_stream *stream);

#endif
