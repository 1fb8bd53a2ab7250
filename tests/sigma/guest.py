#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes every case of Sigma's rules happen, and compares with what Picket says: runs INSIDE the test machine, as root.

    guest.py [--backend lsm|tracepoint]... [--standin FILE] [--shown N] JOB

In:  JOB, a directory that run has made: cases.json (what generate.py printed, and of each rule "loads", why not, and
     "decided", where, by backend) and rules/, the rule files that load.
Out: what failed; of each rule and backend a line "VERDICT", tabs between its columns, which verdicts.py collects; as the last
     line "N passed, N failed". Exit status 1 if any failed.
A rule fires if each of its positive cases has its alert, by the case's process, and is quiet if no near miss has one. Other
rules may fire on a case as well. All cases run while one Picket watches with all rules, once for each backend.
"""
import argparse
import collections
import json
import os
import pathlib
import platform
import pwd
import re
import signal
import subprocess
import sys
import tempfile
import time

HOSTS = pathlib.Path("/etc/hosts")
PASSWD = pathlib.Path("/etc/passwd")


def know_names(job):
    """Users and hosts that rules name, in this machine's files; only where it is thrown away."""
    if os.environ.get("PICKET_VM") != "1":
        return
    with PASSWD.open("a") as file:
        for user, uid in job["users"].items():
            try:
                pwd.getpwnam(user)
            except KeyError:
                file.write(f"{user}:x:{uid}:{uid}::/:/bin/sh\n")
    with HOSTS.open("a") as file:
        for host, address in job["hosts"].items():
            file.write(f"{address} {host}\n")


def write_cases(cases, path):
    with open(path, "wb") as file:
        for case in cases:
            setup, script = (b"".join(word.encode() + b"\0" for word in case[name]) for name in ("setup", "script"))
            file.write(f"{case['id']} {len(setup)} {len(script)}\n".encode() + setup + script)


class Picket:
    """A run of it with all rules."""

    def __init__(self, work, backend, rules):
        self.out, self.err = work / f"{backend}.json", work / f"{backend}.err"
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(["picket", "run", "-o", "json", "--ring", "64", "--backend", backend, "-r", rules],
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        deadline = time.monotonic() + 600
        while b"picket: watching" not in self.err.read_bytes():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"picket does not start:\n{self.err.read_text()[-4000:]}\n0 passed, 1 failed")
            time.sleep(0.2)

    def settled(self):
        """Waits until nothing more comes."""
        size, same = -1, 0
        while same < 4:
            time.sleep(0.5)
            now = self.out.stat().st_size
            size, same = now, same + 1 if now == size else 0

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(300)

    def alerts(self):
        """process id: titles and ids of the rules that fired of it"""
        found = collections.defaultdict(set)
        for text in self.out.read_bytes().splitlines():
            alert = json.loads(text)
            if "rule" in alert:
                names = found[alert["event"]["process"]["pid"]]
                names.add(alert["rule"])
                names.update(str(value) for value in alert["tags"])
                names.update(str(value) for value in alert.get("sigma", {}).values())
        return found

    def lost(self):
        match = re.search(r"(\d+) lost", self.err.read_text())
        return int(match.group(1)) if match else 0


def drive(standin, cases, work, backend):
    """Runs all cases; returns what the driver says: of each case its process, or why it failed."""
    pids, failed = {}, {}
    log = work / f"{backend}.log"
    write_cases(cases, work / "cases")
    subprocess.run([standin, "drive", work / "cases", log], check=True, stdin=subprocess.DEVNULL, timeout=3000)
    for text in log.read_text().splitlines():
        name, rest = text.split(" ", 1)
        if rest.isdigit():
            pids[name] = int(rest)
        else:
            failed[name] = rest
    if "end" not in pids:
        raise SystemExit("the driver did not come to its end\n0 passed, 1 failed")
    return pids, failed


class Count:
    def __init__(self, shown):
        self.passed = self.failed = 0
        self.shown = shown

    def check(self, good, what):
        if good:
            self.passed += 1
            return
        self.failed += 1
        if self.failed <= self.shown:
            print(f"FAILED: {what}")


