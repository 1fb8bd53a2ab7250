// SPDX-License-Identifier: Apache-2.0
/*
 * The reference evaluator: conditions over values that a callback gives.
 */
#include <errno.h>
#include <string.h>

#include "plan/bind_internal.h"

#define EVAL_BYTES_MAX (4u << 20) /* of texts put together for one comparison */
#define OPERANDS_MAX PK_VALUE_LIST_MAX

/* ---- texts ---- */

static int text_pattern(const struct pk_operands *right, size_t i, enum pk_rules_op op,
			struct pk_pattern **ret_made, const struct pk_pattern **ret_pattern)
{
	int err = 0;

	*ret_made = NULL;
	*ret_pattern = NULL;
	if (!pk_eval_needs_pattern(op))
		return 0;
	if (right->patterns) {
		*ret_pattern = right->patterns[i];
		return 0;
	}
	if (!right->partial)
		err = pk_eval_make_pattern(op, right->texts[i], ret_made);
	*ret_pattern = *ret_made;
	return err;
}

static int ask_operand(enum pk_rules_op op, const struct pk_text_side *left,
		       const struct pk_operands *right, size_t i, enum pk_truth *ret)
{
	pk_cleanup(pk_pattern_free_p) struct pk_pattern *made = NULL;
	const struct pk_pattern *pattern;
	const struct pk_text_side side = { right->texts[i], right->partial, right->cut_front };
	int err = text_pattern(right, i, op, &made, &pattern);

	if (!err)
		*ret = pk_eval_text(op, left, &side, pattern);
	return err;
}

/* One text with all operands: true of any, or of all with allof. */
static int ask_operands(const struct pk_bound_atom *atom, enum pk_rules_op op,
			const struct pk_text_side *left, const struct pk_operands *right,
			enum pk_truth *ret)
{
	bool all = atom->atom.check->quantor == PK_RULES_QUANTOR_ALLOF;
	enum pk_truth result = all ? PK_TRUE : PK_FALSE;
	enum pk_truth settled = all ? PK_FALSE : PK_TRUE;

	for (size_t i = 0; i < right->cnt && result != settled; i++) {
		enum pk_truth one;
		int err = ask_operand(op, left, right, i, &one);

		if (err)
			return err;
		if (all ? one < result : one > result)
			result = one;
	}
	if (right->incomplete && result != settled)
		result = PK_UNKNOWN;
	*ret = result;
	return 0;
}

/* Several texts: true of any; of a list, "in" of all. */
static int ask_texts(const struct pk_bound_atom *atom, enum pk_rules_op op,
		     const struct pk_value *left, const struct pk_operands *right,
		     enum pk_truth *ret)
{
	bool all = left->type == PK_FIELD_LIST && op == PK_RULES_OP_IN;
	enum pk_truth result = all ? PK_TRUE : PK_FALSE;
	enum pk_truth settled = all ? PK_FALSE : PK_TRUE;

	for (uint32_t i = 0; i < left->list_cnt && result != settled; i++) {
		const struct pk_text_side side = { .text = left->list[i] };
		enum pk_truth one;
		int err = ask_operands(atom, op, &side, right, &one);

		if (err)
			return err;
		if (all ? one < result : one > result)
			result = one;
	}
	if (left->partial && result != settled)
		result = PK_UNKNOWN;
	*ret = result;
	return 0;
}

static int eval_texts(const struct pk_bound_atom *atom, const struct pk_value *left,
		      const struct pk_operands *right, enum pk_truth *ret)
{
	const struct pk_text_side side = { left->text, left->partial, left->cut_front };
	enum pk_rules_op op = atom->atom.check->op;
	bool none = op == PK_RULES_OP_NE && atom->ne_is_none;
	int err;

	if (left->state == PK_VALUE_UNKNOWN) {
		*ret = PK_UNKNOWN;
		return 0;
	}
	if (!left->list_cnt)
		return ask_operands(atom, op, &side, right, ret);
	err = ask_texts(atom, none ? PK_RULES_OP_EQ : op, left, right, ret);
	if (!err && none)
		*ret = pk_truth_not(*ret);
	return err;
}

/* ---- the right side as operands ---- */

struct operand_room {
	struct pk_value_text texts[OPERANDS_MAX];
	struct pk_net nets[2];
	int64_t i;
	uint64_t u;
};

static void text_operands(const struct pk_value *value, struct operand_room *room,
			  struct pk_operands *ret)
{
	room->texts[0] = value->text;
	for (uint32_t i = 0; i < value->list_cnt; i++)
		room->texts[i] = value->list[i];
	ret->texts = room->texts;
	ret->cnt = value->list_cnt ? value->list_cnt : value->type == PK_FIELD_TEXT;
	ret->incomplete = value->partial && value->list_cnt;
	ret->partial = value->partial && !value->list_cnt;
	ret->cut_front = value->cut_front;
}

static void operands_of(const struct pk_value *value, struct operand_room *room,
			struct pk_operands *ret)
{
	*ret = (struct pk_operands){ .cnt = 1 };
	if (pk_type_is_text(value->type)) {
		text_operands(value, room, ret);
	} else if (pk_type_is_addr(value->type)) {
		ret->cnt = value->addr_cnt;
		ret->nets = room->nets;
		for (uint32_t i = 0; i < value->addr_cnt; i++) {
			memcpy(room->nets[i].addr, value->addr[i], 16);
			room->nets[i].bits = 128;
		}
	} else if (value->type == PK_FIELD_INT) {
		room->i = value->num.i;
		ret->ints = &room->i;
	} else {
		room->u = value->num.u;
		ret->uints = &room->u;
	}
}

/* ---- atoms ---- */

