#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what deploy/ has for Kubernetes: manifests.py TOP PICKET

Every document against schema.json, which knows the members that are used and takes any other for a mistake;
what belongs together, against each other; rules and options, against the program. The chart is rendered by
chart.py, with the values as shipped and with others. The last line is "N passed, N failed"; status 77: the
Python modules are not there.
"""
import copy
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"SKIPPED: {missing}")
    sys.exit(77)

import chart

HERE = os.path.dirname(os.path.abspath(__file__))
ALLOWED = {"ClusterRole": {("pods", "get"), ("pods", "list"), ("pods", "watch"), ("nodes/pods", "get")}}
passed = failed = 0


def check(what, condition, detail=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what}{': ' if detail else ''}{detail}")


class Loader(yaml.SafeLoader):
    """A member that stands twice is a mistake, not the last one."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.YAMLError(f"a member stands twice: {node.start_mark}")
        return super().construct_mapping(node, deep)


def load(text):
    return [document for document in yaml.load_all(text, Loader) if document is not None]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def mistakes(document, schema):
    kind = document.get("kind") if isinstance(document, dict) else None
    if kind not in schema["definitions"]:
        return [f"kind {kind} is not known"]
    validator = jsonschema.Draft7Validator(schema["definitions"][kind])
    return [f"{kind} {'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(document)]


def of_kind(documents, kind):
    return [document for document in documents if document["kind"] == kind]


def check_names(what, documents):
    names = {(d["kind"], d["metadata"].get("namespace"), d["metadata"]["name"]) for d in documents}
    check(f"{what}: no name twice", len(names) == len(documents))
    for binding in of_kind(documents, "ClusterRoleBinding"):
        check(f"{what}: the role of a binding is there", ("ClusterRole", None, binding["roleRef"]["name"]) in names)
        for subject in binding["subjects"]:
            check(f"{what}: the account of a binding is there",
                  ("ServiceAccount", subject["namespace"], subject["name"]) in names)
    for daemon_set in of_kind(documents, "DaemonSet"):
        space, pod = daemon_set["metadata"]["namespace"], daemon_set["spec"]["template"]["spec"]
        check(f"{what}: its account is there", ("ServiceAccount", space, pod["serviceAccountName"]) in names)
        for volume in pod["volumes"]:
            if "configMap" in volume:
                check(f"{what}: its rules are there", ("ConfigMap", space, volume["configMap"]["name"]) in names)


def check_rights(what, documents):
    for role in of_kind(documents, "ClusterRole"):
        given = {(resource, verb) for rule in role["rules"] for resource in rule["resources"] for verb in rule["verbs"]}
        check(f"{what}: no right besides those that are needed", given <= ALLOWED["ClusterRole"], given)


def check_daemon_set(what, daemon_set, help_text, page):
    selector = daemon_set["spec"]["selector"]["matchLabels"]
    labels = daemon_set["spec"]["template"]["metadata"]["labels"]
    pod = daemon_set["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    check(f"{what}: the selector finds its pods", selector.items() <= labels.items())
    volumes, mounts = {v["name"] for v in pod["volumes"]}, container["volumeMounts"]
    check(f"{what}: volumes and mounts", volumes == {m["name"] for m in mounts})
    check(f"{what}: no subPath, which is never updated", not any("subPath" in m for m in mounts))
    writable = {m["mountPath"] for m in mounts if not m.get("readOnly")}
    check(f"{what}: nothing but the hook's directory is mounted for writing", writable == {"/run/picket"})
    context = container["securityContext"]
    check(f"{what}: not privileged", context["privileged"] is False and context["allowPrivilegeEscalation"] is False
          and context["readOnlyRootFilesystem"] is True and context["capabilities"]["drop"] == ["ALL"]
          and not pod.get("hostNetwork"))
    reasons = set(re.findall(r"^\| `CAP_(\w+)`", page, re.M))
    check(f"{what}: the capabilities are those of docs/kubernetes.md", set(context["capabilities"]["add"]) == reasons,
          f"{context['capabilities']['add']}, {reasons}")
    ports = {p["name"]: p["containerPort"] for p in container["ports"]}
    for probe, path in (("startupProbe", "/readyz"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
        get = container[probe]["httpGet"]
        check(f"{what}: {probe}", get["path"] == path and get["port"] in ports)
    check_arguments(what, container, ports, mounts, help_text)


def check_arguments(what, container, ports, mounts, help_text):
    arguments = container["args"]
    check(f"{what}: 'picket run'", arguments[0] == "run")
    given = dict(a[2:].split("=", 1) if "=" in a else (a[2:], "") for a in arguments[1:])
    for option in given:
        check(f"{what}: 'picket run' has --{option}", re.search(rf"--{re.escape(option)}\b", help_text))
    check(f"{what}: the port of the probes", given["health"].endswith(f":{ports['health']}"))
    check(f"{what}: the directory of the rules", given["rules"] in {m["mountPath"] for m in mounts})
    known = {e["name"] for e in container["env"]}
    for name in re.findall(r"\$\((\w+)\)", " ".join(arguments)):
        check(f"{what}: $({name}) is set", name in known)


def check_rules(what, documents, picket):
    for config_map in of_kind(documents, "ConfigMap"):
        with tempfile.TemporaryDirectory() as work:
            for name, text in config_map["data"].items():
                check(f"{what}: '{name}' is one that is loaded", re.search(r"\.ya?ml$", name) and name[0] != ".")
                with open(f"{work}/{name}", "w", encoding="utf-8") as file:
                    file.write(text)
            for backend in ("lsm", "tracepoint"):
                result = subprocess.run([picket, "check", f"--backend={backend}", work], capture_output=True, text=True)
                check(f"{what}: the rules, for {backend}", result.returncode == 0, result.stderr[:500])


def keeps(ours, theirs):
    """Whether all that is in ours is in theirs."""
    if isinstance(ours, dict):
        return isinstance(theirs, dict) and all(k in theirs and keeps(v, theirs[k]) for k, v in ours.items())
    if isinstance(ours, list):
        return isinstance(theirs, list) and len(ours) == len(theirs) and all(map(keeps, ours, theirs))
    return ours == theirs


def check_kubectl(what, daemon_set):
    """Where there is a kubectl: it reads the document into Kubernetes' own types, which loses what they have not."""
    if not shutil.which("kubectl"):
        return
    ours = copy.deepcopy(daemon_set)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(daemon_set, file)
        file.flush()
        result = subprocess.run(["kubectl", "set", "image", "--local", "-o", "json", "-f", file.name, "picket=other:1"],
                                capture_output=True, text=True, env={**os.environ, "KUBECONFIG": "/dev/null"}, timeout=60)
    check(f"{what}: kubectl reads it", result.returncode == 0, result.stderr[:300])
    ours["spec"]["template"]["spec"]["containers"][0]["image"] = "other:1"
    check(f"{what}: kubectl knows all of it", keeps(ours, json.loads(result.stdout or "{}")))


def check_all(what, documents, schema, picket, help_text, page):
    for document in documents:
        found = mistakes(document, schema)
        check(f"{what}: {document.get('kind')}", not found, "; ".join(found[:5]))
    check_names(what, documents)
    check_rights(what, documents)
    for daemon_set in of_kind(documents, "DaemonSet"):
        check_daemon_set(what, daemon_set, help_text, page)
        check_kubectl(what, daemon_set)
    check_rules(what, documents, picket)


def render(top, values, namespace="picket"):
    scope = {"Values": values, "Release": {"Name": "picket", "Namespace": namespace}}
    documents = []
    for path in sorted(glob.glob(f"{top}/deploy/helm/picket/templates/*.yaml")):
        documents += load(chart.render(read(path), scope))
    return documents


def other_values(values):
    other = copy.deepcopy(values)
    other["kubernetes"]["kubelet"] = True
    other["imagePullSecrets"] = [{"name": "registry"}]
    other["extraArgs"] = ["--ring=16", "--events=exec"]
    other["healthPort"] = 9999
    other["nodeSelector"] = {"kubernetes.io/os": "linux"}
    other["tolerations"] = []
    other["priorityClassName"] = ""
    other["maxUnavailable"] = "10%"
    other["seccompProfile"] = {"type": "Localhost", "localhostProfile": "profiles/picket.json"}
    other["rules"]["second.yaml"] = other["rules"]["picket.yaml"].replace("Run from tmp", "Another 'one', #2")
    return other


def plain(documents):
    """Without what only a chart has: what an installation is called."""
    text = json.dumps(documents).replace("picket-picket", "picket")
    def strip(value):
        if isinstance(value, dict):
            return {k: strip(v) for k, v in value.items() if k != "app.kubernetes.io/instance"}
        return [strip(v) for v in value] if isinstance(value, list) else value
    return {(d["kind"], d["metadata"]["name"]): d for d in strip(json.loads(text))}


def check_same(manifests, rendered):
    ours, chart_s = plain(manifests), plain(rendered)
    for key in chart_s:
        check(f"chart and manifests: the same {' '.join(key)}", ours.get(key) == chart_s[key])
    left = {kind for kind, _ in set(ours) - set(chart_s)}
    check("chart and manifests: nothing besides", left <= {"Namespace", "ClusterRole", "ClusterRoleBinding"}, left)


def check_refusals(manifests, schema):
    """What the schema is for: it does see mistakes."""
    def changed(kind, change):
        document = copy.deepcopy(of_kind(manifests, kind)[0])
        change(document)
        return mistakes(document, schema)
    def container(document):
        return document["spec"]["template"]["spec"]["containers"][0]
    for what, kind, change in (
        ("a member that there is not", "DaemonSet", lambda d: d["spec"].update(replicas=1)),
        ("a member in the wrong place", "DaemonSet", lambda d: d["spec"]["template"]["spec"].update(privileged=True)),
        ("a misspelt member", "DaemonSet", lambda d: container(d).update(imagePullpolicy="Always")),
        ("a number for a text", "DaemonSet", lambda d: container(d)["args"].append(5)),
        ("a text for a number", "DaemonSet", lambda d: container(d)["ports"][0].update(containerPort="8686")),
        ("a capability with CAP_", "DaemonSet", lambda d: container(d)["securityContext"]["capabilities"]["add"].append("CAP_BPF")),
        ("no selector", "DaemonSet", lambda d: d["spec"].pop("selector")),
        ("two sources of a volume", "DaemonSet", lambda d: d["spec"]["template"]["spec"]["volumes"][0].update(hostPath={"path": "/"})),
        ("a verb that there is not", "ClusterRole", lambda d: d["rules"][0]["verbs"].append("read")),
        ("a number in a ConfigMap", "ConfigMap", lambda d: d["data"].update(a=1)),
        ("another version", "ConfigMap", lambda d: d.update(apiVersion="v2")),
        ("another kind", "ConfigMap", lambda d: d.update(kind="Config")),
    ):
        check(f"the schema refuses {what}", changed(kind, change))
    for template in ("{{ .Values.none }}", "{{ include \"x\" . }}", "{{ if .Values.a }}", "{{ end }}", "{{ .Values.a | upper }}"):
        try:
            chart.render(template, {"Values": {"a": "x"}})
            check(f"the renderer refuses {template}", False)
        except chart.Unknown:
            check(f"the renderer refuses {template}", True)


def check_container_file(top, picket):
    """Whatever the program is linked to is in a package that the image has."""
    text = read(f"{top}/deploy/Containerfile")
    needed = subprocess.run(["objdump", "-p", picket], capture_output=True, text=True).stdout
    libraries = set(re.findall(r"NEEDED\s+(\S+)", needed)) - {"libc.so.6", "ld-linux-x86-64.so.2", "libm.so.6"}
    libraries = {name for name in libraries if not re.match(r"lib(asan|ubsan|gcc_s)\b", name)}
    installed = re.search(r"^FROM [^\n]*slim\n.*install[^\n]*\\\n([^&]*)&&", text.split("FROM ")[-1].join(["FROM ", ""]), re.S | re.M)
    packages = installed[1].replace("\\", "").split() if installed else []
    check("the image has packages", packages)
    for library in sorted(libraries):
        stem = re.escape(re.sub(r"\.so\..*", "", library))
        check(f"the image has {library}", any(re.match(rf"{stem}-?\d", package) for package in packages), packages)


def main():
    top, picket = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    sys.dont_write_bytecode = True
    schema = json.loads(read(f"{HERE}/schema.json"))
    for kind in schema["definitions"].values():
        jsonschema.Draft7Validator.check_schema(kind)
    help_text = subprocess.run([picket, "run", "--help"], capture_output=True, text=True).stdout
    page = read(f"{top}/docs/kubernetes.md")
    manifests = [d for path in sorted(glob.glob(f"{top}/deploy/kubernetes/*.yaml")) for d in load(read(path))]
    values = load(read(f"{top}/deploy/helm/picket/values.yaml"))[0]
    check_all("deploy/kubernetes", manifests, schema, picket, help_text, page)
    check_all("the chart", render(top, values), schema, picket, help_text, page)
    check_all("the chart with other values", render(top, other_values(values)), schema, picket, help_text, page)
    check_same(manifests, render(top, values))
    check_refusals(manifests, schema)
    check_container_file(top, picket)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
