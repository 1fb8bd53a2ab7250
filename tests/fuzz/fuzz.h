/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzz targets share. A target is one function; libFuzzer drives it, or driver.c.
 */
#ifndef PK_FUZZ_FUZZ_H
#define PK_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Unlike assert(), in every build. */
#define fuzz_check(condition)                                                                     \
	do {                                                                                      \
		if (!(condition)) {                                                               \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                  \
		}                                                                                 \
	} while (0)

/* Whether the bytes are lines, each one JSON object in UTF-8 without raw control characters. */
bool fuzz_is_json_lines(const char *data, size_t len);

/* Whether nothing but newlines would act on a terminal. */
bool fuzz_is_harmless_text(const char *data, size_t len);

#endif
