/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages for the person who runs Picket, on stderr, one line each:
 * "picket: area: what failed 'object': reason". Only callers log; library code returns errors.
 */
#ifndef PK_BASE_LOG_H
#define PK_BASE_LOG_H

enum pk_log_level {
	PK_LOG_ERROR = 0, /* the thing asked for was not done */
	PK_LOG_WARNING = 1,
	PK_LOG_INFO = 2,
	PK_LOG_DEBUG = 3,
};

/* Messages above this level are dropped. The default is PK_LOG_INFO. */
void pk_log_set_level(enum pk_log_level level);
enum pk_log_level pk_log_get_level(void);

/*
 * One line: "picket: ", a tag for warnings and debug, the text, a newline; one write(). Control
 * characters in the text other than newlines become '?'. Past 2,047 bytes it is cut. Leaves
 * errno alone.
 */
void pk_log(enum pk_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define pk_error(...) pk_log(PK_LOG_ERROR, __VA_ARGS__)
#define pk_warning(...) pk_log(PK_LOG_WARNING, __VA_ARGS__)
#define pk_info(...) pk_log(PK_LOG_INFO, __VA_ARGS__)
#define pk_debug(...) pk_log(PK_LOG_DEBUG, __VA_ARGS__)

#endif
