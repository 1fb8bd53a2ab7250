# SPDX-License-Identifier: Apache-2.0
"""What log sources of Sigma would write of what a case does, and how the case is made to happen.

An event is a dictionary:
    op       exec, create, write, read, rename, unlink, connect, call: what the subject does
    image    path of the subject's program; called: the path that it is executed by, a link to it if it is another
    argv     its arguments, the program's name among them
    parent   image and argv of its parent
    cwd, uid, loginuid (None: as it is), user (the name of uid)
    path     of file operations; from_path of rename
    address, port, protocol, host: of connect
    call, args: of call, a name and numbers or ":TEXT"
"""
# Linux, x86-64
CALLS = {"socket": 41, "syslog": 103, "personality": 135, "mknod": 133, "memfd_create": 319, "ptrace": 101, "unshare": 272,
         "sethostname": 170, "userfaultfd": 323, "bpf": 321, "sysinfo": 99, "mknodat": 259}
AF_ALG, SOCK_SEQPACKET = 38, 5
# Calls of which the kernel needs an address: what stands there instead of a number
TEXTS = {"mknod": {0: ":/w1/node"}, "mknodat": {1: ":/w1/node"}, "memfd_create": {0: ":w1"}, "sethostname": {0: ":w1"}, "syslog": {1: ":w1"}}
# What keeps a call from doing harm, where the rule does not say the argument
CALM = {"mknod": {1: 0x1180, 2: 0}, "mknodat": {0: 0xffffff9c, 2: 0x1180}, "personality": {0: 0}, "socket": {0: 1, 1: 2},
        "syslog": {0: 10, 2: 1}, "bpf": {0: 99}, "userfaultfd": {0: 1}}
FILES = ("create", "write", "read", "rename", "unlink")
USERS = {"root": 0, "daemon": 1, "bin": 2, "man": 6, "lp": 7, "mail": 8, "www-data": 33, "backup": 34, "nobody": 65534}
NOBODY_LOGGED_IN = 4294967295


def base(path):
    return path.rsplit("/", 1)[-1]


def line(argv):
    return " ".join(argv)


def canonical(path):
    """Whether a file can be called so, with the name that the kernel gives it."""
    parts = path.split("/")
    return (path.startswith("/") and len(parts) > 1 and "\0" not in path and len(path) < 2000 and
            all(part not in ("", ".", "..") and len(part.encode()) < 256 for part in parts[1:]) and
            not path.startswith("/pk/"))


def possible(event):
    """Whether it can be made to happen."""
    paths = [event["image"], event["called"], event["parent"]["image"]]
    if event["op"] in FILES:
        paths.append(event["path"])
        if event["path"] in (event["image"], event["called"]):
            return False
    if event["cwd"] != "/":
        paths.append(event["cwd"])
    used = sorted(set(paths))
    beside = any(other.startswith(path + "/") for path in used for other in used)
    texts = event["argv"] + event["parent"]["argv"]
    return (all(canonical(path) for path in paths) and not beside and bool(event["argv"]) and event["argv"][0] != "" and
            all("\0" not in text for text in texts) and sum(len(text.encode()) + 1 for text in event["argv"]) < 4000)


def process_of(event):
    view = {"Image": event["image"], "CommandLine": line(event["argv"]), "ParentImage": event["parent"]["image"],
            "ParentCommandLine": line(event["parent"]["argv"]), "CurrentDirectory": event["cwd"], "User": event["user"],
            "LogonId": str(NOBODY_LOGGED_IN if event["loginuid"] is None else event["loginuid"])}
    return view


def audit_process_of(event):
    view = {"exe": event["image"], "comm": base(event["called"])[:15], "uid": str(event["uid"]), "euid": str(event["uid"]),
            "gid": str(event["uid"]), "egid": str(event["uid"]), "cwd": event["cwd"],
            "cmdline": line(event["argv"]), "proctitle": line(event["argv"]),
            "auid": str(NOBODY_LOGGED_IN if event["loginuid"] is None else event["loginuid"])}
    return view


