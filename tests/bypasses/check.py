#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds what tests/bypasses/bypass did, and what Picket said of it, against docs/bypasses.md.

	check.py --page PAGE --ids BYPASS
	check.py --page PAGE --backend lsm|tracepoint --told LOG ALERTS --stopped LOG ALERTS

A row of a table in PAGE whose second cell has ids in backquotes is a claim about each of them: the third cell is
of the lsm backend, the fourth of the tracepoint one. A cell begins with "seen" or "unseen", a comma, and
"denied", "killed", "killed after" or "not stopped"; more may stand behind a semicolon. Where "needs" stands in the first
cell the kernel or the machine may lack it.

With --ids: whether the page and `BYPASS --list` name the same ids, once each. Otherwise: told, a run in which
rules only alerted, in which everything must have had its effect; stopped, one in which they deny or kill. "Seen" is an
alert of the rule that the log names, that names the process and the object. Prints what is wrong, and "N passed,
N failed, N skipped"; exits with 1 if any failed.
"""
import argparse
import collections
import json
import re
import subprocess
import sys

STOPS = {"refused": "denied", "killed": "killed", "killed-late": "killed after", "happened": "not stopped"}
VERDICTS = {"denied": {"denied"}, "killed": {"killed", "denied"}, "killed after": {"killed"}, "not stopped": {"allowed"}}

Claim = collections.namedtuple("Claim", "seen stop optional")
Try = collections.namedtuple("Try", "rule object pid outcome effects races")


def read_page(path):
    """id -> [claim of lsm, claim of tracepoint]; what is wrong with the page."""
    claims, problems = {}, []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if len(cells) != 4 or not line.startswith("|"):
                continue
            ids = re.findall(r"`([a-z0-9-]+)`", cells[1])
            if not ids:
                continue
            row = []
            for cell in cells[2:]:
                match = re.fullmatch(r"(seen|unseen), (denied|killed after|killed|not stopped)(;.*)?", cell)
                if not match:
                    problems.append(f"{path}:{number}: cannot read '{cell}'")
                    break
                row.append(Claim(match[1], match[2], "needs" in cells[0]))
            if len(row) < 2:
                continue
            for name in ids:
                if name in claims:
                    problems.append(f"{path}:{number}: {name} stands there twice")
                claims[name] = row
    return claims, problems


def read_log(path):
    tries = {}
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            name, rule, what, pid, outcome, effects, races = line.rstrip("\n").split("\t")
            tries[name] = Try(rule, what, int(pid), outcome, int(effects), races == "races")
    return tries


def read_alerts(path):
    """All alerts, and how many were lost."""
    alerts, lost = [], 0
    with open(path, "rb") as lines:
        for line in lines:
            try:
                item = json.loads(line)
            except ValueError:
                continue
            if "rule" in item:
                alerts.append(item)
            elif item.get("type") == "lost":
                lost += item["lost"]["count"]
    return alerts, lost


def alerts_of(name, attempt, alerts):
    """Those of its rule by its process, or by a child of it that it cannot have named."""
    found = []
    for alert in alerts:
        fields = alert["output_fields"]
        if alert["rule"] != attempt.rule:
            continue
        if fields.get("proc.pid") == attempt.pid or (name.startswith(("race-", "fault-", "delay-", "reload-"))
                                                      and fields.get("proc.ppid") == attempt.pid):
            found.append(alert)
    return found


def wrong_facts(name, attempt, alerts):
    """What an alert of the right process says that is not so; None: nothing."""
    for alert in alerts:
        values = [str(value) for value in alert["output_fields"].values()]
        event = alert["event"]
        if attempt.object != "-" and attempt.object not in values:
            return f"an alert does not name {attempt.object}: {alert['output']}"
        if not event["process"].get("exe"):
            return f"an alert does not say which program: {alert['output']}"
        if name.startswith("uring-") and name not in ("uring-setup", "uring-socket") and not event.get("io_uring"):
            return f"an alert does not say that it was io_uring: {alert['output']}"
        if name.startswith("int80-") and name != "int80-exec" and not event.get("compat"):
            return f"an alert does not say that it was a 32-bit call: {alert['output']}"
    return None


def judge_told(name, claim, attempt, alerts):
    """Rules only alert. What is wrong; None: nothing."""
    mine = alerts_of(name, attempt, alerts)
    if attempt.outcome != "happened":
        return f"it had no effect: {attempt.outcome}"
    seen = "seen" if mine else "unseen"
    if seen != claim.seen:
        return f"it is {seen}, and the page says {claim.seen}"
    if attempt.races and len(mine) != attempt.effects:
        return f"{attempt.effects} effects, {len(mine)} alerts"
    return wrong_facts(name, attempt, mine)


def judge_stopped(name, claim, attempt, alerts):
    """Rules deny or kill. What is wrong; None: nothing."""
    mine = alerts_of(name, attempt, alerts)
    stop = STOPS.get(attempt.outcome)
    if not stop:
        return f"neither stopped nor done: {attempt.outcome}"
    if stop != claim.stop:
        return f"it is {stop}, and the page says {claim.stop}"
    if stop == "not stopped":
        return None
    if not mine:
        return "it is stopped, and there is no alert"
    verdicts = {alert["verdict"] for alert in mine}
    if not verdicts & VERDICTS[stop] or "allowed" in verdicts:
        return f"it is {stop}, and alerts say {', '.join(sorted(verdicts))}"
    # known by its identity: what the alert names is the path that the process sees
    return wrong_facts(name, attempt if claim.seen == "seen" else attempt._replace(object="-"), mine)


def judge_run(what, claims, backend, log, alerts, judge):
    passed, skipped, problems = 0, 0, []
    tries = read_log(log)
    told, lost = read_alerts(alerts)
    if not tries:
        problems.append(f"{what}: nothing was tried")
    for name, attempt in tries.items():
        claim = claims.get(name, [None, None])[backend == "tracepoint"]
        if not claim:
            problems.append(f"{what}: {name}: not on the page")
            continue
        if attempt.outcome.startswith("skip"):
            if claim.optional:
                skipped += 1
                print(f"skipped: {name}: {attempt.outcome[6:]}")
            else:
                problems.append(f"{what}: {name}: skipped, and the page does not say what it needs: {attempt.outcome}")
            continue
        problem = judge(name, claim, attempt, told)
        if problem and lost and name.startswith("flood-alerts") and "unseen" in problem:
            print(f"{what}: {name}: the alert may be among the {lost} that were lost, and told as lost")
            problem = None
        if problem:
            problems.append(f"{what}: {name}: {problem}")
        else:
            passed += 1
    return passed, skipped, problems


def show(told, stopped):
    """What the page would have to say."""
    runs = [(read_log(log), read_alerts(alerts)[0]) for log, alerts in (told, stopped)]
    for name, attempt in runs[0][0].items():
        seen = "seen" if alerts_of(name, attempt, runs[0][1]) else "unseen"
        after = runs[1][0].get(name)
        stop = STOPS.get(after.outcome, after.outcome) if after else "?"
        also = "" if attempt.outcome == "happened" else f"; told: {attempt.outcome}"
        print(f"shown: {name}: {seen}, {stop}{also}")


def judge_ids(claims, path):
    ids = subprocess.run([path, "--list"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    problems = [f"{name}: there twice" for name, cnt in collections.Counter(ids).items() if cnt > 1]
    problems += [f"{name}: tried, and not on the page" for name in ids if name not in claims]
    problems += [f"{name}: on the page, and not tried" for name in claims if name not in ids]
    return len(ids), problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--page", required=True)
    parser.add_argument("--ids")
    parser.add_argument("--all", action="store_true", help="everything on the page is to have been tried")
    parser.add_argument("--show", action="store_true", help="what the page would have to say")
    parser.add_argument("--backend", choices=["lsm", "tracepoint"])
    parser.add_argument("--told", nargs=2)
    parser.add_argument("--stopped", nargs=2)
    options = parser.parse_args()
    claims, problems = read_page(options.page)
    if options.show:
        show(options.told, options.stopped)
    passed = skipped = 0
    if options.ids:
        passed, more = judge_ids(claims, options.ids)
        problems += more
    for what, files, judge in (("told", options.told, judge_told), ("stopped", options.stopped, judge_stopped)):
        if files:
            good, left, bad = judge_run(f"{options.backend}, {what}", claims, options.backend, *files, judge)
            passed, skipped, problems = passed + good, skipped + left, problems + bad
    if options.told and options.stopped:
        first, second = (set(read_log(files[0])) for files in (options.told, options.stopped))
        problems += [f"{options.backend}: {name}: tried in one run only" for name in sorted(first ^ second)]
        if options.all:
            problems += [f"{options.backend}: {name}: not tried" for name in sorted(set(claims) - first)]
    for problem in problems:
        print(f"FAILED: {problem}")
    print(f"{passed} passed, {len(problems)} failed, {skipped} skipped")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
