# SPDX-License-Identifier: Apache-2.0
"""What provokes each of Falco's rules, and what is beside it and must not.

A case is tried twice, each time by a process of its own (`Try`): as `fires`, of which exactly the rule and those in
`also` are told, and as `quiet`, of which nothing is but what `quiet_also` has: rules of the same kind that are about that
very thing.

A process's words begin with the name that it runs by: guest.py makes each a copy of act.c in BIN, so that a rule
about programs called `nginx` or `curl` needs neither. An absolute path is executed as it is.
"""
import dataclasses

BIN = "/usr/local/falco"
OUT = "203.0.113.9"  # of nobody; only the attempt counts
API = "198.51.100.7"  # what /etc/hosts of the test machine calls kubernetes.default.svc.cluster.local
SECRET = "/srv/falco/secret"


@dataclasses.dataclass(frozen=True)
class Try:
    words: tuple
    where: str = "host"  # or plain, strong, pod: a container that is there; new, new-strong, new-capable: one made for it
    tty: bool = False
    env: tuple = ()


@dataclasses.dataclass(frozen=True)
class Case:
    rule: str
    fires: Try
    quiet: Try
    also: tuple = ()
    quiet_also: tuple = ()


def host(*words, **more):
    return Try(words, **more)


def plain(*words, **more):
    return Try(words, "plain", **more)


def strong(*words, **more):
    return Try(words, "strong", **more)


UNTRUSTED = "Read sensitive file untrusted"
NETWORK_TOOL = "Launch Suspicious Network Tool in Container"
NETWORK_TOOL_HOST = "Launch Suspicious Network Tool on Host"
K8S = "Contact K8S API Server From Container"
EC2 = "Contact EC2 Instance Metadata Service From Container"
CLOUD = "Contact cloud metadata service from container"
PRIVILEGED = "Launch Privileged Container"
CAPABLE = "Launch Excessively Capable Container"
METADATA = ("act", "connect", "tcp", "169.254.169.254", "80")

STABLE = [
    Case("Directory traversal monitored file read",
         host("act", "open", "r", "/usr/share/../../etc/hostname"),
         host("act", "open", "r", "/usr/../etc/hostname")),
    Case("Read sensitive file trusted after startup",
         host("nginx", "sleep", "6", "open", "r", "/etc/shadow"),
         host("nginx", "open", "r", "/etc/shadow"), also=(UNTRUSTED,), quiet_also=(UNTRUSTED,)),
    Case(UNTRUSTED, host("act", "open", "r", "/etc/shadow"), host("ps", "open", "r", "/etc/shadow")),
    Case("Run shell untrusted",
         # with as many ancestors as the output has
         host("act", *(("run", f"{BIN}/act") * 3), "run", f"{BIN}/nginx", "run", "/bin/sh", "-c", ":"),
         host("nginx", "run", "/bin/sh", "-c", "whoami")),
    Case("System user interactive",
         host("sshd", "as", "33", "run", f"{BIN}/act", "x"),
         host("sshd", "as", "61234", "run", f"{BIN}/act", "x")),
    Case("Terminal shell in container", plain("/bin/sh", "-c", ":", tty=True), plain("/bin/sh", "-c", ":")),
    Case(K8S,
         plain("act", "connect", "tcp", API, "443"),
         plain("act", "connect", "tcp", "198.51.100.8", "443")),
    Case("Netcat Remote Code Execution in Container",
         plain("nc", "-e", "/bin/sh"), plain("nc", "-l"), also=(NETWORK_TOOL,), quiet_also=(NETWORK_TOOL,)),
    Case("Search Private Keys or Passwords",
         host("grep", "-r", "BEGIN RSA PRIVATE", "/srv"), host("grep", "-r", "BEGIN RSA PUBLIC", "/srv")),
    Case("Clear Log Activities",
         host("act", "open", "wt", "/var/log/falco-test.log"), host("act", "open", "w", "/var/log/falco-test.log")),
    Case("Remove Bulk Data from Disk", host("shred", "/srv/x"), host("shredder", "/srv/x")),
    Case("Create Symlink Over Sensitive Files",
         host("act", "symlink", "/etc/shadow", "/srv/falco/link"),
         host("act", "symlink", "/etc/hostname", "/srv/falco/link")),
    Case("Create Hardlink Over Sensitive Files",
         host("act", "link", "/etc/shadow", "/etc/falco-link"),
         host("act", "link", "/etc/hostname", "/etc/falco-link")),
    Case("Packet socket created in container", plain("act", "packet"), host("act", "packet")),
    Case("Redirect STDOUT/STDIN to Network Connection in Container",
         plain("act", "redirect", "0"), plain("act", "redirect", "5")),
    Case("Linux Kernel Module Injection Detected",
         strong("act", "module", "MODULE", "MODULE_FLAGS"), host("act", "module", "MODULE", "MODULE_FLAGS")),
    Case("Debugfs Launched in Privileged Container", strong("debugfs", "x"), plain("debugfs", "x")),
    Case("Detect release_agent File Container Escapes",
         strong("act", "open", "wc", "/tmp/release_agent"), plain("act", "open", "wc", "/tmp/release_agent")),
    Case("PTRACE attached to process", host("act", "attach"), host("act", "vmread")),
    Case("PTRACE anti-debug attempt", host("act", "traceme"), host("act", "vmread")),
    Case("Find AWS Credentials", host("find", "/srv", "-name", ".aws/credentials"),
         host("find", "/srv", "-name", ".aws/config")),
    Case("Execution from /dev/shm", host("/dev/shm/falco-act", "x"), host("/srv/falco/falco-act", "x")),
    Case("Drop and execute new binary in container",
         plain("act", "drop", f"{BIN}/act", "/tmp/dropped"), plain("act", "run", f"{BIN}/act")),
    Case("Disallowed SSH Connection Non Standard Port",
         host("ssh", "connect", "tcp", OUT, "443"), host("ssh", "connect", "tcp", OUT, "22")),
    Case("Fileless execution via memfd_create",
         host("act", "memfd", "exec", f"{BIN}/act"), host("act", "memfd", "keep", f"{BIN}/act")),
]

