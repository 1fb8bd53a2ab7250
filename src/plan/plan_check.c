/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of each rule, and which rules cannot be honoured as they are written: those are
 * refused at their place, with the reason.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "plan/plan_internal.h"

#define NOTES_MAX 64u /* of one rule */

static const char *const kind_names[PK_KINDS] = {
	"",
	"exec",
	"fork",
	"exit",
	"open",
	"rename",
	"unlink",
	"link",
	"symlink",
	"mkdir",
	"rmdir",
	"mknod",
	"chmod",
	"chown",
	"truncate",
	"connect",
	"bind",
	"listen",
	"accept",
	"send",
	/* by number from here on */
	[PK_EVENT_DO_MOUNT] = "mount",
	[PK_EVENT_UMOUNT] = "umount",
	[PK_EVENT_MOVE_MOUNT] = "move_mount",
	[PK_EVENT_OPEN_TREE] = "open_tree",
	[PK_EVENT_FSMOUNT] = "fsmount",
	[PK_EVENT_FSCONFIG] = "fsconfig",
	[PK_EVENT_MOUNT_SETATTR] = "mount_setattr",
	[PK_EVENT_PIVOT_ROOT] = "pivot_root",
	[PK_EVENT_CHROOT] = "chroot",
	[PK_EVENT_SETUID] = "setuid",
	[PK_EVENT_SETGID] = "setgid",
	[PK_EVENT_CAPSET] = "capset",
	[PK_EVENT_PTRACE] = "ptrace",
	[PK_EVENT_KILL] = "kill",
	[PK_EVENT_SETNS] = "setns",
	[PK_EVENT_UNSHARE] = "unshare",
	[PK_EVENT_USERNS] = "userns_create",
	[PK_EVENT_KEYCTL] = "keyctl",
	[PK_EVENT_PRCTL] = "prctl",
	[PK_EVENT_SECCOMP] = "seccomp",
	[PK_EVENT_MODULE] = "module",
	[PK_EVENT_KEXEC] = "kexec",
	[PK_EVENT_BPF] = "bpf",
	[PK_EVENT_PERF_EVENT] = "perf_event_open",
	[PK_EVENT_IO_URING] = "io_uring",
	[PK_EVENT_USERFAULTFD] = "userfaultfd",
	[PK_EVENT_MEMFD] = "memfd_create",
	[PK_EVENT_MMAP] = "mmap",
	[PK_EVENT_MPROTECT] = "mprotect",
	[PK_EVENT_SOCKET] = "socket",
	[PK_EVENT_REQUEST_MODULE] = "request_module",
	[PK_EVENT_DUP] = "dup",
	[PK_EVENT_PERSONALITY] = "personality",
	[PK_EVENT_SYSLOG] = "syslog",
	[PK_EVENT_SYSINFO] = "sysinfo",
	[PK_EVENT_SETXATTR] = "setxattr",
	[PK_EVENT_REMOVEXATTR] = "removexattr",
	[PK_EVENT_SETTIME] = "clock_settime",
	[PK_EVENT_DELETE_MODULE] = "delete_module",
	[PK_EVENT_SET_NAME] = "set_name",
	[PK_EVENT_IOCTL] = "ioctl",
};

const char *pk_planner_kind_name(uint32_t kind)
{
	return kind_names[kind];
}

static uint64_t deniable_kinds(const struct pk_planner *planner)
{
	const uint64_t never = PK_FIELD_KIND(PK_EVENT_FORK) | PK_FIELD_KIND(PK_EVENT_EXIT) |
			       PK_FIELD_KIND(PK_EVENT_SECCOMP) | PK_FIELD_KIND(PK_EVENT_DUP) |
			       PK_FIELD_KIND(PK_EVENT_PERSONALITY) |
			       PK_FIELD_KIND(PK_EVENT_SYSLOG) | PK_FIELD_KIND(PK_EVENT_SYSINFO);

	if (planner->plan->options.backend == PK_BACKEND_TRACEPOINT)
		return PK_FIELD_KIND(PK_EVENT_CONNECT) | PK_FIELD_KIND(PK_EVENT_SEND);
	return (PK_FIELD_KIND(PK_KINDS) - 2) & ~never;
}

