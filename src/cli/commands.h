/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The subcommands: one file each. argv[0] is the subcommand's name; the result is the exit status.
 */
#ifndef PK_CLI_COMMANDS_H
#define PK_CLI_COMMANDS_H

/* Exit statuses. */
#define PK_EXIT_OK 0
#define PK_EXIT_FAILED 1 /* what was asked failed */
#define PK_EXIT_USAGE 2
#define PK_EXIT_REFUSED 3 /* the kernel or the privileges do not allow it */

int pk_cmd_run(int argc, char **argv);
int pk_cmd_replay(int argc, char **argv);
int pk_cmd_check(int argc, char **argv);
int pk_cmd_explain(int argc, char **argv);
int pk_cmd_test(int argc, char **argv);
int pk_cmd_import(int argc, char **argv);
int pk_cmd_doctor(int argc, char **argv);
int pk_cmd_oci_hook(int argc, char **argv);

#endif
