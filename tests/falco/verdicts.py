#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""verdicts.py LOG...: writes verdicts.tsv beside this file from what tests/falco/run printed.

Lines of (kernel, backend) that the logs have replace those that were there; the others stay. Columns: kernel, backend,
rule, fires, quiet: whether what provokes the rule gave exactly its alert, and what is beside it gave none.
"""
import os
import sys

HEAD = ("kernel", "backend", "rule", "fires", "quiet")
PATH = os.path.join(os.path.dirname(os.path.realpath(__file__)), "verdicts.tsv")


def read_table():
    if not os.path.exists(PATH):
        return []
    with open(PATH, encoding="utf-8") as file:
        lines = [tuple(line.rstrip("\n").split("\t")) for line in file]
    if not lines or lines[0] != HEAD:
        sys.exit(f"verdicts.py: '{PATH}' is no table of verdicts")
    return lines[1:]


def read_log(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = [tuple(line.rstrip("\r\n").split("\t")) for line in file if line.startswith("verdict\t")]
    wrong = [line for line in lines if len(line) != 1 + len(HEAD)]
    if wrong or not lines:
        sys.exit(f"verdicts.py: '{path}' has {'a verdict of another form' if wrong else 'no verdicts'}")
    return [line[1:] for line in lines]


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: verdicts.py LOG...")
    fresh = [line for path in sys.argv[1:] for line in read_log(path)]
    replaced = {line[:2] for line in fresh}
    table = [line for line in read_table() if line[:2] not in replaced] + fresh
    # kernels and backends in order, rules as in the files
    table.sort(key=lambda line: ([int(part) for part in line[0].split(".")], line[1]))
    with open(PATH, "w", encoding="utf-8") as file:
        for line in [HEAD, *table]:
            file.write("\t".join(line) + "\n")
    print(f"{len(table)} verdicts in {PATH}")


if __name__ == "__main__":
    main()