struct notes {
	struct pk_planner *planner;
	size_t rule;
	const struct pk_plan_note **tail;
	size_t cnt;
};

static void add_note(struct notes *notes, const struct pk_rules_check *check, const char *text)
{
	struct pk_plan_note *note;

	if (notes->cnt == NOTES_MAX)
		return;
	note = pk_arena_alloc(&notes->planner->plan->arena, sizeof(*note));
	if (!note) {
		notes->planner->err = -ENOMEM;
		return;
	}
	*note = (struct pk_plan_note){ .check = check, .text = text };
	*notes->tail = note;
	notes->tail = (const struct pk_plan_note **)&note->next;
	notes->cnt++;
}

/* ---- what is left to user space ---- */

static const char *why_given_up(const struct pk_gate *gate)
{
	const char *why = NULL;

	if (gate->kind == PK_GATE_UNKNOWN && gate->lit)
		return pk_index_lit_of(gate->lit)->why;
	for (uint32_t i = 0; i < gate->child_cnt && !why; i++)
		why = why_given_up(gate->children[i]);
	return why;
}

/* Why the kernel cannot answer this comparison at one of these kinds; NULL: it can. */
static const char *why_unknown(const struct notes *notes, const struct pk_atom *atom,
			       uint64_t kinds)
{
	for (const struct pk_lowered *l = atom->user; l; l = l->next) {
		bool used = false;

		for (uint32_t kind = 0; kind < PK_KINDS && !used; kind++)
			used = (kinds >> kind & 1) &&
			       pk_planner_ident(notes->planner, notes->rule, kind) == l->ident &&
			       (!atom->field || pk_field_source(atom->field, kind) == l->source);
		if (!used || !pk_planner_unknown(notes->planner, l->gate))
			continue;
		return l->why ? l->why : why_given_up(l->gate);
	}
	return NULL;
}

static bool same_pointer(const void *item, const void *wanted)
{
	return item == wanted;
}

/*
 * The working directory is in the record of an exec; of other events the kernel alone knows it, while it judges. What
 * user space has to finish does not have it.
 */
static void warn_cwd(struct notes *notes, const struct pk_atom *atom, uint64_t kinds)
{
	const struct pk_rules_check *check = atom->check;
	uint64_t left = kinds & ~PK_FIELD_KIND(PK_EVENT_EXEC);

	for (; left; left &= left - 1) {
		uint32_t kind = (uint32_t)__builtin_ctzll(left);
		const struct pk_field_source *source = atom->field ?
							       pk_field_source(atom->field, kind) :
							       NULL;

		if (!source || source->how != PK_SOURCE_TEXT || source->id != PK_TEXT_CWD)
			continue;
		pk_diag_add(&notes->planner->rules->ctx, PK_DIAG_WARNING, check->op_pos,
			    check->op_span_bytes, NULL,
			    "of %s the kernel alone knows %s; rule '%.64s' is finished in user "
			    "space, where this is unknown",
			    kind_names[kind], atom->field->name,
			    notes->planner->rules->items[notes->rule]->name);
		add_note(notes, check, "in user space this is only known of exec");
		return;
	}
}

static void note_unknown(struct notes *notes, struct pk_set *seen, const struct pk_rules_node *node,
			 uint64_t kinds)
{
	uint64_t hash = pk_hash_mix(1, (uintptr_t)node);
	const struct pk_atom *atom;
	const char *why;

	if (notes->cnt == NOTES_MAX || pk_set_find(seen, hash, node, same_pointer))
		return;
	if (pk_set_reserve(seen)) {
		notes->planner->err = -ENOMEM;
		return;
	}
	pk_set_add(seen, hash, (void *)node);
	for (size_t i = 0; i < node->children_cnt; i++)
		note_unknown(notes, seen, node->children[i], kinds);
	atom = node->kind == PK_RULES_NODE_CHECK ? pk_bound_atom(notes->planner->bound, node) :
						   NULL;
	why = atom ? why_unknown(notes, atom, kinds) : NULL;
	if (why)
		add_note(notes, &node->check, why);
	if (atom)
		warn_cwd(notes, atom, kinds);
}

/* ---- refusals ---- */

static const char *verb(const struct pk_rule *rule)
{
	return rule->action == PK_RULES_ACTION_DENY ? "deny" : "kill";
}

