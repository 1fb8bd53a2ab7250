# SPDX-License-Identifier: Apache-2.0
"""What people do with containers and servers all day: none of it may raise an alert that is a warning or more.

jobs() are those of the catalogue's benign.json, and ours.
"""
import dataclasses
import json
import os

import rows

HERE = os.path.dirname(os.path.realpath(__file__))
TINY = "/usr/local/share/picket-vm/rootfs"
IMAGE = "picket.test/tiny:1"
QUICK = {"runc", "volume", "users", "build", "archive"}
SPEC = """
import json, sys
spec = json.load(open("config.json"))
spec["process"].update(terminal=False, args=["sleep", "100"])
spec["root"] = {"path": sys.argv[1], "readonly": True}
json.dump(spec, open("config.json", "w"))
"""


@dataclasses.dataclass(frozen=True)
class Job:
    id: str
    title: str
    command: str
    setup: str = ""
    clean: str = ""
    adjusted: str = ""
    skip: str = ""


def lifecycle(runtime):
    return Job(runtime, f"{runtime}: create, start, state, exec, kill, delete", f"""set -e
mkdir -p /run/life && cd /run/life && rm -f config.json && {runtime} spec
python3 -c '{SPEC}' {TINY}
{runtime} create life </dev/null >/dev/null 2>&1
{runtime} start life
{runtime} state life >/dev/null
{runtime} exec life true
{runtime} kill life KILL
sleep 1
{runtime} delete --force life""")


def of_containers(quick):
    checks = 5 if quick else 20
    podman = "podman --cgroup-manager cgroupfs"
    image = f"podman image exists {IMAGE} || tar -C {TINY} -c . | podman import -q - {IMAGE} >/dev/null"
    return [
        lifecycle("runc"),
        lifecycle("crun"),
        Job("volume", "podman run with volumes, one read-only",
            f"{podman} run --rm --network none -v /srv:/data:ro -v /var/tmp:/out "
            f"{IMAGE} sh -c 'echo a >/out/a; cat /out/a'",
            image, "rm -f /var/tmp/a"),
        Job("userns", "podman run in a user namespace",
            f"{podman} run --rm --network none --uidmap 0:100000:65536 --gidmap 0:100000:65536 {IMAGE} id", image),
        Job("root", "podman run of a Debian root", f"{podman} run --rm --network none --rootfs /ctr/rootfs:O dpkg -l"),
        Job("health", f"podman exec of a health check, {checks} times",
            f"""set -e
{podman} run -d --network none --log-driver none --name served {IMAGE} sleep 1000 >/dev/null
i=0
while [ $i -lt {checks} ]; do {podman} exec served sh -c 'test -d /proc/1'; i=$((i + 1)); sleep 0.3; done
{podman} stop -t 0 served >/dev/null""", image, f"{podman} rm -f served >/dev/null"),
        Job("containerd", "containerd: import and run", f"""set -e
podman save -q --format oci-archive -o /run/tiny.tar {IMAGE} >/dev/null
/usr/bin/ctr image import --snapshotter native --index-name {IMAGE} /run/tiny.tar >/dev/null 2>&1 ||
	/usr/bin/ctr image import --snapshotter native /run/tiny.tar >/dev/null
/usr/bin/ctr run --rm --snapshotter native {IMAGE} benign-ctr sh -c 'ls / >/dev/null' </dev/null""",
            f"{image}; (setsid containerd >/dev/null 2>&1 &); sleep 8", "kill $(pidof containerd)"),
        Job("package", "a package installed while a container is built", """ctr -- sh -ec '
mkdir -p /tmp/p/DEBIAN /tmp/p/opt
printf "Package: benign\\nVersion: 1\\nArchitecture: all\\nMaintainer: x\\nDescription: x\\n" >/tmp/p/DEBIAN/control
printf "#!/bin/sh\\nchmod 4755 /opt/tool\\n" >/tmp/p/DEBIAN/postinst
chmod 755 /tmp/p/DEBIAN/postinst
cp /bin/true /tmp/p/opt/tool
dpkg-deb -b /tmp/p /tmp/p.deb >/dev/null
dpkg -i /tmp/p.deb >/dev/null
/opt/tool'"""),
    ]


