#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a catalogue of attacks: what is tried, where, and what is done before and after.

In:  rows.json, a list of rows: "id", "name", "ctx", "cmd", "setup", "clean", and "vars", a list of
     variants [what, ctx, cmd, ...]. "ctx" is where a command runs: "C" a container, "P" one of podman's, both
     perhaps with options behind a colon ("C:--priv --pid-host"); "H" the host as root, "U" the host as a user.
     adjust.json, a list of {"attempts", "why", ...}: what has to be done differently in the test machine; see adjust().
Out: Attempts, a row's own one first ("ESC-01"), then its variants ("ESC-01.1", ...).
A row that is not like that is refused, with its id.
"""
import dataclasses
import json
import shlex


PLACES = {"C": "oci", "P": "podman", "H": "host", "U": "user"}
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
    background: bool = False


@dataclasses.dataclass(frozen=True)
class Attempt:
    """One thing that is tried."""
    id: str
    title: str
    where: str  # "oci", "podman", "host", "user"
    options: Options
    command: str
    setup: str
    clean: str
    careless: bool = False
    harmless: tuple = ()  # paths that it may change outside though it is stopped
    status: int = 0  # that it ends with where it works
    bare: bool = False  # in a container: its first program is the shell itself
    agent: bool = False  # what it does needs Picket to be there: without it the status says nothing
    skip: str = ""  # why it is not tried
    adjusted: str = ""  # why it is not as the catalogue has it

    @property
    def in_container(self):
        return self.where in ("oci", "podman")

    @property
    def words(self):
        """The command by a shell. In a container that is not the first program: rules on shells that runtimes start would
        tell of that, whatever the shell does.
        """
        shell = ["/bin/sh", "-c", self.command]
        return shell if self.bare or not self.in_container else ["/usr/bin/timeout", "--foreground", "85", *shell]

    @property
    def masked(self):
        """The command's status says nothing: it ends well whatever happened."""
        return self.careless or self.command.rstrip().endswith("; true") or any(word in self.command for word in CARELESS)


def parse_options(words):
    """Options and what stands behind "--" of them, None if there is no "--"."""
    words = list(words)
    values = {"binds": [], "caps": []}
    flags = {"--priv": "privileged", "--pid-host": "host_pid", "--net-host": "host_net", "--bg": "background"}
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
    where = PLACES.get(kind)
    if where is None:
        raise ValueError(f"no place '{kind}'")
    if where in ("host", "user"):
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


def read(path):
    """All attempts."""
    with open(path, encoding="utf-8") as file:
        rows = json.load(file)
    attempts = []
    for row in rows:
        attempts.append(attempt_of(row, 0, row["name"], row["ctx"], row["cmd"]))
        for number, variant in enumerate(row.get("vars", []), 1):
            if len(variant) < 3:
                raise ValueError(f"{row['id']}.{number}: a variant of {len(variant)} parts")
            attempts.append(attempt_of(row, number, *variant[:3]))
    if not attempts:
        raise ValueError(f"{path}: no row")
    return attempts


def named(attempts, names):
    """Those that are named: an attempt ("ESC-12.3"), a row with its variants ("ESC-12"), or a prefix ("ESC")."""
    def fits(one, name):
        return one.id == name or one.id.startswith((name + ".", name + "-"))
    for name in names:
        if not any(fits(one, name) for one in attempts):
            raise ValueError(f"no attempt '{name}'")
    return [one for one in attempts if any(fits(one, name) for name in names)]


def adjust(attempts, path):
    """As the test machine needs it. What an entry has replaces the catalogue's: "command", "setup", "clean", "status",
    "careless", "harmless", "bare", "skip", "agent"; "replace": [old, new] changes every "command" of its attempts.
    """
    with open(path, encoding="utf-8") as file:
        entries = json.load(file)
    changed = {one.id: one for one in attempts}
    for entry in entries:
        if not entry["why"] or not entry["attempts"]:
            raise ValueError(f"{path}: {entry['attempts']}: an adjustment needs attempts and a reason")
        values = {key: tuple(value) if key == "harmless" else value for key, value in entry.items()
                  if key not in ("attempts", "why", "replace")}
        for name in entry["attempts"]:
            if name not in changed:
                continue
            one = changed[name]
            if "replace" in entry:
                if entry["replace"][0] not in one.command:
                    raise ValueError(f"{path}: {name}: no '{entry['replace'][0]}' in its command")
                values["command"] = one.command.replace(*entry["replace"])
            if values.get("skip") is True:
                values["skip"] = entry["why"]
            why = entry["why"] if {"command", "setup", "clean", "replace"} & entry.keys() else ""
            changed[name] = dataclasses.replace(one, **values, adjusted=(one.adjusted + " " + why).strip())
    return [changed[one.id] for one in attempts]
