# SPDX-License-Identifier: Apache-2.0
"""What rules cost: the part of bench/run about them. docs/performance.md says how to read it."""

import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from common import Agent, Failed, loop, number, output_of, ratio, verdict

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(HERE)
GENERATOR = os.path.join(TOP, "tests/rules/gen.py")
DEFAULT_LIKE = os.path.join(HERE, "default-like.yaml")
FALCO = os.path.join(TOP, "../shared/corpora/falco/rules")
SIZES = (10, 1000, 10000)
GUEST_ROUNDS, GUEST_CALLS = 9, 400
CONNECT_CALLS = 100
BOOT_SECONDS = 20
MIX_CALLS = 1000000
CONTAINER_RULES = 1000
CONTAINERS = (0, 1, 1000)
CLONE_NEWNS = 0x20000

OPENS = "evt.type in (open, openat, openat2) and fd.name startswith /etc"
# name: (condition, loop, aim)
SINGLE = {
    "open, other process's rule": (f"{OPENS} and proc.name = something-else", "open", 1.05),
    "open, other path": (OPENS, "open-tmp", 1.35),
    "open, other path, own name": (f"{OPENS} and proc.name = bench_loops", "open-tmp", 1.35),
    "open, reported": (OPENS, "open", 2.0),
    "open, reported, own name": (f"{OPENS} and proc.name = bench_loops", "open", 2.0),
    "read": (OPENS, "read", 1.0),
    "connect, other port": ("evt.type = connect and fd.sport = 9", "connect-known", 1.15),
    "connect, other address": ("evt.type = connect and fd.sip = 192.0.2.1", "connect-known", 1.15),
    "connect, reported": ("evt.type = connect and fd.sport = 17999", "connect-known", 1.15),
}
DEFAULT_ROW = "open, mixed, 40 default-like rules"
# published figures of the same loops with Tetragon 1.x
SCALE = {"open, other path": 2.35, "open, reported": 4.73, "read": 8.65, "connect, reported": 1.94}


def write_rule(path, condition):
    """In one step: picket run loads a file again when it changes."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(f"- rule: Bench\n  desc: Measured.\n  condition: {condition}\n"
                   "  output: \"%proc.name %fd.name\"\n  priority: NOTICE\n")
    os.rename(path + ".new", path)


def fleet(directory, cnt):
    path = os.path.join(directory, f"fleet-{cnt}.yaml")
    if cnt:
        output_of(sys.executable, GENERATOR, "--fleet", str(cnt), "--output", path)
    else:
        write_rule(path, "evt.type = listen and proc.name = nobody")
    return path


def wait_for(agent, text, seconds):
    end = time.monotonic() + seconds
    while text not in agent.told():
        if agent.process.poll() is not None or time.monotonic() > end:
            raise Failed(f"no '{text}': {agent.told()}")
        time.sleep(0.005)


class Holder:
    """bench_rules hold: puts one file after the other into the kernel."""

    def __init__(self, programs, path, *options):
        command = [programs.rules, "hold", *options, path]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.first = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failed("bench_rules holds no rules")
        return json.loads(line)

    def put(self, path):
        self.process.stdin.write(path + "\n")
        self.process.stdin.flush()
        return self.answer()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


# ---- in the test machine ----


def guest_loop(programs, name):
    """Median of the rounds, and their mean: in that is what the agent did meanwhile, on the one CPU."""
    calls = CONNECT_CALLS if "connect" in name else GUEST_CALLS
    result = loop(programs, name, GUEST_ROUNDS, calls)
    return {"median": result["median_ns"], "mean": result["mean_ns"]}


def guest_single(programs, directory):
    names = sorted({name for _, name, _ in SINGLE.values()} | {"open-mix"})
    # the machine has just begun, and is still busy with itself
    time.sleep(BOOT_SECONDS)
    for name in names:
        guest_loop(programs, name)
    base = {name: guest_loop(programs, name)["median"] for name in names}
    path = os.path.join(directory, "single.yaml")
    rows, before, generation = {}, None, 1
    write_rule(path, "evt.type = listen and proc.name = nobody")
    with Agent(programs, "rules", "-r", path) as agent:

        def changed():
            nonlocal generation
            generation += 1
            wait_for(agent, f"generation {generation},", 120)

        for label, (condition, name, _) in SINGLE.items():
            if condition != before:
                write_rule(path, condition)
                changed()
                before = condition
            rows[label] = {"none": base[name], **guest_loop(programs, name)}
        shutil.copy(DEFAULT_LIKE, path + ".new")
        os.rename(path + ".new", path)
        changed()
        rows[DEFAULT_ROW] = {"none": base["open-mix"], **guest_loop(programs, "open-mix")}
    return rows


def guest_fleets(programs, directory, *options):
    """Opens of a process that no rule names, and of one that one rule names, by number of rules."""
    files = [fleet(directory, cnt) for cnt in (0,) + SIZES]
    worker = os.path.join(directory, "worker-0")
    if not os.path.exists(worker):
        os.symlink(programs.loops, worker)
    rows = {}
    with Holder(programs, files[0], *options) as holder:
        for cnt, path in zip((0,) + SIZES, files):
            if cnt:
                holder.put(path)
            rows[str(cnt)] = {
                label: json.loads(output_of(program, "open", str(GUEST_ROUNDS), str(GUEST_CALLS)))["median_ns"]
                for label, program in (("uninteresting", programs.loops), ("interesting", worker))
            }
    return rows


def container_id(number_):
    return f"{number_:08x}" * 8


def container_rules(directory):
    """One rule a container, about a file that is not there."""
    path = os.path.join(directory, "containers.yaml")
    with open(path, "w", encoding="utf-8") as file:
        for i in range(CONTAINER_RULES):
            file.write(f"- rule: Bench {i}\n  desc: Measured.\n"
                       "  condition: evt.type in (open, openat, openat2) and fd.name contains no-such-file"
                       f" and container.full_id = {container_id(i)}\n"
                       "  output: \"%proc.name %fd.name\"\n  priority: NOTICE\n")
    return path


def cgroup_root():
    tree = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "cgroup-tree")
    return subprocess.run([tree], capture_output=True, text=True, check=True).stdout.strip()


def enter(path):
    """As a container's process does: into the cgroup, and into mounts of its own."""
    with open(os.path.join(path, "cgroup.procs"), "w", encoding="ascii") as file:
        file.write("0")
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "unshare")


