#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every file of a catalogue of Sigma rules either loads or says why it cannot.

    corpus.py PICKET DIR [MIN_LOADED MIN_IN_KERNEL]

The catalogue is no part of this repository: it is looked for beside it, and without it the test is skipped.
Each file is checked alone, then all of those that load together: they have to fit. Counts that are below
the given ones are failures.
"""
import os
import re
import subprocess
import sys

SKIP = 77


def check(picket, args):
    done = subprocess.run([picket, *args], capture_output=True, text=True, errors="replace", timeout=600)
    return done.returncode, done.stdout, done.stderr


def main():
    picket, top = sys.argv[1:3]
    floor = [int(n) for n in sys.argv[3:5]]
    if not os.path.isdir(top):
        print(f"SKIPPED: no catalogue of Sigma rules at {top}")
        return SKIP
    files = sorted(
        os.path.join(where, name) for where, _, names in os.walk(top) for name in names if name.endswith(".yml")
    )
    failed, loaded, reasons = [], [], {}
    for path in files:
        status, out, err = check(picket, ["check", path])
        why = re.search(r"^(.*):(\d+):(\d+): warning: rule is not loaded: (.+)$", err, re.M)
        rules = re.match(r"(\d+) rule", out)
        if status or not rules:
            failed.append(f"{path}: status {status}: {err.strip()}")
        elif int(rules[1]):
            loaded.append(path)
        elif not why:
            failed.append(f"{path}: neither loaded nor left out: {out}{err}")
        else:
            reasons[why[4]] = reasons.get(why[4], 0) + 1
    status, out, err = check(picket, ["check", *loaded])
    if status:
        failed.append(f"all together: status {status}: {err.strip()}")
    status, out, err = check(picket, ["explain", *loaded])
    blocks = re.split(r"\n\n", out)
    asked = [b for b in blocks if re.search(r"^  action ", b, re.M)]
    in_user = [b for b in asked if "finished in user space" in b]
    never = [b for b in asked if "no event that Picket sees" in b]
    in_kernel = len(asked) - len(in_user) - len(never)
    print(f"{len(files)} files, {len(loaded)} loaded, of these {in_kernel} decided in the kernel, "
          f"{len(in_user)} finished in user space, {len(never)} never true")
    for why, cnt in sorted(reasons.items(), key=lambda item: -item[1]):
        print(f"{cnt:4} not loaded: {why}")
    if floor and len(loaded) < floor[0]:
        failed.append(f"{len(loaded)} loaded; at least {floor[0]} were expected")
    if len(floor) > 1 and in_kernel < floor[1]:
        failed.append(f"{in_kernel} decided in the kernel; at least {floor[1]} were expected")
    for line in failed:
        print(f"FAIL {line}")
    return 1 if failed else 0


sys.exit(main())
