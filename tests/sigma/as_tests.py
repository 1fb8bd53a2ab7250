#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same cases for `picket test`: no machine, no kernel, the reference evaluator alone.

    as_tests.py DIRECTORY RULE_OR_DIRECTORY...      writes a file of tests for each rule
    picket test DIRECTORY/*.yaml

Left out are calls (their arguments are the kernel's), names of hosts, and rules that no event is like.
"""
import json
import pathlib
import sys

import generate
import views


def file_event(event):
    path = event["path"]
    if event["op"] == "rename":
        return {"type": "rename", "file": {"path": event["from_path"], "new_path": path}}
    if event["op"] == "unlink":
        return {"type": "unlink", "file": {"path": path}}
    flags = {"create": "O_WRONLY|O_CREAT", "write": "O_WRONLY", "read": "O_RDONLY"}[event["op"]]
    return {"type": "open", "file": {"path": path, "flags": flags, **({"created": True} if event["op"] == "create" else {})}}


def connect_event(event):
    return {"type": "connect", "network": {
        "family": "ipv6" if ":" in event["address"] else "ipv4", "protocol": event["protocol"],
        "type": "dgram" if event["protocol"] == "udp" else "stream",
        "remote": {"address": event["address"], "port": event["port"]}}}


def exec_of(event):
    made = {"path": event["image"], "filename": event["called"], "args": event["argv"], "cwd": event["cwd"]}
    if event["loginuid"] is not None:
        made["login_uid"] = event["loginuid"]
    return made


def test_of(case, title):
    event, who = case["event"], {"pid": 51, "uid": case["event"]["uid"], "name": views.base(case["event"]["called"])[:15]}
    parent = event["parent"]
    steps = [{"event": {"type": "exec", "process": {"pid": 50, "name": views.base(parent["image"])[:15]},
                        "exec": {"path": parent["image"], "filename": parent["image"], "args": parent["argv"]}}},
             {"event": {"type": "fork", "process": {"pid": 50}, "fork": {"child_pid": 51}}},
             {"event": {"type": "exec", "process": who, "exec": exec_of(event)}}]
    if event["op"] != "exec":
        if not case["fires"]:
            steps[-1]["expect"] = []
        act = connect_event(event) if event["op"] == "connect" else file_event(event)
        steps.append({"event": {**act, "process": {"pid": 51}}})
    steps[-1]["expect"] = [title] if case["fires"] else []
    return {"name": f"{case['id']} {case['what']}", "steps": steps}


def write(work, paths, most, near):
    made = generate.generate(paths, most, near)
    where = {file: path for path, file in generate.rule_files(paths)}
    for number, rule in enumerate(made["rules"]):
        cases = [case for case in made["cases"] if case["rule"] == rule["file"] and case["event"]["op"] != "call" and
                 not case["event"].get("host")]
        if rule["refused"] or not cases:
            continue
        file = {"rules": str(where[rule["file"]].resolve()), "tests": [test_of(case, rule["title"]) for case in cases]}
        (work / f"{number:04}-{where[rule['file']].stem}.yaml").write_text(json.dumps(file, indent=1))


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]), sys.argv[2:], 6, 6)
