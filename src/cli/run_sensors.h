/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sensors of picket run, and what is said where there are none or not all.
 */
#ifndef PK_CLI_RUN_SENSORS_H
#define PK_CLI_RUN_SENSORS_H

#include "kernel/sensors.h"

/* As pk_sensors_new(). PK_EXIT_OK, or the exit status: then it has been said what failed. */
int pk_run_sensors_new(const struct pk_sensors_options *wanted, struct pk_sensors **ret_sensors);

#endif
