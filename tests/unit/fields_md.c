// SPDX-License-Identifier: Apache-2.0
/*
 * Prints docs/fields.md: fields_md > docs/fields.md
 */
#include "plan/field.h"

int main(void)
{
	pk_buf_cleanup struct pk_buf buf = PK_BUF_INIT;

	if (pk_fields_print_markdown(&buf) || pk_buf_write(&buf, STDOUT_FILENO))
		return 1;
	return 0;
}