def call_view(event, name, numbers):
    view = {"type": "SYSCALL", "SYSCALL": name, "syscall": name, **audit_process_of(event)}
    for index, number in enumerate(numbers):
        if number is not None:
            view[f"a{index}"] = format(number, "x")
    return view


def audit_views(event):
    """The records that auditd would write, the exec of the subject among them."""
    views = [call_view(event, "execve", []),
             {"type": "EXECVE", "argc": str(len(event["argv"])), "": [line(event["argv"])], **audit_process_of(event),
              **{f"a{index}": text for index, text in enumerate(event["argv"])}},
             {"type": "PATH", "name": event["called"], **audit_process_of(event)}]
    names = {"create": "openat", "write": "openat", "read": "openat"}
    if event["op"] in FILES:
        views.append(call_view(event, names.get(event["op"], event["op"]), []))
        for path in filter(None, [event["path"], event.get("from_path")]):
            views.append({"type": "PATH", "name": path, **audit_process_of(event)})
    elif event["op"] == "connect":
        views.append(call_view(event, "connect", []))
        views.append(call_view(event, "socket", [10 if ":" in event["address"] else 2]))
    elif event["op"] == "call":
        views.append(call_view(event, event["call"], [None if isinstance(one, str) else one for one in event["args"]]))
    return views


def views_of(source, event):
    """All views of all that the subject does from its exec on."""
    if source == "process_creation":
        return [process_of(event)]
    if source == "file_event":
        if event["op"] not in ("create", "write", "rename"):
            return []
        return [{**process_of(event), "TargetFilename": event["path"]}]
    if source == "network_connection":
        if event["op"] != "connect":
            return []
        view = {**process_of(event), "DestinationIp": event["address"], "DestinationPort": str(event["port"]),
                "Initiated": "true", "Protocol": event["protocol"]}
        if event.get("host"):
            view["DestinationHostname"] = event["host"]
        return [view]
    return audit_views(event)


FIELDS = {
    "process_creation": {"Image", "CommandLine", "ParentImage", "ParentCommandLine", "CurrentDirectory", "User", "LogonId"},
    "auditd": {"type", "name", "SYSCALL", "syscall", "exe", "comm", "uid", "euid", "gid", "egid", "cwd", "auid", "argc",
               "cmdline", "proctitle",
               *(f"a{index}" for index in range(64))},
}
FIELDS["file_event"] = FIELDS["process_creation"] | {"TargetFilename"}
FIELDS["network_connection"] = FIELDS["process_creation"] | {
    "DestinationIp", "DestinationPort", "DestinationHostname", "Initiated", "Protocol"}

def script_of(name, event):
    """What the driver makes before, and what the case does: two lists of words."""
    setup, parent = [], event["parent"]
    for image in (event["image"], parent["image"]):
        setup += ["image", image]
    if event["called"] != event["image"]:
        setup += ["symlink", event["called"], event["image"]]
    if event["cwd"] != "/":
        setup += ["dir", event["cwd"]]
    script = []
    if event["loginuid"] is not None:
        script += ["loginuid", str(event["loginuid"])]
    script += ["run", parent["image"], str(len(parent["argv"])), *parent["argv"], "fork"]
    if event["cwd"] != "/":
        script += ["chdir", event["cwd"]]
    if event["uid"]:
        script += ["uid", str(event["uid"])]
    script += ["subject", name, "run", event["called"], str(len(event["argv"])), *event["argv"]]
    if event["op"] in FILES:
        if event["op"] == "create":
            setup += ["dir", event["path"].rsplit("/", 1)[0] or "/"]
        elif event["op"] == "rename":
            setup += ["dir", event["path"].rsplit("/", 1)[0] or "/", "file", event["from_path"]]
        else:
            setup += ["file", event["path"]]
        script += [event["op"], *([event["from_path"]] if event["op"] == "rename" else []), event["path"]]
    elif event["op"] == "connect":
        script += ["connect", event["protocol"], event["address"], str(event["port"])]
    elif event["op"] == "call":
        if event["call"] in ("mknod", "mknodat"):
            setup += ["dir", "/w1"]
        script += ["call", str(CALLS[event["call"]]), str(len(event["args"])), *map(str, event["args"])]
    return setup, script
