# SPDX-License-Identifier: Apache-2.0
"""What became of an attempt in each phase, and how it is counted.

Phases: "off" (no Picket): it works, or reaches its step. "alert": it works, and an alert names its container and a
rule. "enforce": it is stopped, and outside of the container nothing has changed.
Gaps: a list of {"attempts", "phases", "kernel" (left out: any), "why"}: what is known to fail, and is counted as
skipped. A gap that is none any more fails, so that the list stays true.
"""
import dataclasses
import json

PHASES = ("off", "alert", "enforce")
STOPPED = ("denied", "killed")
LOUD = ("Emergency", "Alert", "Critical", "Error", "Warning")


@dataclasses.dataclass
class Tried:
    """One attempt in one phase."""
    attempt: object
    phase: str
    result: object  # box.Result
    changes: list = dataclasses.field(default_factory=list)  # outside of the container
    alerts: list = dataclasses.field(default_factory=list)  # of what it did
    cgroup: int = 0
    began: int = 0  # nanoseconds
    ended: int = 0


def rules_of(tried, verdicts=None):
    return sorted({alert["rule"] for alert in tried.alerts if verdicts is None or alert["verdict"] in verdicts})


def container_of(alert):
    return alert.get("event", {}).get("container", {}).get("id")


def wrong_off(tried, _):
    if tried.result.status != tried.attempt.status and not tried.attempt.agent:
        return f"does not work: status {tried.result.status}"
    return None


def wrong_alert(tried, off):
    status = off.result.status if off and not tried.attempt.agent else tried.attempt.status
    if tried.result.status != status:
        return f"status {tried.result.status}, without Picket {status}"
    if not tried.alerts:
        return "no alert"
    if tried.attempt.in_container and not any(container_of(alert) == tried.result.id for alert in tried.alerts):
        return "no alert names its container: " + ", ".join(rules_of(tried))
    if rules_of(tried, STOPPED):
        return "stopped, though rules only alert"
    return None


def wrong_enforce(tried, off):
    if tried.changes:
        return "changed outside: " + ", ".join(tried.changes[:6])
    if not rules_of(tried, STOPPED):
        return "not stopped: status {}, alerts: {}".format(tried.result.status, ", ".join(rules_of(tried)) or "none")
    if tried.attempt.masked or tried.attempt.status != 0:
        return None
    if tried.result.status == 0:
        return "it worked, though something of it was stopped: " + ", ".join(rules_of(tried, STOPPED))
    return None


WRONG = {"off": wrong_off, "alert": wrong_alert, "enforce": wrong_enforce}


def read_gaps(path, kernel):
    """(attempt, phase) -> why."""
    with open(path, encoding="utf-8") as file:
        gaps = json.load(file)
    found = {}
    for gap in gaps:
        if not set(gap["phases"]) <= set(PHASES) or not gap["attempts"] or not gap["why"]:
            raise ValueError(f"{path}: {gap['attempts']}: a gap needs attempts, phases and a reason")
        if gap.get("kernel", kernel) == kernel:
            found.update({(name, phase): gap["why"] for name in gap["attempts"] for phase in gap["phases"]})
    return found


class Count:
    """Counts checks, and remembers what to say of them."""

    def __init__(self, gaps):
        self.gaps = gaps
        self.passed = self.failed = self.skipped = 0
        self.said = []
        self.whys = {}

    def add(self, name, phase, wrong):
        """`wrong`: None if it is as it should be. The word for a table: ok, gap, FAIL."""
        why = self.gaps.get((name, phase))
        if wrong:
            self.whys[name, phase] = why or wrong
        if why and wrong:
            self.skipped += 1
            self.said.append(f"gap: {name} {phase}: {wrong}: {why}")
            return "gap"
        if why:
            wrong = f"listed as a gap, and is none: {why}"
        if wrong:
            self.failed += 1
            self.said.append(f"FAILED: {name} {phase}: {wrong}")
            return "FAIL"
        self.passed += 1
        return "ok"

    def skip(self, name, why):
        self.skipped += 1
        self.said.append(f"skipped: {name}: {why}")

    def summary(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def judge(count, tried, off):
    """Counts one attempt in one phase; the word for it. `off`: the same attempt without Picket, or None."""
    return count.add(tried.attempt.id, tried.phase, WRONG[tried.phase](tried, off))


def line(attempt, tried, words):
    """Of the table: phase -> Tried, phase -> word."""
    stopped = tried.get("enforce")
    alerting = tried.get("alert") or stopped
    return [attempt.id, *(words.get(phase, "-") for phase in PHASES),
            "-" if not stopped else "changed" if stopped.changes else "same",
            ", ".join(rules_of(alerting)) if alerting else ""]
