/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of Sigma's front end share: a rule around a detection, and its condition as text.
 */
#ifndef PK_TESTS_SIGMA_H
#define PK_TESTS_SIGMA_H

#include "rules.h"

#define SIGMA_HEAD(title, source) \
	"title: " title "\nlogsource:\n    product: linux\n    " source "\n"
#define SIGMA(source, detection) SIGMA_HEAD("T", source) "detection:\n" detection

/* A rule about executions, whose only selection `s` is these lines. */
#define PROCESS(lines) SIGMA("category: process_creation", "    s:\n" lines "    condition: s\n")

#define EXEC "evt.type = execve"

/* The only rule's condition. */
static inline void assert_tree(const char *text, const char *expected)
{
	loaded_cleanup struct loaded loaded = load(text);
	pk_buf_cleanup struct pk_buf printed = PK_BUF_INIT;

	assert_clean(&loaded);
	assert_int_equal(loaded.rules->cnt, 1);
	assert_int_equal(pk_rules_node_print(loaded.rules->items[0]->condition, &printed), 0);
	assert_int_equal(pk_buf_add_char(&printed, '\0'), 0);
	assert_string_equal(printed.data, expected);
}

/* Of a rule about executions, behind what it asks of the kind of event. */
static inline void assert_process(const char *text, const char *expected)
{
	char whole[8192];

	snprintf(whole, sizeof(whole), "(%s and %s)", EXEC, expected);
	assert_tree(text, whole);
}

static inline void assert_mistake(const char *text, const char *said)
{
	loaded_cleanup struct loaded loaded = load(text);

	assert_refused(&loaded, said);
}

/* It is fine, and there is nothing here that it could be true of. */
static inline void assert_left_out(const char *text, const char *said)
{
	loaded_cleanup struct loaded loaded = load(text);
	char whole[512];

	snprintf(whole, sizeof(whole), "warning: rule is not loaded: %s", said);
	assert_said(&loaded, whole);
	assert_non_null(loaded.rules);
	assert_int_equal(loaded.rules->cnt, 0);
	assert_int_equal(loaded.rules->left_out_cnt, 1);
}

#endif