def loop_in(programs, path):
    command = [programs.loops, "open", str(GUEST_ROUNDS), str(GUEST_CALLS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True,
                          preexec_fn=lambda: enter(path) if path else None)
    return json.loads(done.stdout)["median_ns"]


def guest_containers(programs, directory):
    """Opens on the host and in the first container, with a rule for each of so many containers."""
    root, rows = cgroup_root(), {}
    path = os.path.join(directory, "none.yaml")
    write_rule(path, "evt.type = listen and proc.name = nobody")
    with Agent(programs, "rules", "-r", path):
        rows["no rule"] = {"host": loop_in(programs, None), "container": None}
    path = container_rules(directory)
    for cnt in CONTAINERS:
        made = [os.path.join(root, f"docker-{container_id(i)}.scope") for i in range(cnt)]
        for cgroup in made:
            os.mkdir(cgroup)
        try:
            with Agent(programs, "rules", "-r", path) as agent:
                rows[str(cnt)] = {"host": loop_in(programs, None),
                                  "container": loop_in(programs, made[0]) if made else None,
                                  "last": loop_in(programs, made[-1]) if made else None,
                                  "rss_kib": agent.memory()["rss_kib"]}
        finally:
            for cgroup in made:
                os.rmdir(cgroup)
    return rows


def guest(programs):
    with tempfile.TemporaryDirectory() as directory:
        result = {"kernel": os.uname().release, "single": guest_single(programs, directory),
                  "fleets": guest_fleets(programs, directory),
                  "keyless": guest_fleets(programs, directory, "--keyless"),
                  "containers": guest_containers(programs, directory)}
    print(json.dumps(result))


# ---- on this machine ----


def host_sizes(programs, directory):
    """What so many rules cost before an event comes."""
    ret = {}
    for cnt in SIZES:
        path = fleet(directory, cnt)
        runs = [json.loads(output_of(programs.rules, "compile", "lsm", path)) for _ in range(3)]
        best = min(runs, key=lambda run: run["plan_ns"] + run["emit_ns"])
        with Holder(programs, path) as holder:
            first = holder.first
            again = [holder.put(path) for _ in range(2)]
        first["load_ns"] = min(entry["load_ns"] for entry in again)
        ret[str(cnt)] = {**best, "kernel": first}
    return ret


def host_reload(programs, directory):
    """From SIGHUP to rules in force, in seconds."""
    ret = {}
    for cnt in SIZES:
        path = fleet(directory, cnt)
        with Agent(programs, "rules", "-r", path) as agent:
            seconds = []
            for number_ in range(3):
                begin = time.monotonic()
                agent.process.send_signal(signal.SIGHUP)
                wait_for(agent, f"generation {number_ + 2},", 120)
                seconds.append(time.monotonic() - begin)
        ret[str(cnt)] = min(seconds)
    return ret


def host_share(programs, *files):
    """How many of a million opens cross into user space."""
    options = [word for path in files for word in ("-r", path)]
    with tempfile.TemporaryFile("w+") as out:
        with Agent(programs, "rules", "--events", "exec,fork,exit", *options, stdout=out) as agent:
            output_of(programs.loops, "open-mix", "1", str(MIX_CALLS))
            time.sleep(0.5)
        out.seek(0)
        cnt = {"exec": 0, "fork": 0, "exit": 0, "alerts": 0}
        for line in out:
            entry = json.loads(line)
            kind = entry.get("type") if "rule" not in entry else "alerts"
            if kind in cnt:
                cnt[kind] += 1
            if kind == "stop":
                stop = entry["stop"]
    found = re.search(r"rules: (\d+) in force", agent.told())
    crossed = stop["delivered"] - cnt["exec"] - cnt["fork"] - cnt["exit"]
    return {"rules": int(found.group(1)), "opens": MIX_CALLS + MIX_CALLS // 10, "crossed": crossed,
            "alerts": cnt["alerts"], "lost": stop["lost"]}


def host(programs):
    result = {}
    with tempfile.TemporaryDirectory() as directory:
        result["sizes"] = host_sizes(programs, directory)
        result["reload_s"] = host_reload(programs, directory)
    result["share"] = {"default-like": host_share(programs, DEFAULT_LIKE)}
    if os.path.isdir(FALCO):
        files = sorted(os.path.join(FALCO, name) for name in os.listdir(FALCO))
        result["share"]["Falco's"] = host_share(programs, *files)
    return result


# ---- the tables ----


def print_guest(rules):
    print(f"\nRules, instruction clock: Linux {rules['kernel']}")
    print(f"  {'one rule':36}{'none':>9}{'with':>9}{'ratio':>9}{'mean':>9}{'Tetragon':>10}")
    for label, row in rules["single"].items():
        scale = f"{SCALE[label]:>8.2f} x" if label in SCALE else f"{'-':>10}"
        print(f"  {label:36}{number(row['none'])}{number(row['median'])}{ratio(row['median'], row['none'])}"
              f"{ratio(row['mean'], row['none'])}{scale}  "
              + (verdict(round(row["median"] / row["none"], 3), SINGLE[label][2]) if label in SINGLE else ""))
    print(f"\n  {'open+close, instructions':32}" + "".join(f"{cnt:>9}" for cnt in rules["fleets"]) + "  10,000 / 10")
    for kind, index, aim in (("fleets", "", (1.2, 2.0)), ("keyless", ", rules in turn", (None, None))):
        for label, limit in zip(("uninteresting", "interesting"), aim):
            row = {cnt: costs[label] for cnt, costs in rules[kind].items()}
            value = row["10000"] / row["10"]
            print(f"  {label + index:32}" + "".join(number(value) for value in row.values())
                  + f"{value:>11.3f}x  " + (verdict(round(value, 3), limit) if limit else ""))
    print_containers(rules["containers"])


def print_containers(rows):
    print(f"\n  open+close, {CONTAINER_RULES:,} rules, each about one container")
    print(f"    {'containers':>12}{'on the host':>13}{'in the first':>14}{'in the last':>13}{'agent KiB':>11}")
    for cnt, row in rows.items():
        print(f"    {cnt:>12}{number(row['host'], 13)}{number(row['container'], 14)}"
              f"{number(row.get('last'), 13)}{number(row.get('rss_kib'), 11)}")


def print_host(rules):
    print("\n  Rules, before an event comes")
    print(f"    {'rules':>8}{'compiled/s':>12}{'loaded/s':>10}{'reload s':>10}{'insns':>9}"
          f"{'programs KiB':>14}{'maps KiB':>10}{'sensors KiB':>13}{'KiB a CPU':>11}")
    for cnt, entry in rules["sizes"].items():
        kernel = entry["kernel"]
        print(f"    {cnt:>8}{int(cnt) * 1e9 / (entry['plan_ns'] + entry['emit_ns']):>12,.0f}"
              f"{int(cnt) * 1e9 / kernel['load_ns']:>10,.0f}{rules['reload_s'][cnt]:>10.2f}{kernel['insns']:>9,}"
              f"{kernel['program_bytes'] / 1024:>14,.0f}{kernel['map_bytes'] / 1024:>10,.0f}"
              f"{kernel['sensors_bytes'] / 1024:>13,.0f}{kernel['cpu_bytes'] / 1024:>11,.0f}")
    for label, entry in rules["share"].items():
        print(f"  {entry['opens']:,} opens, {entry['rules']} {label} rules: {entry['crossed']:,} records crossed "
              f"into user space, {entry['alerts']:,} alerts, {entry['lost']:,} lost")
