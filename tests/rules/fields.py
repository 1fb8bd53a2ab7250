#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Falco's fields as data: each is known here, with its type.

fields.py PICKET DATA_DIR

DATA_DIR holds falco-fields.json: name, type and flags of each. Where it is not there nothing was tested: status 77.
What `picket check` says of rules that ask for a field is what counts: a rule with it loads, its argument is asked for
where Falco asks for one, and a literal that does not fit the type is refused.
"""

import json
import os
import subprocess
import sys
import tempfile

PICKET, DATA = sys.argv[1:3]

# A condition that is taken of a type, and one that is refused.
NUMBER = ("{0} >= 1", "{0} >= word")
TEXT = ("{0} startswith word", None)
FORMS = {
    "PT_CHARBUF": TEXT, "PT_FSPATH": TEXT, "PT_BOOL": ("{0} = true", "{0} = 5x"),
    "PT_IPADDR": ("{0} = 10.0.0.1", "{0} = word"), "PT_IPNET": ("{0} = 10.0.0.0/8", "{0} = word"),
    "PT_DYN": ("{0} exists", None), "PT_BYTEBUF": TEXT,
}
for number in ("INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64", "PORT", "RELTIME", "ABSTIME",
               "UID", "GID", "PID", "FD", "ERRNO", "DOUBLE"):
    FORMS["PT_" + number] = NUMBER

# Ours differ here, and why.
TYPES = {
    "evt.rawarg": "a number, whatever the argument",
}
KEYS = {"proc.aname": "1", "proc.apid": "1", "proc.acmdline": "1", "proc.aexe": "1", "proc.aexepath": "1",
        "proc.aargs": "1", "proc.aenv": "1", "fd.types": "1", "proc.args": "1",
        "evt.arg": "name", "evt.rawarg": "fd", "evt.abspath": "path"}


def rule(condition, output=""):
    return (f"- rule: r\n  desc: d\n  condition: evt.type = execve and {condition}\n"
            f"  output: \"o {output}\"\n  priority: INFO\n")


def check(text):
    """Exit status and what is said."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        done = subprocess.run([PICKET, "check", file.name], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr + done.stdout


def spell(field, arg):
    return f"{field['name']}[{arg}]" if arg else field["name"]


def check_field(field, failures):
    flags = field["flags"].split("|")
    arg = KEYS.get(field["name"], "x")
    needs = "EPF_ARG_REQUIRED" in flags
    name = spell(field, arg if needs else "")
    form = FORMS.get(field["type"])
    if not form:
        failures.append(f"{field['name']}: no type {field['type']} is known to this test")
        return
    good = "{0} exists" if "EPF_NO_RHS" in flags or "EPF_PRINT_ONLY" in flags else form[0]
    status, said = check(rule(good.format(name), "%" + name))
    if status:
        failures.append(f"{name}: '{good.format(name)}' is refused: {said.strip()}")
    if form[1] and good == form[0] and field["name"] not in TYPES:
        status, said = check(rule(form[1].format(name)))
        if not status:
            failures.append(f"{name}: '{form[1].format(name)}' is taken, though it is {field['type']}")
    if needs and not check(rule(field["name"] + " exists"))[0]:
        failures.append(f"{field['name']}: taken without an argument")


def of_containers():
    """What Falco has from a plugin, which its table of fields does not list."""
    texts = """container.id container.full_id container.name container.image container.image.id
    container.image.repository container.image.tag container.image.digest container.type container.mounts
    container.healthcheck container.liveness_probe container.readiness_probe container.ip container.cni.json
    container.labels k8s.pod.name k8s.ns.name k8s.pod.id k8s.pod.uid k8s.pod.sandbox_id k8s.pod.full_sandbox_id
    k8s.pod.labels k8s.pod.ip k8s.pod.cni.json k8s.rc.name k8s.rc.id k8s.rc.labels k8s.rs.name k8s.rs.id k8s.rs.labels
    k8s.svc.name k8s.svc.id k8s.svc.labels k8s.ns.id k8s.ns.labels k8s.deployment.name k8s.deployment.id
    k8s.deployment.labels"""
    keyed = """container.mount container.mount.source container.mount.dest container.mount.mode container.mount.rdwr
    container.mount.propagation container.label k8s.pod.label k8s.rc.label k8s.rs.label k8s.svc.label k8s.ns.label
    k8s.deployment.label"""
    bools = """container.privileged container.host_pid container.host_network container.host_ipc
    proc.is_container_healthcheck proc.is_container_liveness_probe proc.is_container_readiness_probe"""
    for name in texts.split():
        yield name, "CHARBUF", "EPF_NONE"
    for name in keyed.split():
        yield name, "CHARBUF", "EPF_ARG_REQUIRED"
    for name in bools.split():
        yield name, "BOOL", "EPF_NONE"
    yield "container.start_ts", "ABSTIME", "EPF_NONE"
    yield "container.duration", "RELTIME", "EPF_NONE"


def main():
    path = f"{DATA}/falco-fields.json"
    if not os.path.exists(path):
        print(f"SKIPPED: Falco's fields: no '{path}'")
        sys.exit(77)
    with open(path, encoding="utf-8") as file:
        fields = [field for field in json.load(file) if "." in field["name"]]  # "NA" stands for none
    fields += [{"name": name, "type": "PT_" + kind, "flags": flags} for name, kind, flags in of_containers()]
    failures = []
    for field in fields:
        check_field(field, failures)
    for failure in failures:
        print("FAILED: " + failure)
    print(f"{len(fields) - len(failures)} of {len(fields)} fields known, with their types")
    sys.exit(1 if failures or len(fields) < 200 else 0)


if __name__ == "__main__":
    main()
