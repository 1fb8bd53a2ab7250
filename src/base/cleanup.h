/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scope-bound ownership: a local that owns something carries one of these attributes and a
 * sentinel (NULL, -1), and gives it away only through pk_take_ptr() or pk_take_fd().
 */
#ifndef PK_BASE_CLEANUP_H
#define PK_BASE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define pk_cleanup(fn) __attribute__((cleanup(fn)))

/* Makes `fn_p(type *)` for use with pk_cleanup() out of `fn(type)`; fn(NULL) must be fine. */
#define PK_DEFINE_CLEANUP(type, fn)             \
	static inline void fn##_p(type *object) \
	{                                       \
		fn(*object);                    \
	}                                       \
	struct pk_cleanup_needs_semicolon

/* Hands the pointer over to the caller and leaves NULL behind. */
#define pk_take_ptr(p)                      \
	({                                  \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;                 \
		taken_;                     \
	})

/* Hands the file descriptor over to the caller and leaves -1 behind. */
#define pk_take_fd(fd)             \
	({                         \
		int taken_ = (fd); \
		(fd) = -1;         \
		taken_;            \
	})

static inline void pk_free_p(void *p)
{
	free(*(void **)p);
}

/* Closes *fd unless negative; leaves errno alone. */
static inline void pk_close_p(int *fd)
{
	int saved_errno = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved_errno;
}

static inline void pk_fclose_p(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void pk_closedir_p(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

#define PK_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
