# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of the command line share. Each is a script: SCRIPT PICKET, where PICKET is the
# program. It prints what failed and, as the last line, "N passed, N failed"; its status is 1 if any
# failed, 77 if it could not run at all. Every start of PICKET has a time limit.
set -uo pipefail

if [[ $# -ne 1 || ! -x $1 ]]; then
	echo "usage: $0 PICKET" >&2
	exit 2
fi
picket=$(realpath "$1")
top=$(realpath "$(dirname "$(realpath "$0")")/../..")
# of recordings that PICKET reads
wire=$(sed -n 's/^#define PK_WIRE_VERSION \([0-9]*\)$/\1/p' "$top/bpf/event.h")
passed=0
failed=0
status=0
work=$(mktemp -d "${TMPDIR:-/tmp}/picket-cli.XXXXXX")
# shellcheck disable=SC2034
readonly picket top work wire
chmod 755 "$work"
# shellcheck disable=SC2317 # called by a trap
clean_up() {
	local job
	for job in $(jobs -p); do
		kill -KILL "$job" 2>/dev/null
	done
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
cd "$work" || exit
unset NO_COLOR PICKET_DEBUG
export LC_ALL=C.UTF-8

pass() {
	passed=$((passed + 1))
}

fail() {
	failed=$((failed + 1))
	echo "FAILED: $*"
}

# is WHAT COMMAND...: passes when the command succeeds.
is() {
	local what=$1
	shift
	if "$@"; then
		pass
	else
		fail "$what"
	fi
}

# run COMMAND...: at most 30 s, no input. Leaves $status, and $work/out and $work/err.
run() {
	status=0
	timeout -k 5 30 "$@" </dev/null >"$work/out" 2>"$work/err" || status=$?
}

# expect STATUS TEXT COMMAND...: status of the command, and TEXT (may be empty) in its messages.
expect() {
	local want=$1 text=$2
	shift 2
	run "$@"
	if [[ $status -ne $want ]]; then
		fail "'${*/#"$picket"/picket}' ended with $status, not $want: $(head -c 400 "$work/err")"
	elif [[ -n $text ]] && ! grep -qF -- "$text" "$work/err"; then
		fail "'${*/#"$picket"/picket}' does not say '$text': $(head -c 400 "$work/err")"
	else
		pass
	fi
}

# Also says why in the log, and how to get the tests.
skip() {
	echo "SKIPPED $(basename "$0"): $*"
	exit 77
}

# Asks bpftool and not only picket, so that a fault of picket's own does not pass for a missing right.
need_bpf() {
	PATH=$PATH:/usr/sbin:/sbin
	[[ $EUID -eq 0 ]] || skip "needs root"
	command -v bpftool >/dev/null || skip "needs bpftool"
	timeout 10 bpftool prog show >/dev/null 2>&1 || skip "bpf() is not permitted here"
	run "$picket" doctor
	[[ $status -eq 0 ]] || skip "no backend: $(grep '^Backend' "$work/out")"
}

# need_cgroup: a command of its own needs a writable cgroup v2.
need_cgroup() {
	local mount
	mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
	[[ -n $mount ]] || skip "no cgroup v2 is mounted"
	mkdir "$mount/picket-cli-$$" 2>/dev/null || skip "cgroup v2 is read-only"
	rmdir "$mount/picket-cli-$$"
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for() {
	local tries=$(($1 * 20))
	shift
	while ! "$@"; do
		((tries-- > 0)) || return 1
		sleep 0.05
	done
}

is_watching() {
	grep -q '^picket: watching' "$1"
}

is_gone() {
	! kill -0 "$1" 2>/dev/null
}

# start OUT ERR OPTION...: picket run in the background; leaves $agent, its pid, when it watches.
start() {
	local out=$1 err=$2
	shift 2
	: >"$err"
	"$picket" run "$@" </dev/null >"$out" 2>"$err" &
	agent=$!
	if wait_for 30 is_watching "$err"; then
		return 0
	fi
	fail "'picket run $*' does not begin: $(head -c 400 "$err")"
	kill -KILL "$agent" 2>/dev/null
	wait "$agent" 2>/dev/null
	return 1
}

# ended WITHIN: waits for $agent; leaves $status. Too late is a failure.
ended() {
	if ! wait_for "$1" is_gone "$agent"; then
		fail "picket has not ended within $1 s"
		kill -KILL "$agent" 2>/dev/null
	fi
	status=0
	wait "$agent" 2>/dev/null || status=$?
}

# Our programs and maps that are in the kernel with no process that holds them. (Programs that are
# attached are among them: what attaches them holds them. Other pickets may be running.)
orphans() {
	local kind
	for kind in prog map; do
		comm -23 <(bpftool "$kind" show 2>/dev/null | sed -nE "s/^([0-9]+): .* name ((pk_|picket)[^ ]*).*/$kind \1/p" | sort) \
			<(cat /proc/[0-9]*/fdinfo/* 2>/dev/null | sed -nE "s/^${kind}_id:\s*([0-9]+)/$kind \1/p" | sort -u)
	done
}

# Cgroups of picket run -- COMMAND whose picket is gone.
cgroups_left() {
	local path
	find "$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)" -maxdepth 4 -name 'picket-run-*' 2>/dev/null |
		while read -r path; do
			kill -0 "${path##*-}" 2>/dev/null || echo "$path"
		done | sort
}

new_left_behind() {
	comm -13 "$work/left_before" <({
		orphans
		cgroups_left
	} | sort)
}

nothing_left() {
	[[ -z $(new_left_behind) ]]
}

# Call first; check_left_behind() compares.
note_left_behind() {
	{
		orphans
		cgroups_left
	} | sort >"$work/left_before"
}

# The kernel frees programs a moment after the process is gone.
check_left_behind() {
	if wait_for 10 nothing_left; then
		pass
	else
		fail "left in the kernel after $1: $(new_left_behind | xargs)"
	fi
}

finish() {
	echo "$passed passed, $failed failed"
	[[ $failed -eq 0 ]]
	exit
}
