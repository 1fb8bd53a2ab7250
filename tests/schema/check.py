#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks JSON lines against a JSON Schema.

check.py [--all-members] SCHEMA FILE.jsonl ("-": standard input)

A schema of alerts refers to the one of events, which lies beside it.

Also checks what a schema cannot say: each line is one object without repeated members, in UTF-8.
--all-members: each member that the schema describes must occur somewhere. Prints the first
mistakes with their line numbers. Exit status: 0 all well, 1 mistakes, 2 usage, 77 no jsonschema.
"""
import json
import os
import sys

MISTAKES_MAX = 20
EVENTS = "event.schema.json"


def no_repeats(pairs):
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"member '{name}' occurs twice")
    return dict(pairs)


def resolve(schema, part):
    while part.get("$ref", "").startswith("#"):
        target = schema
        for name in part["$ref"].lstrip("#/").split("/"):
            target = target[name]
        part = target
    return part


def described(schema, part, prefix=""):
    """All members as "type/exec/args", following references."""
    part = resolve(schema, part)
    for alternative in part.get("oneOf", []):
        yield from described(schema, alternative, prefix)
    kinds = part.get("properties", {}).get("type", {}).get("enum")
    for name, member in part.get("properties", {}).items():
        for kind in kinds if kinds and not prefix else [None]:
            where = f"{prefix}/{name}" if kind is None else f"{kind}/{name}"
            yield where
            yield from described(schema, member, where)


def used(value, prefix):
    if not isinstance(value, dict):
        return
    for name, member in value.items():
        yield f"{prefix}/{name}"
        yield from used(member, f"{prefix}/{name}")


def strip_kind(member):
    """Members of process and parent are the same for every kind of event."""
    return member.split("/", 1)[1]


def by_kind(schema):
    """A validator a kind of event: the alternative that is meant, which also names mistakes."""
    from jsonschema import Draft7Validator

    Draft7Validator.check_schema(schema)
    validators = {}
    for alternative in schema["oneOf"]:
        validator = Draft7Validator({**alternative, "definitions": schema["definitions"]})
        for kind in alternative["properties"]["type"]["enum"]:
            if kind in validators:
                raise ValueError(f"the schema has type '{kind}' twice")
            validators[kind] = validator
    return validators


def mistake_in(validators, line):
    """The event, and what is wrong with it or None."""
    try:
        event = json.loads(line.decode("utf-8", "strict"), object_pairs_hook=no_repeats)
    except ValueError as exception:
        return {}, str(exception)
    kind = event.get("type") if isinstance(event, dict) else None
    if kind not in validators:
        return {}, f"no such type: {kind}"
    for error in validators[kind].iter_errors(event):
        return event, f"{'/'.join(map(str, error.path))}: {error.message[:300]}"
    return event, None


class Alerts:
    """Mistakes of an alert, then of the event in it."""

    def __init__(self, schema, directory):
        from jsonschema import Draft7Validator

        with open(os.path.join(directory, EVENTS), "rb") as file:
            self.events = by_kind(json.load(file, object_pairs_hook=no_repeats))
        Draft7Validator.check_schema(schema)
        properties = {**schema["properties"], "event": {"type": "object"}}
        self.alert = Draft7Validator({**schema, "properties": properties})

    def iter_errors(self, alert):
        yield from self.alert.iter_errors(alert)
        event = alert.get("event")
        if isinstance(event, dict):
            yield from self.events[event.get("type")].iter_errors(event)


def mistake_of_alert(alerts, line):
    try:
        alert = json.loads(line.decode("utf-8", "strict"), object_pairs_hook=no_repeats)
        for error in alerts.iter_errors(alert):
            return alert, f"{'/'.join(map(str, error.path))}: {error.message[:300]}"
    except (ValueError, KeyError) as exception:
        return {}, repr(exception)
    return alert, None


def check(schema, lines, all_members, directory):
    alerts = Alerts(schema, directory) if "oneOf" not in schema else None
    validators = None if alerts else by_kind(schema)
    mistakes = count = 0
    found = set()
    for count, line in enumerate(lines, 1):
        if alerts:
            event, text = mistake_of_alert(alerts, line)
            event = {name: member for name, member in event.items() if name != "event"}
        else:
            event, text = mistake_in(validators, line)
        found.update(map(strip_kind, used(event, event.get("type", "?"))))
        if text and mistakes < MISTAKES_MAX:
            print(f"line {count}: {text}: {line[:300]!r}", file=sys.stderr)
        mistakes += bool(text)
    missing = set(map(strip_kind, described(schema, schema))) - found - {"event"}
    if not all_members:
        missing = set()
    for member in sorted(missing):
        print(f"member '{member}' is described but never seen", file=sys.stderr)
    print(f"{count} lines, {mistakes + len(missing)} mistakes")
    return mistakes + len(missing)


def main(arguments):
    all_members = "--all-members" in arguments
    arguments = [a for a in arguments if a != "--all-members"]
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        import jsonschema  # noqa: F401
    except ImportError:
        print("check.py: python3-jsonschema is not installed", file=sys.stderr)
        return 77
    with open(arguments[0], "rb") as file:
        schema = json.load(file, object_pairs_hook=no_repeats)
    directory = os.path.dirname(arguments[0])
    if arguments[1] == "-":
        return 1 if check(schema, sys.stdin.buffer, all_members, directory) else 0
    with open(arguments[1], "rb") as lines:
        return 1 if check(schema, lines, all_members, directory) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
