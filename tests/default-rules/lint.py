#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What each default rule has to have, beyond what the compiler asks.

usage: lint.py PICKET RULES TESTS

In:  the program; the directory of rules; the directory of their tests, whose files' names are those of the rules'.
Out: a line for each thing that is missing; the last line is how many rules were looked at. Status 1 if anything is.

Asked of each rule: a name that no other has; tags that say where (host, container), which tactic and technique of ATT&CK,
and whether it can be enforced, truly: can_deny and can_kill only where the compiler says that it could, alert_only only
where it could not (not of quiet rules, which only leave a tag), and deny_with_care and kill_with_care of the rules below
WARNING, which answer what everyday work does too; a known benign cause in its description; a test in which it fires, and one of the same kind of event
in which it does not. A rule whose facts only the kernel finds fires in a test by being unknown.
No rule may be more than its share of the instructions of one kind of event.

escape.yaml is told of in docs/escapes.md and tried in tests/attacks: of its rules only names and tags are looked at.
"""
import json
import os
import re
import subprocess
import sys

import yaml

ENFORCED = {"can_deny", "can_kill", "deny_with_care", "kill_with_care", "alert_only"}
LOW = {"NOTICE", "INFO", "INFORMATIONAL", "DEBUG"}
WHERE = {"host", "container"}
TECHNIQUE = re.compile(r"^T[0-9]{4}(\.[0-9]{3})?$")
BENIGN = re.compile(r"\bBenign\b")
SHARE = 6000  # instructions of one rule for one kind of event
ELSEWHERE = {"escape.yaml"}


def documents(directory):
    for name in sorted(os.listdir(directory)):
        if name.endswith(".yaml"):
            with open(f"{directory}/{name}", encoding="utf-8") as file:
                yield name, yaml.safe_load(file)


def rules_of(directory):
    """(file, rule)"""
    return [(name, item) for name, items in documents(directory) for item in items if "rule" in item]


def explained(picket, directory):
    """What the compiler says, by rule."""
    result = subprocess.run([picket, "explain", "-o", "json", directory], capture_output=True, check=True, text=True)
    said = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    return {rule["rule"]: rule for rule in said}


def not_enforced(picket, directory):
    """What the compiler says against enforcing all that say they can be."""
    options = [word for tag in sorted(ENFORCED - {"alert_only"}) for word in ("--enforce", tag)]
    result = subprocess.run([picket, "check", *options, directory], capture_output=True, check=False, text=True)
    return [line for line in result.stderr.splitlines() + result.stdout.splitlines() if result.returncode and "error:" in line]


def events_of(test):
    """(kind, rules that match or are unknown, rules that match) of each event of a test"""
    for step in test.get("steps", [test]):
        expected = [rule if isinstance(rule, str) else next(iter(rule)) for rule in step.get("expect", [])]
        yield step["event"]["type"], set(expected) | set(step.get("unknown", [])), set(expected)


def tests_of(directory):
    """By the name of the file of tests: its events"""
    return {name: [event for test in content["tests"] for event in events_of(test)]
            for name, content in documents(directory)}


def wrong_tags(rule, said):
    tags = set(rule.get("tags", []))
    if not tags & WHERE:
        yield "no tag says where: host, container"
    if not any(tag.startswith("mitre_") for tag in tags):
        yield "no tactic of ATT&CK"
    if not any(TECHNIQUE.match(tag) for tag in tags):
        yield "no technique of ATT&CK"
    if rule.get("limit") == "none":
        return
    if len(tags & ENFORCED) != 1:
        yield "not one of " + ", ".join(sorted(ENFORCED))
    elif "alert_only" not in tags and (rule["priority"] in LOW) != bool(tags & {"deny_with_care", "kill_with_care"}):
        yield "deny_with_care and kill_with_care are those below WARNING, can_deny and can_kill the others"
    elif said["enabled"] and (said["can_deny"] if "alert_only" in tags
                              else not said["can_deny"] and tags & {"can_deny", "deny_with_care"}):
        yield "the compiler says that it {} be denied".format("could" if said["can_deny"] else "could not")


def wrong_rule(rule, said, events):
    yield from wrong_tags(rule, said)
    if not BENIGN.search(rule["desc"]):
        yield "no known benign cause"
    for event in said["events"]:
        if event["instructions"] > SHARE:
            yield f"{event['instructions']} instructions for {event['event']}: more than its share"
    name, kinds = rule["rule"], {event["event"] for event in said["events"]}
    if not said["enabled"]:
        return
    if said["never"]:
        yield "never true"
    firing = {kind for kind, told, _ in events if name in told}
    if not firing:
        yield "no test in which it fires"
    if not any(name not in matching for kind, _, matching in events if kind in kinds | firing):
        yield "no test in which it does not fire"


def main():
    picket, rules, tests = sys.argv[1:]
    said, events = explained(picket, rules), tests_of(tests)
    every = [event for some in events.values() for event in some]
    wrong, names = not_enforced(picket, rules), set()
    found = rules_of(rules)
    for file, rule in found:
        name = rule["rule"]
        if name in names:
            wrong.append(f"{file}: {name}: another rule has this name")
        names.add(name)
        if file not in ELSEWHERE:
            wrong += [f"{file}: {name}: {what}"
                      for what in wrong_rule(rule, said[name], events.get(file, []) or every)]
    print("\n".join(wrong + [f"{len(found)} rules, {len(wrong)} things missing"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
