#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Collects what logs of tests/sigma/run say of each rule.

    verdicts.py LOG... >verdicts.tsv

Of the same rule, kernel and backend the last log counts.
"""
import sys

HEAD = ("kernel", "backend", "rule_file", "title", "fires", "quiet", "decided")


def main():
    found = {}
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8", errors="replace") as log:
            for text in log:
                word, *row = text.rstrip("\r\n").split("\t")
                if word == "VERDICT" and len(row) == len(HEAD):
                    found[tuple(row[:3])] = row
    if not found:
        sys.exit("verdicts.py: no verdict in these logs")
    print(*HEAD, sep="\t")
    for key in sorted(found, key=lambda key: ([int(part) for part in key[0].split(".")], key[1], key[2])):
        print(*found[key], sep="\t")


if __name__ == "__main__":
    main()
