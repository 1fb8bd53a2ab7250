/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of numbers in conditions, as Falco writes them. All lists end with a NULL name.
 */
#ifndef PK_PLAN_FIELD_SYMBOLS_H
#define PK_PLAN_FIELD_SYMBOLS_H

#include "plan/field.h"

extern const struct pk_symbol pk_symbols_open_flags[];
extern const struct pk_symbol pk_symbols_rename_flags[];
extern const struct pk_symbol pk_symbols_mode[];           /* permission bits: S_ISUID ... */
extern const struct pk_symbol pk_symbols_caps[];           /* by 1 << capability number */
extern const struct pk_symbol pk_symbols_file_types[];     /* S_IFMT: "file", "directory" */
extern const struct pk_symbol pk_symbols_file_typechars[]; /* S_IFMT: "f", "d" */
extern const struct pk_symbol pk_symbols_sock_types[];     /* AF_*: "ipv4", "ipv6", "unix" */
extern const struct pk_symbol pk_symbols_sock_typechars[]; /* AF_*: "4", "6", "u" */
extern const struct pk_symbol pk_symbols_sock_families[];  /* AF_*: "ip", "unix" */
extern const struct pk_symbol pk_symbols_l4protos[];       /* IPPROTO_*: "tcp", "udp", ... */
extern const struct pk_symbol pk_symbols_reading[];        /* access modes that read */
extern const struct pk_symbol pk_symbols_writing[];        /* access modes that write */

#endif
