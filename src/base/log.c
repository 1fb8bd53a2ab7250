/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages on stderr: each one is built whole and written with one write(), so that lines of
 * several processes do not mix, and no observed name can drive the terminal through a message.
 */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES 2048

static enum pk_log_level max_level = PK_LOG_INFO;

void pk_log_set_level(enum pk_log_level level)
{
	max_level = level;
}

enum pk_log_level pk_log_get_level(void)
{
	return max_level;
}

static const char *prefix_of(enum pk_log_level level)
{
	switch (level) {
	case PK_LOG_WARNING:
		return "picket: warning: ";
	case PK_LOG_DEBUG:
		return "picket: debug: ";
	case PK_LOG_ERROR:
	case PK_LOG_INFO:
		break;
	}
	return "picket: ";
}

/* Newlines stay when more text follows: messages with several lines are the program's own. */
static void hide_controls(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < 0x20 && c != '\n') || c == 0x7f)
			text[i] = '?';
	}
}

void pk_log(enum pk_log_level level, const char *format, ...)
{
	int saved_errno = errno;
	char line[LINE_BYTES];
	size_t len;
	va_list args;
	int text_len;

	if (level > max_level)
		return;
	len = (size_t)snprintf(line, sizeof(line), "%s", prefix_of(level));
	va_start(args, format);
	errno = saved_errno; /* for %m */
	text_len = vsnprintf(line + len, sizeof(line) - len, format, args);
	va_end(args);
	if (text_len > 0) {
		size_t room = sizeof(line) - len - 1;
		size_t used = (size_t)text_len < room ? (size_t)text_len : room;

		hide_controls(line + len, used);
		len += used;
	}
	if (len == sizeof(line))
		len--;
	line[len++] = '\n';
	while (write(STDERR_FILENO, line, len) < 0 && errno == EINTR)
		;
	errno = saved_errno;
}