def told(case):
    event = case["event"]
    shown = {key: event[key] for key in ("op", "image", "argv", "path", "address", "port", "host", "call", "args", "cwd", "uid")
             if event.get(key) not in (None, "/", 0)}
    if event["parent"]["image"] != "/usr/lib/w1/starter" or len(event["parent"]["argv"]) > 1:
        shown["parent"] = event["parent"]
    return f"{case['id']} ({case['what']}): {json.dumps(shown)}"


def judge(rule, cases, pids, failed, alerts, count, where):
    """Of one rule: does it fire, is it quiet?"""
    key = rule["id"] if any(rule["id"] in names for names in alerts.values()) else rule["title"]
    right = {True: True, False: True}
    for case in cases:
        if case["id"] in failed or case["id"] not in pids:
            right[case["fires"]] = False
            count.check(False, f"{where} {rule['file']}: not done: {failed.get(case['id'])}: {told(case)}")
            continue
        fired = key in alerts.get(pids[case["id"]], ())
        if fired != case["fires"]:
            right[case["fires"]] = False
        count.check(fired == case["fires"], f"{where} {rule['file']}: {'does not fire' if case['fires'] else 'fires'} on {told(case)}")
    return right[True], right[False]


def agree(job, count):
    """What Picket leaves out is what cannot be about anything here, and the other way round."""
    for rule in job["rules"]:
        for backend, loads in rule["loads"].items():
            said = rule["refused"] or "it can fire"
            count.check(loads == (not rule["refused"]),
                        f"{backend}: {rule['file']}: {'loads' if loads else 'left out: ' + rule['why'][backend]}; but {said}")
    refused = [rule for rule in job["rules"] if not any(rule["loads"].values())]
    print(f"{len(job['rules'])} rules, {len(job['rules']) - len(refused)} load")
    for rule in refused:
        print(f"left out: {rule['file']}: {next(iter(rule['why'].values()))}")


def run_backend(job, options, backend, work, count):
    kernel = ".".join(platform.release().split(".")[:2])
    loaded = [rule for rule in job["rules"] if rule["loads"].get(backend)]
    files = {rule["file"] for rule in loaded}
    cases = [case for case in job["cases"] if case["rule"] in files]
    begin = time.monotonic()
    picket = Picket(work, backend, options.job / "rules" / backend)
    started = time.monotonic()
    pids, failed = drive(options.standin, cases, work, backend)
    done = time.monotonic()
    picket.settled()
    status = picket.stop()
    alerts = picket.alerts()
    count.check(status == 0, f"{backend}: picket ends with {status}: {picket.err.read_text()[-1000:]}")
    count.check(picket.lost() == 0, f"{backend}: {picket.lost()} events lost")
    by_rule = collections.defaultdict(list)
    for case in cases:
        by_rule[case["rule"]].append(case)
    for rule in loaded:
        fires, quiet = judge(rule, by_rule[rule["file"]], pids, failed, alerts, count, backend)
        print("VERDICT", kernel, backend, rule["file"], rule["title"], "yes" if fires else "no", "yes" if quiet else "no",
              rule["decided"].get(backend, ""), sep="\t")
    print(f"{backend}: {len(loaded)} rules, {len(cases)} cases; loaded in {started - begin:.0f} s, run in {done - started:.0f} s, "
          f"{sum(map(len, alerts.values()))} alerts", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--backend", action="append")
    parser.add_argument("--standin", default="/picket/build/tests/sigma/standin")
    parser.add_argument("--shown", type=int, default=40)
    parser.add_argument("--keep", type=pathlib.Path, help="leave logs there")
    parser.add_argument("job", type=pathlib.Path)
    options = parser.parse_args()
    job = json.loads((options.job / "cases.json").read_text())
    know_names(job)
    count = Count(options.shown)
    agree(job, count)
    with tempfile.TemporaryDirectory() as work:
        for backend in options.backend or ["lsm", "tracepoint"]:
            run_backend(job, options, backend, options.keep or pathlib.Path(work), count)
    if count.failed > options.shown:
        print(f"... and {count.failed - options.shown} more")
    print(f"{count.passed} passed, {count.failed} failed")
    return count.failed != 0


if __name__ == "__main__":
    sys.exit(main())
