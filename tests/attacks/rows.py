#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a catalogue of attacks: what is tried, where, and what is done before and after.

In:  rows.json, a list of rows: "id", "name", "ctx", "cmd", "setup", "clean", and "vars", a list of
     variants [what, ctx, cmd, ...]. "ctx" is where a command runs: "C" a container, "P" one of podman's, both
     perhaps with options behind a colon ("C:--priv --pid-host"); anything else is not in a container.
Out: Attempts, a row's own one first ("ESC-01"), then its variants ("ESC-01.1", ...).
A row that is not like that is refused, with its id.
"""
import dataclasses
import json
import shlex


CARELESS = ("debugfs -R", "keyctl show")  # end with 0 when they could not do what they were to


@dataclasses.dataclass(frozen=True)
class Options:
    """How a container is made."""
    privileged: bool = False
    caps: tuple = ()
    host_pid: bool = False
    host_net: bool = False
    binds: tuple = ()  # (path on the host, path in the container)
    cwd: str = "/"
    runtime: str = ""
    name: str = ""


@dataclasses.dataclass(frozen=True)
class Attempt:
    """One thing that is tried."""
    id: str
    title: str
    where: str  # "oci", "podman"; "host" is not run
    options: Options
    command: str
    setup: str
    clean: str

    @property
    def masked(self):
        """The command's status says nothing: it ends well whatever happened."""
        return self.command.rstrip().endswith("; true") or any(word in self.command for word in CARELESS)


def parse_options(words):
    """Options and what stands behind "--" of them, None if there is no "--"."""
    words = list(words)
    values = {"binds": [], "caps": []}
    flags = {"--priv": "privileged", "--pid-host": "host_pid", "--net-host": "host_net"}
    texts = {"--cwd": "cwd", "--rt": "runtime", "--name": "name"}
    while words:
        word = words.pop(0)
        if word == "--":
            break
        if word in flags:
            values[flags[word]] = True
            continue
        if word not in texts and word not in ("--bind", "--cap"):
            raise ValueError(f"unknown option '{word}' of a container")
        if not words:
            raise ValueError(f"nothing behind '{word}'")
        value = words.pop(0)
        if word in texts:
            values[texts[word]] = value
        elif word == "--cap":
            values["caps"] += [cap for cap in value.split(",") if cap]
        else:
            source, colon, place = value.partition(":")
            if not colon or not source.startswith("/") or not place.startswith("/"):
                raise ValueError(f"'{value}' is no SOURCE:PLACE")
            values["binds"].append((source, place))
    else:
        words = None
    values["binds"] = tuple(values["binds"])
    values["caps"] = tuple(values["caps"])
    return Options(**values), words


def parse_where(context):
    """Where a command runs, and how its container is made."""
    kind, _, options = context.partition(":")
    where = {"C": "oci", "P": "podman"}.get(kind, "host")
    if where == "host":
        return where, Options()
    return where, parse_options(shlex.split(options))[0]


def attempt_of(row, number, title, context, command):
    name = f"{row['id']}.{number}" if number else row["id"]
    for text in (title, context, command):
        if not isinstance(text, str):
            raise ValueError(f"{name}: '{text}' is no text")
    try:
        where, options = parse_where(context)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    return Attempt(name, title, where, options, command, row.get("setup", ""), row.get("clean", ""))


def read(path, section):
    """All attempts of the rows whose id begins with `section` and a hyphen."""
    with open(path, encoding="utf-8") as file:
        rows = json.load(file)
    attempts = []
    for row in rows:
        if not row["id"].startswith(section + "-"):
            continue
        attempts.append(attempt_of(row, 0, row["name"], row["ctx"], row["cmd"]))
        for number, variant in enumerate(row.get("vars", []), 1):
            if len(variant) < 3:
                raise ValueError(f"{row['id']}.{number}: a variant of {len(variant)} parts")
            attempts.append(attempt_of(row, number, *variant[:3]))
    if not attempts:
        raise ValueError(f"{path}: no row of '{section}'")
    return attempts
