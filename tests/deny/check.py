#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the alerts of a run against the log of tests/deny/attempt.

	check.py --log LOG --alerts ALERTS

LOG: a line a case, as attempt.c says. ALERTS: picket's JSON lines; other lines are passed over.
Each case that was stopped has one alert (or at least one, where it says so) that names its rule, with
the verdict denied or killed, of the process that made the attempt; a case that was allowed has none
that says it was stopped; and no alert says so of anything else. Prints what is wrong, and
"N passed, N failed"; exits with 1 if any failed.
"""
import argparse
import collections
import json
import sys

STOPPED = ("denied", "killed")
SHOWN = 60  # complaints; the rest are counted


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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--log", required=True)
    parser.add_argument("--alerts", required=True)
    options = parser.parse_args()
    found, problems = read_alerts(options.alerts)
    passed = 0
    pids = {}
    for name, expected, pid, rule, cnt in read_log(options.log):
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
    for problem in problems[:SHOWN]:
        print(problem)
    if len(problems) > SHOWN:
        print(f"and {len(problems) - SHOWN} more")
    print(f"{passed} passed, {len(problems)} failed")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
