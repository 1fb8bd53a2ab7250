#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the alerts of a run against the log of tests/deny/attempt.

	check.py --log LOG --alerts ALERTS [--told lsm|tracepoint]

LOG: a line a case, as attempt.c says. ALERTS: picket's JSON lines; other lines are passed over.
Each case that was stopped has one alert (or at least one, where it says so) that names its rule, with
the verdict denied or killed, of the process that made the attempt; a case that was allowed has none
that says it was stopped; and no alert says so of anything else. With --told rules only alert: each case
that one is about has one alert of it, with the verdict allowed, but for those in UNSEEN; others have none
of a rule that is about some case. Prints what is wrong, and
"N passed, N failed"; exits with 1 if any failed.
"""
import argparse
import collections
import json
import os
import re
import sys

STOPPED = ("denied", "killed")
SHOWN = int(os.environ.get("SHOWN", "60"))  # complaints; the rest are counted

# With --told: cases that may be without an alert. Backend (None: both), what their names hold, reason.
UNSEEN = [
    (None, "by a bind mount|by a detached mount|in a chroot above|by a hard link|after it was moved"
     "|bound over another file|that had the protected name|after the name went away|in a directory that was moved",
     "the process sees another path; only rules that deny or kill know files by their identity"),
    (None, "rename/EXCHANGE by the other's name",
     "an exchange is judged from both sides only where some rule about renames denies or kills"),
    ("tracepoint", "^(?!open|create|exec).*("
     "by /proc/self/root|by the parent's root|by /proc/self/cwd|by an O_PATH directory|of O_PATH"
     "|by O_PATH and /proc/self/fd)",
     "names that lead through /proc's links to objects cannot be looked up again at the call's end"),
    ("tracepoint", "^send: .*unix dgram", "Unix datagrams without a connect"),
    ("tracepoint", " RAW |SCTP|^bind: address, smc", "sockets that are not TCP, UDP or ping"),
    ("tracepoint", "io_uring", "the tracepoint backend does not see what io_uring does"),
]


def read_alerts(path):
    """(pid, rule) -> verdicts, one for each alert and for each that it stands for."""
    found = collections.defaultdict(list)
    problems = []
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                alert = json.loads(line)
            except ValueError as error:
                problems.append(f"{path}:{number}: no JSON: {error}")
                continue
            if "rule" not in alert:
                continue
            missing = {"verdict", "action", "output_fields", "event"} - set(alert)
            if missing:
                problems.append(f"{path}:{number}: without {', '.join(sorted(missing))}")
                continue
            pid = alert["event"].get("process", {}).get("pid")
            if pid is None:
                pid = alert["output_fields"].get("proc.pid")
            found[pid, alert["rule"]] += [alert["verdict"]] * (1 + alert.get("repeats", 0))
    return found, problems


def read_log(path):
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            name, expected, pid, rule, cnt, word = line.rstrip("\n").split("\t")
            if word != "skip":
                yield name, expected, int(pid), rule, cnt


def why_unseen(name, backend):
    for where, pattern, reason in UNSEEN:
        if where in (None, backend) and re.search(pattern, name):
            return reason
    return None


def count_told(log, found, problems, backend):
    """Rules only alert: how many cases are as they should be; the others go to `problems`."""
    passed = 0
    unseen = collections.Counter()
    rules = {rule for _, _, _, rule, _ in log} - {"-"}
    for name, _, pid, rule, cnt in log:
        verdicts = found.get((pid, rule), [])
        others = [key[1] for key in found if key[0] == pid and key[1] in rules and key[1] != rule]
        if rule != "-" and not verdicts and why_unseen(name, backend):
            unseen[why_unseen(name, backend)] += 1
        elif rule != "-" and not verdicts:
            problems.append(f"{name}: no alert of '{rule}' by process {pid}")
        elif set(verdicts) - {"allowed"}:
            problems.append(f"{name}: allowed, but the alert of '{rule}' says {set(verdicts)}")
        elif cnt == "1" and len(verdicts) > 1:
            problems.append(f"{name}: {len(verdicts)} alerts of '{rule}' by process {pid}")
        elif rule == "-" and others:
            problems.append(f"{name}: an alert of '{others[0]}', which is not about it")
        else:
            passed += 1
    for (pid, rule), verdicts in found.items():
        if any(v in STOPPED for v in verdicts):
            problems.append(f"an alert of '{rule}' by process {pid} says {verdicts[0]}")
    for reason, cnt in unseen.items():
        print(f"{cnt} without alert: {reason}")
    return passed


def count_stopped(log, found, problems, _):
    """The same where rules deny or kill."""
    passed = 0
    pids = {}
    for name, expected, pid, rule, cnt in log:
        pids[pid] = name
        if expected == "allowed":
            stopped = [key[1] for key, verdicts in found.items()
                       if key[0] == pid and any(v in STOPPED for v in verdicts)]
            if stopped:
                problems.append(f"{name}: allowed, but an alert of '{stopped[0]}' says it was stopped")
            else:
                passed += 1
            continue
        verdicts = found.pop((pid, rule), [])
        if set(verdicts) - {expected}:
            problems.append(f"{name}: {expected}, but the alert of '{rule}' says {set(verdicts)}")
        elif not verdicts:
            problems.append(f"{name}: no alert of '{rule}' by process {pid}")
        elif cnt == "1" and len(verdicts) != 1:
            problems.append(f"{name}: {len(verdicts)} alerts of '{rule}' by process {pid}")
        else:
            passed += 1
    for (pid, rule), verdicts in found.items():
        if any(v in STOPPED for v in verdicts):
            what = f"in '{pids[pid]}'" if pid in pids else "in no case"
            problems.append(f"an alert of '{rule}' by process {pid}, {what}, says {verdicts[0]}")
    return passed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    parser.add_argument("--alerts", required=True)
    parser.add_argument("--told", choices=["lsm", "tracepoint"])
    options = parser.parse_args()
    found, problems = read_alerts(options.alerts)
    count = count_told if options.told else count_stopped
    passed = count(list(read_log(options.log)), found, problems, options.told)
    for problem in problems[:SHOWN]:
        print(problem)
    if len(problems) > SHOWN:
        print(f"and {len(problems) - SHOWN} more")
    print(f"{passed} passed, {len(problems)} failed")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
