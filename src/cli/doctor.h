/* SPDX-License-Identifier: Apache-2.0 */
/*
 * picket doctor: what this kernel lets Picket do, and what to change to get more. doctor.c finds
 * out, doctor_text.c and doctor_json.c write it to standard output.
 */
#ifndef PK_CLI_DOCTOR_H
#define PK_CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/doctor_k8s.h"
#include "kernel/probe.h"

#define PK_MAX_DOCTOR_ADVICE 16u
#define PK_DOCTOR_ADVICE_BYTES (PK_PROBE_LSMS_MAX + 256u)

/* What to change, a sentence a line, most important first. */
struct pk_doctor_advice {
	char lines[PK_MAX_DOCTOR_ADVICE][PK_DOCTOR_ADVICE_BYTES];
	size_t cnt;
};

/* All that a report says. */
struct pk_doctor {
	const struct pk_probe *probe; /* borrowed */
	enum pk_backend backend;
	const char *reason; /* static */
	struct pk_doctor_advice advice;
	const struct pk_doctor_k8s *k8s; /* borrowed; NULL: was not asked */
	bool color;                      /* of the text */
};

/* Fills everything but `probe`, `k8s` and `color` from the first. */
void pk_doctor_conclude(struct pk_doctor *doctor);

/* For the eye. */
void pk_doctor_print_text(const struct pk_doctor *doctor);

/*
 * For programs: one object that always has the same keys. What is not known is null, and the
 * object "unknown" has the errno's name under the dotted key.
 */
void pk_doctor_print_json(const struct pk_doctor *doctor);

/* Names as both reports write them; never NULL. */
const char *pk_doctor_backend_name(enum pk_backend backend);
const char *pk_doctor_lockdown_name(uint64_t lockdown);
const char *pk_doctor_error_name(int err);
const char *pk_doctor_error_text(int err);

#endif