static void refuse_unknown(struct pk_planner *planner, const struct pk_rule *rule,
			   const struct pk_plan_rule *plan_rule)
{
	const struct pk_plan_note *note = plan_rule->notes;
	const struct pk_rules_check *check = note ? note->check : NULL;
	struct pk_rules_ctx *ctx = &planner->rules->ctx;

	if (check)
		pk_diag_add(ctx, PK_DIAG_ERROR, check->op_pos, check->op_span_bytes, NULL,
			    "rule '%.64s' cannot %s: what it does must be decided in the kernel, "
			    "and this is not: %s",
			    rule->name, verb(rule), note->text);
	else
		pk_diag_add(ctx, PK_DIAG_ERROR, rule->action_pos, rule->action_span_bytes, NULL,
			    "rule '%.64s' cannot %s: it is not decided in the kernel", rule->name,
			    verb(rule));
}

static void refuse_kind(struct pk_planner *planner, const struct pk_rule *rule, uint64_t kinds)
{
	uint32_t kind = (uint32_t)__builtin_ctzll(kinds);

	assert(kind < PK_KINDS);
	if (planner->plan->options.backend == PK_BACKEND_TRACEPOINT)
		pk_diag_add(&planner->rules->ctx, PK_DIAG_ERROR, rule->action_pos,
			    rule->action_span_bytes, NULL,
			    "rule '%.64s' cannot deny: this kernel has no BPF LSM, and without it "
			    "%s cannot be denied; --degrade deny=kill makes it kill",
			    rule->name, kind_names[kind]);
	else
		pk_diag_add(&planner->rules->ctx, PK_DIAG_ERROR, rule->action_pos,
			    rule->action_span_bytes, NULL,
			    "rule '%.64s' cannot deny: there is no hook that can deny %s; restrict "
			    "it by evt.type, or --degrade deny=kill makes it kill",
			    rule->name, kind_names[kind]);
}

/* Whether it can come out as nothing that the rule does not act on. */
static bool acts_always(const struct pk_gate *gate, bool on_unknown)
{
	switch (gate->kind) {
	case PK_GATE_TRUE:
		return true;
	case PK_GATE_UNKNOWN:
		return on_unknown;
	case PK_GATE_AND:
		for (uint32_t i = 0; i < gate->child_cnt; i++) {
			if (!acts_always(gate->children[i], on_unknown))
				return false;
		}
		return true;
	case PK_GATE_OR:
		for (uint32_t i = 0; i < gate->child_cnt; i++) {
			if (acts_always(gate->children[i], on_unknown))
				return true;
		}
		return false;
	default:
		return false;
	}
}

static void refuse_everything(struct pk_planner *planner, size_t idx)
{
	static const uint32_t vital[] = { PK_EVENT_EXEC, PK_EVENT_OPEN, PK_EVENT_CONNECT };
	const struct pk_rule *rule = planner->rules->items[idx];

	for (size_t i = 0; i < PK_ARRAY_SIZE(vital); i++) {
		const struct pk_gate *gate = pk_planner_gate(planner, idx, vital[i]);

		if (!gate || !acts_always(gate, rule->on_unknown == PK_RULES_UNKNOWN_ACT))
			continue;
		pk_diag_add(&planner->rules->ctx, PK_DIAG_ERROR, rule->action_pos,
			    rule->action_span_bytes, NULL,
			    "rule '%.64s' would %s every %s of every process%s; --i-know takes it",
			    rule->name, verb(rule), kind_names[vital[i]],
			    gate->kind == PK_GATE_TRUE ?
				    "" :
				    ", since the kernel cannot decide it and on_unknown is act");
		return;
	}
}

static bool needs_new_image(const struct pk_planner *planner, const struct pk_gate *gate)
{
	if (gate->lit) {
		const struct pk_index_lit *lit = pk_index_lit_of(gate->lit);

		return lit->lit.kind != PK_LIT_NUM && lit->lit.slot < PK_SLOT_EVENT &&
		       (lit->text == PK_TEXT_EXE || lit->text == PK_TEXT_CMDLINE ||
			lit->text == PK_TEXT_ARGS || lit->text == PK_TEXT_EXELINE ||
			lit->text == PK_TEXT_ARGV);
	}
	for (uint32_t i = 0; i < gate->child_cnt; i++) {
		if (needs_new_image(planner, gate->children[i]))
			return true;
	}
	return false;
}

