#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the directory that guest.py works from: cases, and the rules that Picket loads.

    prepare.py [--picket FILE] [--most N] [--near N] JOB RULE_OR_DIRECTORY...

In:  rules of Sigma; a built Picket, which is asked of each rule whether it loads and where it is decided.
Out: JOB/cases.json, JOB/rules/BACKEND/NUMBER-NAME.yml.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess

import generate

BACKENDS = ("lsm", "tracepoint")


def ask(picket, backend, path):
    """Whether the rule loads, why not, and where it is decided: kernel, or user (some of it)."""
    result = subprocess.run([picket, "explain", "--backend", backend, "-o", "json", path], capture_output=True, text=True)
    explained = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    if result.returncode or not explained:
        why = re.search(r"(?:error|warning): (.*)", result.stderr)
        return False, why.group(1) if why else f"status {result.returncode}: {result.stderr.strip()[-200:]}", ""
    events = [event for rule in explained for event in rule["events"]]
    if any(rule["never"] for rule in explained) or not events:
        return False, "never true", ""
    return True, "", "kernel" if all(event["kernel"] for event in events) else "user"


def prepare(picket, work, paths, most, near):
    job = generate.generate(paths, most, near)
    known = {rule["file"]: rule for rule in job["rules"]}
    for backend in BACKENDS:
        (work / "rules" / backend).mkdir(parents=True)
    for index, (path, file) in enumerate(generate.rule_files(paths)):
        rule = known[file]
        rule.update(loads={}, why={}, decided={})
        for backend in BACKENDS:
            rule["loads"][backend], rule["why"][backend], rule["decided"][backend] = ask(picket, backend, path)
            if rule["loads"][backend]:
                shutil.copy(path, work / "rules" / backend / f"{index:04}-{path.name}")
    (work / "cases.json").write_text(json.dumps(job))
    return job


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--picket", default="build/picket")
    parser.add_argument("--most", type=int, default=6)
    parser.add_argument("--near", type=int, default=6)
    parser.add_argument("job", type=pathlib.Path)
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    prepare(options.picket, options.job, options.paths, options.most, options.near)


if __name__ == "__main__":
    main()
