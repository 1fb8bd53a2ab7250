// SPDX-License-Identifier: Apache-2.0
/*
 * The limits are those of docs/architecture.md.
 */
#include "cli/run_limits.h"

#include "base/log.h"
#include "stream/tree.h"

void pk_run_limits_tell(const struct pk_stream *stream)
{
	struct pk_stream_stats said;
	struct pk_tree_stats tree;

	pk_stream_get_stats(stream, &said);
	pk_tree_get_stats(pk_stream_get_tree(stream), &tree);
	if (said.refused_cnt)
		pk_warning("stream: %llu records were malformed and left out", said.refused_cnt);
	if (tree.refused_cnt)
		pk_warning(
			"tree: %llu processes past the limit of %u stay without parent and program",
			tree.refused_cnt, PK_MAX_PROCS);
	if (tree.cut_cnt)
		pk_warning("tree: %llu programs are kept without arguments or at all: past %u MiB",
			   tree.cut_cnt, PK_MAX_TREE_IMAGE_BYTES >> 20);
}