static bool names_file(const struct pk_gate *gate)
{
	if (gate->lit) {
		const struct pk_index_lit *lit = pk_index_lit_of(gate->lit);

		return lit->lit.kind != PK_LIT_NUM && lit->text >= PK_TEXT_FD_NAME &&
		       lit->text <= PK_TEXT_FD_FILE;
	}
	for (uint32_t i = 0; i < gate->child_cnt; i++) {
		if (names_file(gate->children[i]))
			return true;
	}
	return false;
}

#define KINDS_NET                                                          \
	(PK_FIELD_KIND(PK_EVENT_CONNECT) | PK_FIELD_KIND(PK_EVENT_BIND) |  \
	 PK_FIELD_KIND(PK_EVENT_LISTEN) | PK_FIELD_KIND(PK_EVENT_ACCEPT) | \
	 PK_FIELD_KIND(PK_EVENT_SEND))
#define KINDS_OVER (PK_FIELD_KIND(PK_EVENT_FORK) | PK_FIELD_KIND(PK_EVENT_EXIT))

/* "client:port->server:port" is put together in user space, too late to stop anything. */
static void warn_socket_names(struct pk_planner *planner, size_t idx, struct notes *notes)
{
	const struct pk_rule *rule = planner->rules->items[idx];
	uint64_t kinds = planner->plan->plan_rules[idx].kinds & KINDS_NET;

	for (; kinds; kinds &= kinds - 1) {
		if (!names_file(pk_planner_gate(planner, idx, (uint32_t)__builtin_ctzll(kinds))))
			continue;
		pk_diag_add(&planner->rules->ctx, PK_DIAG_WARNING, rule->action_pos,
			    rule->action_span_bytes, NULL,
			    "rule '%.64s' can %s only Unix sockets by fd.name; IPv4 and IPv6 go by "
			    "fd.sip, fd.sport and the like",
			    rule->name, verb(rule));
		add_note(notes, NULL, "by fd.name only Unix sockets are stopped");
		return;
	}
}

/* Forks and exits have happened when they are seen. */
static void check_over(struct pk_planner *planner, size_t idx, struct notes *notes)
{
	const struct pk_rule *rule = planner->rules->items[idx];
	uint64_t kinds = planner->plan->plan_rules[idx].kinds;

	if (!(kinds & KINDS_OVER) || planner->plan->entries[idx].action != PK_RULES_ACTION_KILL)
		return;
	if (kinds & ~KINDS_OVER)
		add_note(notes, NULL, "of forks and exits it only alerts: they have happened");
	else
		pk_diag_add(&planner->rules->ctx, PK_DIAG_ERROR, rule->action_pos,
			    rule->action_span_bytes, NULL,
			    "rule '%.64s' cannot kill: forks and exits have happened when they are "
			    "seen",
			    rule->name);
}

static void check_stopping(struct pk_planner *planner, size_t idx, struct notes *notes)
{
	const struct pk_rule *rule = planner->rules->items[idx];
	struct pk_plan_rule *plan_rule = &planner->plan->plan_rules[idx];
	struct pk_rule_entry *entry = &planner->plan->entries[idx];
	uint64_t stuck = plan_rule->kinds & ~deniable_kinds(planner);

	if (entry->action == PK_RULES_ACTION_DENY && stuck) {
		if (planner->plan->options.degrade_deny_to_kill || rule->enforced) {
			entry->action = PK_RULES_ACTION_KILL;
			add_note(notes, NULL, "denies where no hook can: it kills instead");
		} else {
			refuse_kind(planner, rule, stuck);
		}
	}
	if (plan_rule->kinds != plan_rule->kernel_kinds && rule->on_unknown != PK_RULES_UNKNOWN_ACT)
		refuse_unknown(planner, rule, plan_rule);
	check_over(planner, idx, notes);
	warn_socket_names(planner, idx, notes);
	if (!planner->plan->options.i_know)
		refuse_everything(planner, idx);
	if (plan_rule->kinds & PK_FIELD_KIND(PK_EVENT_EXEC) &&
	    needs_new_image(planner, pk_planner_gate(planner, idx, PK_EVENT_EXEC)))
		add_note(notes, NULL,
			 "arguments are known once the new image is in place: it is killed "
			 "before its first instruction");
	if (planner->plan->options.backend == PK_BACKEND_TRACEPOINT && !stuck &&
	    entry->action == PK_RULES_ACTION_DENY)
		add_note(notes, NULL, "without BPF LSM only IPv4 and IPv6 are denied, not Unix");
}