def of_servers():
    return [
        Job("users", "a user made, given a password, locked, removed", """set -e
useradd -m benign
echo benign:Secret.12345 | chpasswd
passwd -S benign >/dev/null
usermod -c Benign benign
userdel -r benign 2>/dev/null"""),
        Job("sudo", "sudo's rules checked and listed, a command as somebody else", """set -e
visudo -c >/dev/null
sudo -l >/dev/null
sudo -u user id >/dev/null
su - user -c id >/dev/null"""),
        Job("crontab", "a crontab edited", """set -e
printf '#!/bin/sh\nsleep 1.1\necho "0 3 * * * true" >>"$1"\n' >/run/benign-editor
chmod 755 /run/benign-editor
EDITOR=/run/benign-editor crontab -e >/dev/null 2>&1
crontab -l >/dev/null""", clean="crontab -r; rm -f /run/benign-editor"),
        Job("look", "addresses, sockets, processes, disks, open files", """set -e
ip addr >/dev/null; ip route >/dev/null; ss -tnp >/dev/null; ps -ef >/dev/null; free >/dev/null; uptime >/dev/null
df -h >/dev/null; mount >/dev/null; lsblk >/dev/null; last >/dev/null || true; du -sh /var >/dev/null
find /etc -xdev -newer /etc/hostname >/dev/null; who >/dev/null; dmesg >/dev/null"""),
        Job("debug", "strace and gdb of one's own program", """set -e
cd /root && printf 'int main(void){return 0;}' >own.c && gcc -g -o own own.c
strace -c ./own 2>/dev/null
gdb -batch -ex run ./own >/dev/null 2>&1""", clean="rm -f /root/own /root/own.c"),
        Job("web", "nginx serves 1,000 requests", """set -e
nginx
i=0
while [ $i -lt 10 ]; do
	curl -s -o /dev/null "http://127.0.0.1/[1-100]"
	i=$((i + 1))
done
nginx -s reload
sleep 1
nginx -s quit"""),
        Job("redis", "Redis starts, is asked, saves, ends", """set -e
redis-server --daemonize yes --dir /var/lib/redis --logfile /var/log/redis/redis.log >/dev/null
i=0
while ! redis-cli ping >/dev/null 2>&1 && [ $i -lt 50 ]; do sleep 0.2; i=$((i + 1)); done
redis-cli set a 1 >/dev/null
redis-cli save >/dev/null
redis-cli shutdown"""),
        Job("build", "a program of 20 files built with make, installed, run", """set -e
mkdir -p /root/prog && cd /root/prog
for i in $(seq 1 20); do echo "int f$i(void){return $i;}" >f$i.c; done
echo 'int main(void){return 0;}' >main.c
printf 'all: prog\nprog: $(patsubst %%.c,%%.o,$(wildcard *.c))\n\tgcc -o $@ $^\ninstall:\n' >Makefile
printf '\tinstall -D prog /usr/local/lib/benign/prog\n' >>Makefile
make -s -j2 && make -s install && /usr/local/lib/benign/prog""",
            clean="rm -rf /root/prog /usr/local/lib/benign"),
        Job("meson", "a project of Meson's built", """set -e
mkdir -p /root/mes && cd /root/mes
printf "project('x', 'c')\nexecutable('x', 'x.c')\n" >meson.build
echo 'int main(void){return 0;}' >x.c
meson setup b >/dev/null && ninja -C b >/dev/null && b/x""", clean="rm -rf /root/mes"),
        Job("archive", "a source tree packed, compressed, unpacked", """set -e
tar -C /usr/include -cf /root/inc.tar linux
zstd -q --rm /root/inc.tar
gzip -c /root/inc.tar.zst >/root/inc.gz
mkdir -p /root/un && zstd -q -dc /root/inc.tar.zst | tar -C /root/un -x""",
            clean="rm -rf /root/un /root/inc.*"),
        Job("backup", "the configuration backed up as a backup does", """set -e
rsync -a --delete /etc/nginx /etc/logrotate.d /var/backups/conf/
tar -C /var/backups -czf /var/backups/conf.tgz conf""", clean="rm -rf /var/backups/conf*",
            setup="mkdir -p /var/backups/conf"),
        Job("logs", "something logged, read, rotated", """set -e
logger -t benign hello
sleep 0.5
tail -n 5 /var/log/syslog >/dev/null
grep -c benign /var/log/syslog >/dev/null
logrotate -f /etc/logrotate.d/rsyslog""",
            # without systemd nobody tells rsyslogd that its files were rotated before
            setup="i=0; while [ ! -S /dev/log ] && [ $i -lt 50 ]; do sleep 0.2; i=$((i + 1)); done; pkill -HUP rsyslogd; sleep 1"),
        Job("hour", "much of it at the same time", """
(for i in $(seq 1 5); do ps -ef >/dev/null; ss -tn >/dev/null; done) &
(mkdir -p /root/h && cd /root/h && git init -q . && echo a >a && git add a &&
	git -c user.name=a -c user.email=a@b commit -qm a && git clone -q /root/h /root/h2) &
(tar -C /usr/share -cf - zoneinfo | gzip >/root/z.tgz) &
(cd /var/tmp && python3 -c "import sqlite3; sqlite3.connect('b.db').execute('create table a(b)')") &
(useradd benign2; userdel benign2) &
(curl -s -o /dev/null http://127.0.0.1:1/; getent passwd root >/dev/null) &
wait; test -d /root/h2""", clean="rm -rf /root/h /root/h2 /root/z.tgz /var/tmp/b.db"),
    ]


def of_catalogue(path):
    """None without a file."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        found = json.load(file)
    return rows.adjust([Job(row["id"], row["name"], row["cmd"], row["setup"], row["clean"]) for row in found],
                       f"{HERE}/adjust.json")


def jobs(share, quick, only=""):
    found = of_catalogue(f"{share}/benign.json") + of_containers(quick) + of_servers()
    if only:
        return rows.named(found, only.split(","))
    return [job for job in found if job.id in QUICK] if quick else found