static int compare(const struct pk_bound_atom *atom, const struct pk_value *left,
		   const struct pk_operands *right, enum pk_truth *ret)
{
	if (pk_type_is_text(atom->left->type))
		return eval_texts(atom, left, right, ret);
	if (pk_type_is_addr(atom->left->type))
		*ret = pk_eval_addr(atom, left, right);
	else
		*ret = pk_eval_number(atom, left, right);
	return 0;
}

static int eval_with_right(struct pk_eval_env *env, const struct pk_bound_atom *atom,
			   const struct pk_value *left, enum pk_truth *ret)
{
	struct operand_room room;
	struct pk_operands operands;
	struct pk_value right;
	int err = pk_eval_side(env, atom->right, &right);

	if (err)
		return err;
	if (right.state != PK_VALUE_KNOWN) {
		*ret = right.state == PK_VALUE_MISSING ? PK_FALSE : PK_UNKNOWN;
		return 0;
	}
	operands_of(&right, &room, &operands);
	return compare(atom, left, &operands, ret);
}

static int eval_atom(struct pk_eval_env *env, const struct pk_bound_atom *atom, enum pk_truth *ret)
{
	struct pk_value left;
	int err = pk_eval_side(env, atom->left, &left);

	if (err)
		return err;
	if (left.state == PK_VALUE_MISSING) {
		*ret = PK_FALSE;
		return 0;
	}
	if (atom->atom.check->op == PK_RULES_OP_EXISTS) {
		/* a fact of the container that nobody has told yet may turn out to be none */
		*ret = left.state == PK_VALUE_UNKNOWN && pk_atom_of_container(&atom->atom) ?
			       PK_UNKNOWN :
			       PK_TRUE;
		return 0;
	}
	if (atom->right)
		return eval_with_right(env, atom, &left, ret);
	return compare(atom, &left, &atom->literals, ret);
}

static bool side_of_container(const struct pk_side *side, bool *any)
{
	if (side->field && (side->field->life != PK_LIFE_CONTAINER || !side->field->kinds))
		return false;
	*any |= side->field != NULL;
	for (size_t i = 0; i < side->args_cnt; i++) {
		if (!side_of_container(side->args[i], any))
			return false;
	}
	return true;
}

bool pk_atom_of_container(const struct pk_atom *atom)
{
	const struct pk_bound_atom *bound_atom = (const struct pk_bound_atom *)atom;
	bool any = false;

	return side_of_container(bound_atom->left, &any) &&
	       (!bound_atom->right || side_of_container(bound_atom->right, &any)) && any;
}

int pk_atom_eval(const struct pk_atom *atom, pk_value_fn *get, void *arg, enum pk_truth *ret)
{
	struct pk_eval_env env = { PK_ARENA_INIT(EVAL_BYTES_MAX), get, arg };
	/* every atom is the first member of one */
	int err = eval_atom(&env, (const struct pk_bound_atom *)atom, ret);

	pk_arena_fini(&env.arena);
	return err;
}

/* ---- conditions ---- */

struct walk {
	struct pk_bound *bound;
	pk_value_fn *get;
	void *arg;
};

static int eval_node(struct walk *walk, const struct pk_rules_node *node, enum pk_truth *ret);

static int eval_check(struct walk *walk, struct pk_bound_atom *atom, enum pk_truth *ret)
{
	int err = 0;

	if (atom->stamp != walk->bound->stamp)
		err = pk_atom_eval(&atom->atom, walk->get, walk->arg, &atom->memo);
	if (err)
		return err;
	atom->stamp = walk->bound->stamp;
	*ret = atom->memo;
	return 0;
}

/* AND is the least of its children, OR the greatest. */
static int eval_children(struct walk *walk, const struct pk_rules_node *node, enum pk_truth *ret)
{
	bool is_and = node->kind == PK_RULES_NODE_AND;
	enum pk_truth result = is_and ? PK_TRUE : PK_FALSE;
	enum pk_truth settled = is_and ? PK_FALSE : PK_TRUE;

	for (size_t i = 0; i < node->children_cnt && result != settled; i++) {
		enum pk_truth one;
		int err = eval_node(walk, node->children[i], &one);

		if (err)
			return err;
		if (is_and ? one < result : one > result)
			result = one;
	}
	*ret = result;
	return 0;
}

static int eval_new(struct walk *walk, const struct pk_bound_node *bound_node, enum pk_truth *ret)
{
	const struct pk_rules_node *node = bound_node->node;
	int err;

	switch (node->kind) {
	case PK_RULES_NODE_CHECK:
		return eval_check(walk, bound_node->atom, ret);
	case PK_RULES_NODE_NOT:
		err = eval_node(walk, node->children[0], ret);
		if (!err)
			*ret = pk_truth_not(*ret);
		return err;
	case PK_RULES_NODE_AND:
	case PK_RULES_NODE_OR:
		return eval_children(walk, node, ret);
	case PK_RULES_NODE_MACRO:
		break;
	}
	return -EINVAL;
}

static int eval_node(struct walk *walk, const struct pk_rules_node *node, enum pk_truth *ret)
{
	struct pk_bound_node *bound_node = pk_bound_find_node(walk->bound, node);
	int err = 0;

	if (!bound_node->node)
		return -EINVAL;
	if (bound_node->stamp != walk->bound->stamp)
		err = eval_new(walk, bound_node, &bound_node->memo);
	if (err)
		return err;
	bound_node->stamp = walk->bound->stamp;
	*ret = bound_node->memo;
	return 0;
}

int pk_bound_eval(struct pk_bound *bound, const struct pk_rules_node *condition, pk_value_fn *get,
		  void *arg, enum pk_truth *ret)
{
	struct walk walk = { bound, get, arg };

	bound->stamp++;
	return eval_node(&walk, condition, ret);
}