INCUBATING = [
    Case("Modify Shell Configuration File",
         host("act", "open", "wc", "/root/.bashrc"), host("act", "open", "wc", "/root/.bashrc.d")),
    Case("Schedule Cron Jobs", host("act", "open", "wc", "/etc/cron.d/falco"), host("act", "open", "r", "/etc/cron.d/falco")),
    Case("Read ssh information",
         host("act", "open", "r", "/root/.ssh/id_falco"), host("ssh-add", "open", "r", "/root/.ssh/id_falco")),
    Case("DB program spawned process",
         host("mysqld", "run", f"{BIN}/act", "x"), host("mysqld", "run", f"{BIN}/postgres", "x")),
    Case("Change thread namespace",
         host("act", "setns", "/proc/self/ns/uts"), host("nsenter", "setns", "/proc/self/ns/uts")),
    Case("Change namespace privileges via unshare", plain("act", "unshare", "user"), strong("act", "unshare", "uts")),
    Case(PRIVILEGED, Try(("act", "x"), "new-strong"), Try(("act", "x"), "new"), also=(CAPABLE,)),
    Case(CAPABLE, Try(("act", "x"), "new-capable"), Try(("act", "x"), "new")),
    Case("System procs network activity",
         host("sort", "connect", "tcp", OUT, "443"), host("sort", "connect", "tcp", "127.0.0.1", "443")),
    Case("Program run with disallowed http proxy env",
         host("curl", "x", env=("HTTP_PROXY=http://proxy:1",)), host("curl", "x", env=("FTP_PROXY=http://proxy:1",))),
    Case("Unexpected UDP Traffic",
         host("act", "connect", "udp", OUT, "5555"), host("act", "connect", "udp", OUT, "53")),
    Case("Non sudo setuid", host("act", "as", "1", "setuid", "1"), host("act", "setuid", "1")),
    Case("User mgmt binaries", host("useradd", "falco"), host("useradd", "-D")),
    Case("Create files below dev",
         host("act", "open", "wc", "/dev/falco-file"), host("act", "open", "wc", "/dev/shm/falco-file")),
    Case(EC2, plain(*METADATA), host(*METADATA), also=(CLOUD,)),
    Case(CLOUD, plain(*METADATA), host(*METADATA), also=(EC2,)),
    Case("Launch Package Management Process in Container", plain("apt", "update"), host("apt", "update")),
    Case(NETWORK_TOOL, plain("nmap", "x"), plain("nmapper", "x")),
    Case(NETWORK_TOOL_HOST, host("nmap", "x"), host("nmapper", "x")),
    Case("Delete or rename shell history",
         host("act", "unlink", "/root/.bash_history"), host("act", "unlink", "/root/.bash_histories")),
    Case("Set Setuid or Setgid bit",
         host("act", "chmod", "4755", "/srv/falco/file"), host("act", "chmod", "0755", "/srv/falco/file")),
    Case("Launch Remote File Copy Tools in Container", plain("rsync", "x"), host("rsync", "x")),
    Case("Network Connection outside Local Subnet",
         # to an address with a name, which the output has
         Try(("act", "connect", "tcp", API, "443"), "pod"), Try(("act", "connect", "tcp", "10.1.2.3", "443"), "pod"),
         also=(K8S,)),
    Case("Mount Launched in Privileged Container", strong("mount", "-t", "tmpfs", "x", "/mnt"), strong("mount", "-l")),
    Case("Launch Ingress Remote File Copy Tools in Container", plain("wget", "x"), host("wget", "x")),
    Case("Read environment variable from /proc files",
         plain("act", "open", "r", "/proc/1/environ"), plain("act", "open", "r", "/proc/1/status")),
    Case("Exfiltrating Artifacts via Kubernetes Control Plane",
         plain("tar", "open", "r", SECRET), plain("tar", "open", "r", "/etc/hostname")),
    Case("Adding ssh keys to authorized_keys",
         host("act", "open", "wc", "/root/.ssh/authorized_keys"), host("act", "open", "wc", "/root/.ssh/config")),
    Case("Potential Local Privilege Escalation via Environment Variables Misuse",
         host("act", "x", env=("GLIBC_TUNABLES=glibc.malloc.check=1",)), host("act", "x", env=("GLIBC_TUNING=1",))),
    Case("Backdoored library loaded into SSHD (CVE-2024-3094)",
         host("sshd", "open", "r", "/srv/falco/liblzma.so.5.6.1"), host("sshd", "open", "r", "/srv/falco/liblzma.so.5.6.2")),
    Case("BPF Program Not Profiled", host("act", "bpf"), host("bpftool", "bpf")),
]

CASES = STABLE + INCUBATING

# What is not so on a backend, and why: (backend, rule, what) where what is "fires" or "quiet".
GAPS = {
    ("tracepoint", "Non sudo setuid", "quiet"):
        "seen when the call is over: who asks is by then whom it has become, and root that becomes another is no more root",
}
