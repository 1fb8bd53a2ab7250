#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs attacks on containers with and without Picket: INSIDE the test machine, as root.

usage: guest.py [--share DIR] [--rules FILE,...] [--switch TAG] [--kernel NAME] [--phases off,alert,benign,enforce]
                [--only ID,...] [--quick] [--no-hook] [--section ESC] [--verbose]

In:  picket on PATH; DIR with rows.json (rows.py says how it looks), and perhaps benign.json and the program sim.
Out: a table of what was tried, what is not as it should be, and as the last line "N passed, N failed" and what was
     skipped; exit status 1 if anything failed. verdict.py says what each phase asks.

The root of containers is an overlay over this machine's own; what is outside of them is the machine.
"""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import benign
import box
import outside
import rows
import verdict

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(f"{HERE}/../..")
WAIT = 400  # seconds, for Picket to begin or to end: an emulated kernel verifies its programs for long


class Picket:
    """The agent with rules, and what it says."""

    def __init__(self, rules, directory, name):
        self.out = f"{directory}/{name}.json"
        self.err = f"{directory}/{name}.err"
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(["picket", "run", "-o", "json", "--ring", "64", *rules],
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        started = time.monotonic()
        while not self.watches():
            if self.process.poll() is not None or time.monotonic() > started + WAIT:
                self.process.kill()
                raise RuntimeError("picket does not start: " + self.messages()[:2000])
            time.sleep(0.1)
        print(f"== {name}: picket began after {time.monotonic() - started:.0f} s", flush=True)

    def messages(self):
        with open(self.err, encoding="utf-8", errors="replace") as file:
            return file.read()

    def watches(self):
        said = self.messages()
        return "picket: watching" in said and "picket: rules: " in said

    def lines(self):
        """Everything whole that it printed until now."""
        with open(self.out, "rb") as file:
            return [json.loads(line) for line in file if line.endswith(b"}\n")]

    def alerts(self):
        return [line for line in self.lines() if "rule" in line and "verdict" in line]

    def stop(self):
        """None, or what is wrong."""
        self.process.send_signal(signal.SIGINT)
        try:
            status = self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "picket does not end"
        if status != 0:
            return f"picket ends with {status}: {self.messages()[-1000:]}"
        lost = [line for line in self.lines() if line.get("type") == "stop" and line["stop"].get("lost")]
        return f"events were lost: {lost[0]}" if lost else None


def shell(command):
    """Of a row, on the host, before and after its attempt."""
    if command:
        status, output = box.wait(["/bin/sh", "-c", command])
        # one that kills by a name that is in its own command ends itself
        if status not in (0, 128 + signal.SIGTERM):
            print(f"note: status {status} of '{command}': {output[-300:]}")


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)


def set_up(share):
    """The machine as rows expect a host to be; all of it before the first look outside."""
    if os.path.exists(f"{share}/sim"):
        shutil.copy(f"{share}/sim", "/usr/local/bin/sim")
        os.chmod("/usr/local/bin/sim", 0o755)
    shutil.copy("/usr/bin/sleep", "/usr/local/bin/cron")
    os.symlink(f"{HERE}/box.py", "/usr/local/bin/ctr")
    write("/etc/crontab", "# jobs of the machine\n")
    os.makedirs("/etc/cron.d", exist_ok=True)
    subprocess.run(["modprobe", "-a", "binfmt_misc", "loop"], check=False)
    subprocess.run(["mount", "-t", "binfmt_misc", "none", outside.BINFMT], check=False)
    os.makedirs(box.LOWER, exist_ok=True)
    os.makedirs(box.BUNDLES, exist_ok=True)
    # not recursive: what is mounted on the machine's root is no part of it
    subprocess.run(["mount", "--bind", "/", box.LOWER], check=True)
    subprocess.run(["mount", "--make-private", box.LOWER], check=True)
    subprocess.Popen(["/usr/local/bin/cron", "100000"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                     stderr=subprocess.DEVNULL, start_new_session=True)


def write_podman_hook(hook):
    """Ours, with the place where picket is here."""
    with open(f"{TOP}/deploy/oci/picket-hook.json", encoding="utf-8") as file:
        write(f"{box.HOOKS}/picket.json", file.read().replace("/usr/bin/picket", hook))


def try_one(attempt, phase, number, hook):
    """The attempt in a container of its own."""
    name = f"{attempt.id.lower().replace('.', '-')}-{phase}"
    shell(attempt.setup)
    looks = phase == "enforce"
    before = outside.look() if looks else {}
    # both runtimes have their turn
    runtime = ("runc", "crun")[number % 2]
    result = box.run(name, attempt.where, attempt.options, ["/bin/sh", "-c", attempt.command], runtime,
                     hook if phase != "off" else "")
    changes = outside.changes(before, outside.look()) if looks else []
    shell(attempt.clean)
    return verdict.Tried(attempt, phase, result, changes)


def give_alerts(tried, alerts, count, phase):
    """To each attempt those of its container; what is left over is told as a failure."""
    by_id = {one.result.id: one for one in tried}
    strays = []
    for alert in alerts:
        owner = by_id.get(alert["event"].get("container", {}).get("id"))
        if owner:
            owner.alerts.append(alert)
        else:
            strays.append(alert["output"])
    count.add("alerts of nothing that was tried", phase, "; ".join(strays[:5]) or None)


def run_phase(attempts, phase, picket, count, arguments):
    """All attempts; `picket`: None in the phase off. It goes on running."""
    tried = []
    for number, attempt in enumerate(attempts):
        tried.append(try_one(attempt, phase, number, arguments.hook))
    if picket:
        time.sleep(1)
        give_alerts(tried, picket.alerts(), count, phase)
    if arguments.verbose:
        for one in tried:
            show(one)
    return tried


def show(one):
    print(f"-- {one.attempt.id} {one.phase} ({one.attempt.title}): status {one.result.status}")
    for line in one.result.output.splitlines()[-6:]:
        print("   | " + line[:200])
    for change in one.changes[:8]:
        print("   outside: " + change)
    for alert in one.alerts[:8]:
        print(f"   {alert['verdict']}: {alert['rule']}: {alert['output'][19:200]}")


def show_table(table):
    table.insert(0, ["attempt", "off", "alert", "enforce", "outside", "rules"])
    widths = [max(len(line[column]) for line in table) for column in range(5)]
    for line in table:
        print("  ".join(word.ljust(width) for word, width in zip(line, widths)) + "  " + line[5])


def rules_for(phase, arguments):
    """Options of picket: rules as they are, or denying."""
    options = ["--enforce", arguments.switch] if phase == "enforce" else []
    for file in arguments.rules.split(","):
        options += ["-r", file]
    return options


def chosen(arguments):
    attempts = [one for one in rows.read(f"{arguments.share}/rows.json", arguments.section) if one.where != "host"]
    if not arguments.only:
        return attempts
    names = arguments.only.split(",")
    missing = [name for name in names if name not in {one.id for one in attempts}]
    if missing:
        sys.exit(f"guest.py: no attempt {', '.join(missing)}")
    return [one for one in attempts if one.id in names]


def judge_all(attempts, by_phase, count, verbose):
    table = []
    for number, attempt in enumerate(attempts):
        tried = {phase: one[number] for phase, one in by_phase.items()}
        said = len(count.said)
        table.append(verdict.judge(count, attempt, tried))
        if not verbose and len(count.said) > said:
            for one in tried.values():
                show(one)
    show_table(table)


def run_benign(picket, arguments, count):
    seen = len(picket.alerts())
    for job in benign.jobs(arguments.share, arguments.quick):
        shell(job.setup)
        status, output = box.wait(["/bin/sh", "-c", job.command], 300)
        shell(job.clean)
        time.sleep(0.5)
        alerts = picket.alerts()
        wrong = "; ".join(alert["output"] for alert in alerts[seen:seen + 4])
        seen = len(alerts)
        if status != 0:
            wrong = f"status {status}: {output[-400:]} {wrong}"
        word = count.add(job.id, "benign", wrong or None)
        print(f"{job.id}  {word}  {job.title}", flush=True)


def runs_of(phases):
    """The phases of each agent: benign jobs are done under the one that alerts, if there is one."""
    runs = [[phase] for phase in phases if phase != "benign" or "alert" not in phases]
    return [run + ["benign"] if run == ["alert"] and "benign" in phases else run for run in runs]


def run_phases(arguments, phases, work, count):
    attempts = chosen(arguments) if set(phases) & set(verdict.PHASES) else []
    by_phase = {}
    for run in runs_of(phases):
        picket = Picket(rules_for(run[0], arguments), work, run[0]) if run[0] != "off" else None
        for phase in run:
            started = time.monotonic()
            if phase == "benign":
                run_benign(picket, arguments, count)
            else:
                by_phase[phase] = run_phase(attempts, phase, picket, count, arguments)
            print(f"== {phase}: {time.monotonic() - started:.0f} s", flush=True)
        if picket:
            count.add("the agent", run[0], picket.stop())
    if by_phase:
        judge_all(attempts, by_phase, count, arguments.verbose)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--share", default="/share")
    parser.add_argument("--rules", default=f"{TOP}/rules/escape.yaml")
    parser.add_argument("--switch", default="escape", help="rules with this tag are enforced")
    parser.add_argument("--kernel", default=".".join(os.uname().release.split(".")[:2]))
    parser.add_argument("--phases", default="off,alert,benign,enforce")
    parser.add_argument("--only", default="")
    parser.add_argument("--section", default="ESC")
    parser.add_argument("--quick", action="store_true", help="few benign jobs")
    parser.add_argument("--no-hook", action="store_true", help="runtimes do not run picket oci-hook")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    phases = arguments.phases.split(",")
    arguments.hook = "" if arguments.no_hook else shutil.which("picket")
    work = "/run/attacks-work"
    os.makedirs(work)
    count = verdict.Count(verdict.read_gaps(f"{HERE}/gaps.json", arguments.kernel))
    set_up(arguments.share)
    if arguments.hook:
        write_podman_hook(arguments.hook)
    run_phases(arguments, phases, work, count)
    for line in count.said:
        print(line)
    print(count.summary())
    sys.exit(1 if count.failed else 0)


if __name__ == "__main__":
    main()
