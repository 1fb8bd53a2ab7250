/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trials behind probe.h: tiny programs and maps that are loaded, attached, run and dropped.
 * Only probe.c uses this. libbpf's messages are off for the time of a call.
 */
#ifndef PK_KERNEL_TRIAL_H
#define PK_KERNEL_TRIAL_H

#include "kernel/probe.h"

/* Reads probe->cgroup2, fills hooks_err, hook_missing and features. */
void pk_trial_run(struct pk_probe *probe);

/* The trials of the features lsm and fexit, and their hooks: the first that is refused, or ok. */
struct pk_probe_result pk_trial_lsm(void);

#endif
