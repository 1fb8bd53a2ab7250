/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of /proc: the first byte of the input chooses mountinfo ('m') or stat (anything else).
 * Whatever is made of it is a well-formed record.
 */
#include <string.h>

#include "base/cleanup.h"
#include "fuzz.h"
#include "stream/mounts.h"
#include "stream/procfs.h"

static int update_mounts(void *ctx, const void *record, size_t len)
{
	fuzz_check(pk_record_check(record, len) == 0);
	pk_mounts_update(ctx, record);
	return 0;
}

static void read_mountinfo(char *text, size_t size)
{
	struct pk_mounts *mounts = NULL;
	uint32_t left_out;

	fuzz_check(pk_mounts_new(&mounts) == 0);
	pk_mounts_parse(text, size, update_mounts, mounts, &left_out);
	fuzz_check(pk_mounts_get_cnt(mounts) <= PK_MAX_MOUNTS);
	pk_mounts_free(mounts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	pk_cleanup(pk_free_p) char *text = NULL;
	struct pk_procfs_stat stat;

	if (!size)
		return 0;
	text = malloc(size);
	fuzz_check(text);
	memcpy(text, data, size);
	if (text[0] == 'm')
		read_mountinfo(text + 1, size - 1);
	else
		pk_procfs_parse_stat(text + 1, size - 1, &stat);
	return 0;
}
