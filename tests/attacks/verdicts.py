#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes docs/verdicts.md of what tests/attacks/run printed.

usage: verdicts.py LOG... >docs/verdicts.md
       verdicts.py --rates [docs/verdicts.md]

In:  logs with lines "@ {...}" of guest.py; what a later log says of an attempt's phase, or of a job, replaces what
     an earlier one said.
Out: the page; with --rates only how much is caught and how much of what alerts is an attack, as the page says.
"""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import verdict  # noqa: E402

PAGE = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../docs/verdicts.md"))
TOTALS = "## Totals"
HEAD = """# Verdicts

What the default rules ([rules/](../rules)) say of attacks and of everyday work. `make attacks` wrote this page: every
attempt of a catalogue, and every variant of it, was made in the test machines three times (without Picket, with the rules,
with the rules enforced), and the work of servers and containers was done with the rules.
[tests/attacks](../tests/attacks/README.md) says how.

"Caught": an alert, of which rules stands behind it, told of the attempt. "Prevented": with `--enforce`, the action did not
happen, and nothing outside had changed. A reason that a kernel, a tool or the machine gives stands below the table.
"""


def read(paths):
    """(attempts, jobs): id -> kernel -> record."""
    attempts, jobs = {}, {}
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                if not line.startswith("@ {"):
                    continue
                record = json.loads(line[2:])
                if "job" in record:
                    jobs.setdefault(record["job"], {})[record["kernel"]] = record
                    continue
                known = attempts.setdefault(record["attempt"], {}).setdefault(record["kernel"], record)
                for part in ("words", "why", "alerts"):
                    known[part] = {**known[part], **record[part]}
                for part in ("title", "where", "adjusted"):
                    known[part] = record[part]
    return attempts, jobs


def order(name):
    """ESC-2 before ESC-12, ESC-12 before ESC-12.3."""
    return [int(part) if part.isdigit() else part for part in name.replace("-", ".").split(".")]


def loud(alerts):
    return [alert for alert in alerts if alert[1] in verdict.LOUD]


def caught(record):
    return bool(record["alerts"].get("alert")) and record["words"].get("alert") in ("ok", "FAIL", "gap") \
        and not record["why"].get("alert", "").startswith("no alert")


def prevented(record):
    return record["words"].get("enforce") == "ok"


def tried(record):
    """Not those that the kernel or a tool makes impossible, as far as that was looked at."""
    return record["words"].get("off", "ok") == "ok"


def cell(text):
    return text.replace("|", "\\|").replace("\n", " ")


def yes(record, phase, function):
    if record is None or record["words"].get("off") != "skipped" and phase not in record["words"]:
        return "-"
    if not tried(record):
        return "not tried"
    return "yes" if function(record) else "**no**"


def rules_of(records):
    names = set()
    for record in records:
        names |= {alert[0] for alert in record["alerts"].get("alert", [])}
    return ", ".join(sorted(names))


def table_of_attempts(attempts, kernels, out):
    out.append("| attempt | what | where | " + " | ".join(f"caught {one} | prevented {one}" for one in kernels) +
               " | by |")
    out.append("| --- | --- | --- | " + " | ".join("--- | ---" for _ in kernels) + " | --- |")
    for name in sorted(attempts, key=order):
        records = attempts[name]
        first = next(iter(records.values()))
        cells = [name, cell(first["title"]), first["where"]]
        for kernel in kernels:
            record = records.get(kernel)
            cells += [yes(record, "alert", caught), yes(record, "enforce", prevented)]
        out.append("| " + " | ".join(cells + [cell(rules_of(records.values()))]) + " |")


def reasons(attempts, out):
    """Of everything that is not as it should be, once where both kernels say the same."""
    said = {}
    for name, records in attempts.items():
        for kernel, record in records.items():
            for phase in verdict.PHASES:
                why = record["why"].get(phase)
                if why and record["words"].get(phase) != "ok":
                    said.setdefault((name, why.replace("\n", " ")[:400]), []).append((kernel, phase))
    for name, why in sorted(said, key=lambda one: (order(one[0]), one[1])):
        places = said[name, why]
        words = {"off": "not tried", "alert": "not caught", "enforce": "not prevented"}
        phases = [words[phase] for phase in verdict.PHASES if phase in {place[1] for place in places}]
        kernels = sorted({place[0] for place in places}, key=order)
        out.append(f"- {name}, {' and '.join(phases)} ({', '.join(kernels)}): {cell(why)}")


def adjustments(attempts, jobs, out):
    said = {}
    for name, records in list(attempts.items()) + list(jobs.items()):
        why = next(iter(records.values()))["adjusted"]
        if why:
            said.setdefault(why, []).append(name)
    for why, names in sorted(said.items(), key=lambda one: order(one[1][0])):
        out.append(f"- {', '.join(sorted(names, key=order))}: {cell(why)}")


def table_of_jobs(jobs, kernels, out):
    out.append("| work | what | " + " | ".join(kernels) + " | lower alerts |")
    out.append("| --- | --- | " + " | ".join("---" for _ in kernels) + " | --- |")
    for name in sorted(jobs, key=order_of_jobs):
        records = jobs[name]
        cells, lower = [], {}
        for kernel in kernels:
            record = records.get(kernel)
            if record is None or record["word"] == "skipped":
                cells.append("-" if record is None else "not done")
                continue
            bad = loud(record["alerts"])
            words = ["silent" if not bad else "**" + ", ".join(alert[0] for alert in bad) + "**"]
            if record["status"] != 0:
                words.append(f"status {record['status']}")
            cells.append(", ".join(words))
            lower.update({alert[0]: alert[1] for alert in record["alerts"] if alert not in bad})
        title = next(iter(records.values()))["title"]
        told = ", ".join(f"{rule} ({priority})" for rule, priority in sorted(lower.items()))
        out.append("| " + " | ".join([name, cell(title), *cells, cell(told)]) + " |")


def order_of_jobs(name):
    return (0, order(name)) if name.startswith("FP-") else (1, [name])


def percent(part, whole):
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "-"


def totals_of(attempts, jobs, kernel):
    records = [one[kernel] for one in attempts.values() if kernel in one and one[kernel]["words"]]
    possible = [one for one in records if tried(one)]
    found = [one for one in possible if caught(one)]
    strong = [one for one in found if loud(one["alerts"].get("alert", []))]
    done = [one[kernel] for one in jobs.values() if kernel in one and one[kernel]["word"] != "skipped"]
    noisy = [one for one in done if loud(one["alerts"])]
    true_alerts = sum(alert[3] for one in possible for alert in loud(one["alerts"].get("alert", [])))
    false_alerts = sum(alert[3] for one in done for alert in loud(one["alerts"]))
    return [
        ("attempts, tried", f"{len(records)}, {len(possible)}"),
        ("recall: caught", percent(len(found), len(possible))),
        ("of those, by an alert of WARNING or above", percent(len(strong), len(possible))),
        ("prevented", percent(sum(map(prevented, possible)), sum("enforce" in one["words"] for one in possible))),
        ("benign jobs done, with an alert of WARNING or above", f"{len(done)}, {len(noisy)}"),
        ("precision: of what alerted at WARNING or above, attacks", percent(len(strong), len(strong) + len(noisy))),
        ("the same, counting alerts", percent(true_alerts, true_alerts + false_alerts)),
        ("lower alerts in benign jobs", str(sum(alert[3] for one in done for alert in one["alerts"]) - false_alerts)),
    ]


def table_of_totals(attempts, jobs, kernels, out):
    out.append("| | " + " | ".join(kernels) + " |")
    out.append("| --- | " + " | ".join("---" for _ in kernels) + " |")
    columns = [totals_of(attempts, jobs, kernel) for kernel in kernels]
    for lines in zip(*columns):
        out.append("| " + " | ".join([lines[0][0]] + [value for _, value in lines]) + " |")


def page(attempts, jobs):
    kernels = sorted({kernel for one in list(attempts.values()) + list(jobs.values()) for kernel in one}, key=order)
    out = [HEAD, TOTALS, ""]
    table_of_totals(attempts, jobs, kernels, out)
    out += ["", "## Attempts", ""]
    table_of_attempts(attempts, kernels, out)
    out += ["", "## Why not", ""]
    reasons(attempts, out)
    out += ["", "## Everyday work", ""]
    table_of_jobs(jobs, kernels, out)
    out += ["", "## Done differently in the test machine", ""]
    adjustments(attempts, jobs, out)
    return "\n".join(out) + "\n"


def rates(path):
    """The lines of the totals, as plain text."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().partition(TOTALS)[2].partition("\n## ")[0].strip().splitlines()
    cells = [[part.strip() for part in line.strip("| ").split(" | ")] for line in lines if "---" not in line]
    kernels = [part for part in cells[0] if part]
    return "\n".join(f"{line[0]}: " + "; ".join(f"{value} (Linux {kernel})" for kernel, value in zip(kernels, line[1:]))
                     for line in cells[1:])


def main():
    words = sys.argv[1:]
    if words[:1] == ["--rates"]:
        path = words[1] if len(words) > 1 else PAGE
        if not os.path.exists(path):
            sys.exit(f"verdicts: no '{path}': make attacks writes it")
        print(rates(path))
        return
    if not words:
        sys.exit("usage: verdicts.py LOG... | --rates [PAGE]")
    attempts, jobs = read(words)
    if not attempts and not jobs:
        sys.exit("verdicts: no attempt and no job in these logs")
    sys.stdout.write(page(attempts, jobs))


if __name__ == "__main__":
    main()
