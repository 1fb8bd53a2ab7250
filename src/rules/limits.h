/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How large rules may be. Past a limit the file is refused with a diagnostic at the place where
 * the limit was passed; nothing is cut.
 */
#ifndef PK_RULES_LIMITS_H
#define PK_RULES_LIMITS_H

#define PK_MAX_RULES 65536u
#define PK_MAX_MACROS 65536u
#define PK_MAX_LISTS 65536u
#define PK_MAX_LIST_ITEMS 65536u

#define PK_MAX_RULES_FILES 1024u
#define PK_MAX_RULES_FILE_BYTES (32u << 20)
#define PK_MAX_RULES_BYTES ((size_t)1 << 30) /* memory of one rule set */

#define PK_MAX_RULE_NAME_BYTES 1024u
#define PK_MAX_STRING_BYTES 4096u         /* a literal in a condition, an item of a list */
#define PK_MAX_CONDITION_BYTES (1u << 20) /* with lists put in, exceptions each apart */
#define PK_MAX_NESTING 256u               /* parentheses and transformers in one condition */
#define PK_MAX_MACRO_DEPTH 64u            /* macros within macros */
#define PK_MAX_CONDITION_DEPTH 1024u      /* of the tree, macros put in */
#define PK_MAX_CONDITION_NODES (1u << 20) /* counted as if every macro were a copy */
#define PK_MAX_TAGS 256u                  /* labels of a rule */
#define PK_MAX_EXCEPTIONS 4096u           /* of a rule */

#define PK_MAX_YAML_NESTING 64u
#define PK_MAX_YAML_NODES (1u << 22) /* of a file, counted as if every alias were a copy */
#define PK_MAX_YAML_KEYS 256u        /* of a mapping */
#define PK_MAX_YAML_ANCHORS 1024u    /* of a document */

#define PK_MAX_DIAGS 1000u /* kept; further ones are only counted */
#define PK_MAX_DIAGS_PER_CONDITION 16u

#endif
