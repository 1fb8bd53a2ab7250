# SPDX-License-Identifier: Apache-2.0
"""What whole sets of rules cost: the part of bench/run about them. docs/performance.md says how to read it.

The sets are put together on this machine, as directories that the test machine gets as /share: "ours" is rules/ as it
is; Falco's and Sigma's files are those beside the checkout, as they are. Of Sigma's those of which `picket check` loads
nothing are left out, and counted. Without them there is only what is ours.
"""

import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

from common import Agent, loop, number, ratio

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
CORPORA = os.path.join(TOP, "../shared/corpora")
BOOT_SECONDS = 20
LOOPS = {"open": 300, "open-tmp": 300, "exec": 24, "exec-static": 24, "connect": 60}
ROUNDS = 7
NO_RULES = "no rules"  # Picket runs, with one rule that nothing is true of
OURS, FALCO, ALL = "ours", "Falco's", "Falco's, Sigma's, ours"


# ---- on this machine ----


def files_of(folder, *suffixes):
    found = []
    for where, folders, files in os.walk(folder):
        folders.sort()
        found += [os.path.join(where, name) for name in sorted(files) if name.endswith(suffixes)]
    return found


def is_taken(programs, path):
    """Whether some rule of the file is loaded."""
    done = subprocess.run([programs.picket, "check", path], capture_output=True, text=True, check=False)
    return done.returncode == 0 and not done.stdout.startswith("0 rules")


def put(directory, *groups):
    """Copies in order: a directory of rules is read alphabetically. Falco's first, so that ours may not be changed."""
    os.mkdir(directory)
    for path in (path for group in groups for path in group):
        place = os.path.join(directory, f"{len(os.listdir(directory)):04}-{os.path.basename(path)}")
        shutil.copy(path, place)


def prepare(programs, directory):
    """Writes the sets below `directory`; what they are of."""
    ours = files_of(os.path.join(TOP, "rules"), ".yaml", ".yml")
    falco = files_of(os.path.join(CORPORA, "falco/rules"), ".yaml", ".yml")
    sigma = files_of(os.path.join(CORPORA, "sigma"), ".yml", ".yaml")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        taken = list(pool.map(lambda path: is_taken(programs, path), sigma))
    loadable = [path for path, good in zip(sigma, taken) if good]
    order = [NO_RULES, OURS]
    with open(os.path.join(directory, "none.yaml"), "w", encoding="utf-8") as file:
        file.write("- rule: Nothing\n  desc: Measured.\n  condition: evt.type = listen and proc.name = nobody\n"
                   "  output: \"%proc.name\"\n  priority: NOTICE\n")
    put(os.path.join(directory, NO_RULES), [os.path.join(directory, "none.yaml")])
    put(os.path.join(directory, OURS), ours)
    if falco:
        put(os.path.join(directory, FALCO), falco)
        put(os.path.join(directory, ALL), falco, loadable, ours)
        order += [FALCO, ALL]
    what = {"order": order, "sigma": len(sigma), "sigma_taken": len(loadable)}
    with open(os.path.join(directory, "sets.json"), "w", encoding="utf-8") as file:
        json.dump(what, file)
    return what


def measure(run_guest):
    """run_guest(part, *options): what the test machine says."""
    def made(programs):
        with tempfile.TemporaryDirectory() as directory:
            what = prepare(programs, directory)
            return {**what, **run_guest("sets", "--share", directory)}
    return made


# ---- in the test machine ----


def all_loops(programs):
    ret = {}
    for name, calls in LOOPS.items():
        result = loop(programs, name, ROUNDS, calls)
        ret[name] = {"median": result["median_ns"], "mean": result["mean_ns"]}
    return ret


def guest(programs):
    with open("/share/sets.json", encoding="utf-8") as file:
        order = json.load(file)["order"]
    # the machine has just begun, and is still busy with itself; then the same work in each state
    time.sleep(BOOT_SECONDS)
    with open("/proc/sys/kernel/randomize_va_space", "w", encoding="ascii") as file:
        file.write("0")
    all_loops(programs)
    result = {"kernel": os.uname().release, "none": all_loops(programs), "sets": {}}
    for name in order:
        begin = time.monotonic_ns()
        with Agent(programs, "rules", "-r", os.path.join("/share", name)) as agent:
            started = time.monotonic_ns() - begin
            # its own start is no cost of an event
            time.sleep(2)
            loops = all_loops(programs)
            found = re.search(r"rules: (\d+) in force", agent.told())
            result["sets"][name] = {"loops": loops, "rules": int(found.group(1)) if found else None,
                                    "start_instructions": started, "backend": agent.backend(), **agent.memory()}
    result["none again"] = all_loops(programs)
    print(json.dumps(result))


# ---- the table ----


def base_of(sets, name):
    return (sets["none"][name]["median"] + sets["none again"][name]["median"]) / 2


def print_sets(sets):
    backend = next(iter(sets["sets"].values()))["backend"]
    print(f"\nSets of rules, instruction clock: Linux {sets['kernel']}, {backend} backend; "
          f"{sets['sigma_taken']} of {sets['sigma']} Sigma files are taken")
    print(f"  {'set of rules':26}{'rules':>7}" + "".join(f"{name:>14}" for name in LOOPS)
          + f"{'agent KiB':>11}{'start, 10^9':>13}")
    print(f"  {'without Picket':26}{'-':>7}" + "".join(number(base_of(sets, name), 14) for name in LOOPS))
    for label, entry in sets["sets"].items():
        print(f"  {label:26}{entry['rules'] if entry['rules'] is not None else '-':>7}"
              + "".join(ratio(entry["loops"][name]["median"], base_of(sets, name), 14) for name in LOOPS)
              + f"{number(entry.get('rss_kib'), 11)}{entry['start_instructions'] / 1e9:>13.1f}")
        print(f"  {'  mean, the agent told':26}{'':>7}"
              + "".join(ratio(entry["loops"][name]["mean"], base_of(sets, name), 14) for name in LOOPS))
