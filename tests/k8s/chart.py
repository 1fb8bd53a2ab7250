# SPDX-License-Identifier: Apache-2.0
"""Renders the little of Helm's templates that the chart in deploy/helm uses, and refuses the rest.

{{ .Values.a.b }}, {{ .Release.Name }}, {{ .Release.Namespace }}; {{ toYaml .Values.a | indent N }};
{{- if .Values.a }} ... {{- end }}, nested, where "{{-" takes the white space before it as Helm does.
"""
import re

import yaml

TAG = re.compile(r"(\s*)\{\{(-?)\s*(.*?)\s*\}\}", re.S)


class Unknown(Exception):
    pass


def look_up(path, scope):
    value = scope
    for name in path.split(".")[1:]:
        if not isinstance(value, dict) or name not in value:
            raise Unknown(f"no value '{path}'")
        value = value[name]
    return value


def text_of(value):
    """As Go prints it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int)):
        return str(value)
    raise Unknown(f"no text: {value!r}")


def expression(text, scope):
    if re.fullmatch(r"(\.\w+)+", text):
        return text_of(look_up(text, scope))
    match = re.fullmatch(r"toYaml ((?:\.\w+)+) \| indent (\d+)", text)
    if not match:
        raise Unknown(f"not understood: {{{{ {text} }}}}")
    lines = yaml.safe_dump(look_up(match[1], scope), default_flow_style=False, width=10000).rstrip("\n")
    return "\n".join(" " * int(match[2]) + line for line in lines.split("\n"))


def render(template, scope):
    out, shown, end = [], [True], 0
    for match in TAG.finditer(template):
        before = template[end : match.start()] + ("" if match[2] else match[1])
        end = match.end()
        if all(shown):
            out.append(before)
        condition = re.fullmatch(r"if ((?:\.\w+)+)", match[3])
        if condition:
            shown.append(bool(look_up(condition[1], scope)))
        elif match[3] == "end":
            shown.pop()
            if not shown:
                raise Unknown("an 'end' too many")
        elif all(shown):
            out.append(expression(match[3], scope))
    if len(shown) != 1:
        raise Unknown("an 'end' is missing")
    return "".join(out) + template[end:]