/* ---- each rule ---- */

static void find_kinds(struct pk_planner *planner, size_t idx, struct pk_plan_rule *plan_rule)
{
	for (uint32_t kind = 0; kind < PK_KINDS; kind++) {
		const struct pk_gate *gate = pk_planner_gate(planner, idx, kind);

		if (!gate || gate->kind == PK_GATE_FALSE)
			continue;
		plan_rule->kinds |= PK_FIELD_KIND(kind);
		if (!pk_planner_unknown(planner, gate))
			plan_rule->kernel_kinds |= PK_FIELD_KIND(kind);
	}
}

static void warn_never(struct pk_planner *planner, size_t idx, struct notes *notes)
{
	const struct pk_rule *rule = planner->rules->items[idx];
	const char *why = pk_planner_why_never(planner, idx);

	pk_diag_add(&planner->rules->ctx, PK_DIAG_WARNING, rule->pos, rule->span_bytes, NULL,
		    "rule '%.64s' is never true here, because %s", rule->name, why);
	add_note(notes, NULL, why);
}

static void check_rule(struct pk_planner *planner, size_t idx)
{
	const struct pk_rule *rule = planner->rules->items[idx];
	struct pk_plan_rule *plan_rule = &planner->plan->plan_rules[idx];
	struct notes notes = { .planner = planner, .rule = idx, .tail = &plan_rule->notes };
	struct pk_set seen = { 0 };
	uint64_t unknown;

	find_kinds(planner, idx, plan_rule);
	unknown = plan_rule->kinds & ~plan_rule->kernel_kinds;
	plan_rule->never = !plan_rule->kinds;
	plan_rule->can_deny = plan_rule->kinds && !unknown &&
			      !(plan_rule->kinds & ~deniable_kinds(planner));
	if (unknown)
		note_unknown(&notes, &seen, rule->condition, unknown);
	pk_set_fini(&seen);
	if (plan_rule->never)
		warn_never(planner, idx, &notes);
	else
		pk_planner_warn_dead(planner, idx);
	if (!plan_rule->never && rule->action != PK_RULES_ACTION_ALERT)
		check_stopping(planner, idx, &notes);
}

/* ---- tags that nobody sets ---- */

static bool is_set_by_rule(const struct pk_plan *plan, const struct pk_value_text *text)
{
	for (size_t i = 0; i < plan->tag_cnt; i++) {
		if (strlen(plan->tag_names[i]) == text->len &&
		    !memcmp(plan->tag_names[i], text->data, text->len))
			return true;
	}
	return false;
}

static void check_tags(struct pk_planner *planner, const struct pk_atom *atom)
{
	enum pk_rules_op op = atom->check->op;

	if (!atom->plain || !atom->user || !atom->field->sources ||
	    atom->field->sources->how != PK_SOURCE_TAG ||
	    (op != PK_RULES_OP_EQ && op != PK_RULES_OP_IN && op != PK_RULES_OP_NE &&
	     op != PK_RULES_OP_INTERSECTS))
		return;
	for (size_t i = 0; i < atom->cnt; i++) {
		const struct pk_rules_value *value = &atom->check->values.items[i];

		if (!is_set_by_rule(planner->plan, &atom->texts[i]))
			pk_diag_add(&planner->rules->ctx, PK_DIAG_WARNING, value->pos,
				    value->span_bytes, NULL, "no rule sets the tag '%.64s'",
				    value->data);
	}
}

void pk_planner_check(struct pk_planner *planner)
{
	size_t cnt;
	struct pk_atom *const *atoms = pk_bound_atoms(planner->bound, &cnt);

	for (size_t i = 0; i < cnt; i++)
		check_tags(planner, atoms[i]);
	for (size_t i = 0; i < planner->rules->cnt && !planner->err; i++) {
		if (planner->rules->items[i]->enabled)
			check_rule(planner, i);
	}
}
