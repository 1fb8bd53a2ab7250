#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Falco's own parser and loader cases as data, and its rule files.

conformance.py RULES_TOOL DATA_DIR EXCEPTIONS_FILE

DATA_DIR holds falco-conformance/ and falco/. Where it is not there nothing was tested: status 77.
EXCEPTIONS_FILE is the page with a table whose first column names, in backquotes, the cases that
do not pass; each must be there, and a case there must really not pass.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

TOOL, DATA, PAGE = sys.argv[1:4]


def known_differences():
    names = set()
    if os.path.exists(PAGE):
        with open(PAGE, encoding="utf-8") as page:
            for line in page:
                match = re.match(r"\| `([^`]+)` \|", line)
                if match:
                    names.add(match.group(1))
    return names


def parse(conditions):
    """The printed tree of each condition, None for those refused."""
    text = "".join(condition + "\0" for condition in conditions)
    done = subprocess.run([TOOL, "parse"], input=text.encode(), capture_output=True, check=True)
    lines = done.stdout.decode(errors="replace").split("\n")
    # a printed text can hold newlines of its own: those are no starts of answers
    answers = []
    for line in lines[:-2]:
        if line.startswith("ok "):
            answers.append(line[3:])
        elif line == "no":
            answers.append(None)
        else:
            answers[-1] += "\n" + line
    assert lines[-2] == f"parsed {len(conditions)}", lines[-2:]
    assert len(answers) == len(conditions)
    return answers


def check_parser(results):
    with open(f"{DATA}/falco-conformance/filter_parser.json", encoding="utf-8") as file:
        cases = json.load(file)
    for kind in "accept", "reject":
        answers = parse(cases[kind])
        for condition, answer in zip(cases[kind], answers):
            results.append((condition, (answer is not None) == (kind == "accept"),
                            f"{kind}: {condition!r} gave {answer!r}"))
    # what is printed parses again, to the same
    printed = [text for text in parse(cases["accept"]) if text is not None]
    for text, again in zip(printed, parse(printed)):
        results.append((f"again: {text}", text == again, f"{text!r} became {again!r}"))


def load(docs):
    with tempfile.TemporaryDirectory() as directory:
        paths = []
        for i, doc in enumerate(docs):
            paths.append(f"{directory}/{i}.yaml")
            with open(paths[-1], "w", encoding="utf-8") as file:
                file.write(doc)
        return run_load(paths)


def run_load(paths):
    done = subprocess.run([TOOL, "load", *paths], capture_output=True, check=False)
    text = done.stdout.decode(errors="replace")
    if done.returncode not in (0, 1):
        raise SystemExit(f"rules_tool ended with {done.returncode}: {done.stderr.decode()}")
    rules = [line.split("\t", 1)[1] for line in text.split("\n") if "\t" in line]
    return done.returncode == 0, rules, done.stderr.decode(errors="replace")


def check_loader(results):
    with open(f"{DATA}/falco-conformance/rule_loader.json", encoding="utf-8") as file:
        cases = json.load(file)["cases"]
    for case in cases:
        loaded, rules, said = load(case["docs"])
        expected = case["load_true"] > 0
        if case["load_true"] == case["load_false"] == 0:
            expected = loaded  # Falco's own test looks at something else
        fine = loaded == expected
        reason = f"loaded: {loaded}, expected: {expected}\n{said}"
        for condition in case["compiled_condition"]:
            condition = condition.replace('\\"', '"')  # as a C++ source has it
            if condition not in rules:
                fine = False
                reason = f"expected {condition!r}, got {rules!r}"
        results.append((case["name"], fine, reason))


def check_rule_files(results):
    root = f"{DATA}/falco/rules"
    names = sorted(name for name in os.listdir(root) if name.endswith(".yaml"))
    for paths in [[name] for name in names] + [names]:
        loaded, rules, said = run_load([f"{root}/{name}" for name in paths])
        errors = [line for line in said.split("\n") if ": error: " in line or ": warning: " in line]
        results.append((" + ".join(paths), loaded and len(rules) > 20 and not errors,
                        "\n".join(errors) or said))
        print(f"{' + '.join(paths)}: {len(rules)} rules")


def main():
    if not os.path.isdir(f"{DATA}/falco-conformance"):
        print("SKIPPED: NOTHING WAS TESTED: Falco's cases are not there")
        print(f"they were looked for in {DATA}")
        return 77
    differ = known_differences()
    failed = 0
    for check in check_parser, check_loader, check_rule_files:
        results = []
        check(results)
        passed = sum(fine for _, fine, _ in results)
        for name, fine, reason in results:
            if fine == (name in differ):
                failed += 1
                print(f"FAILED: {name}: " +
                      ("passes, but is in the table of differences" if fine else reason))
        known = sum(name in differ for name, _, _ in results)
        print(f"{check.__name__[6:]}: PASS {passed} of {len(results)}, "
              f"{known} known to differ")
    return 1 if failed else 0


sys.exit(main())
