# SPDX-License-Identifier: Apache-2.0
"""How right the default rules are: the part of bench/run about them. docs/performance.md says how to read it.

Nothing is attacked here: `make attacks` does that, and what it wrote down is read. Without it there are no rates.
"""

import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
RATES = os.path.join(TOP, "tests/attacks/verdicts.py")
PAGE = os.path.join(TOP, "docs/verdicts.md")
# beginnings of lines of the page's totals
ROWS = {"caught": "recall: caught", "prevented": "prevented", "precision": "precision: of what",
        "precision_of_alerts": "the same, counting alerts"}


def read(text):
    """kernel -> row -> (part, whole), of lines "TITLE: 3 of 4 (75.0 %) (Linux 6.1); ..."."""
    rates = {}
    for line in text.splitlines():
        for row, title in ROWS.items():
            if not line.startswith(title):
                continue
            for part, whole, kernel in re.findall(r"(\d+) of (\d+) \([^)]*\) \(Linux ([\d.]+)\)", line):
                rates.setdefault(kernel, {})[row] = (int(part), int(whole))
    return rates


def measure():
    """None: there is nothing to be read."""
    if not os.path.exists(RATES) or not os.path.exists(PAGE):
        return None
    done = subprocess.run([sys.executable, RATES, "--rates", PAGE], capture_output=True, text=True, check=False)
    return read(done.stdout) or None


def cell(rate):
    if rate is None or not rate[1]:
        return f"{'-':>22}"
    return f"{rate[0]:>7} of {rate[1]:<5}{100 * rate[0] / rate[1]:>6.1f} %"


def print_rates(rates):
    if rates is None:
        print("\nDefault rules: no rates, since there is no docs/verdicts.md; make attacks writes it")
        return
    print("\nDefault rules, attacks and everyday work (docs/verdicts.md)")
    print(f"  {'Linux':8}{'recall: caught':>22}{'prevented':>22}{'precision':>22}{'..., of alerts':>22}")
    for kernel, rows in rates.items():
        print(f"  {kernel:8}" + "".join(cell(rows.get(row)) for row in ROWS))
