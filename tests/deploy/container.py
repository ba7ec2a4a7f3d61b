"""Containers without an engine: what an image holds, run by the kernel's own means; needs root."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START = """
set -eu
root=$1; user=$2; shift 2
ip link set lo up
mount --bind "$root" "$root"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
while [ "$1" != -- ]; do mount --bind "$1" "$root$2"; mount -o remount,bind,ro "$root$2"; shift 2; done
shift
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs --bounding-set=-all,+sys_chroot,+setgid,+setuid --inh-caps=-all \\
    chroot --userspec="$user" "$root" env --ignore-environment "$@"
"""
"""Takes root, user, pairs of folders to mount, --, environment and command; what setpriv leaves, chroot gives up."""


@dataclass(frozen=True, slots=True)
class Image:
    """
    An image as it lies on the disk.

    Attributes:
        root: Its file system.
        user: Numbers of user and group, with a colon between them.
        environment: As NAME=VALUE.
        entrypoint: Words of the command.
        health: Words of the health check.
    """

    root: Path
    user: str
    environment: Sequence[str]
    entrypoint: Sequence[str]
    health: Sequence[str]


@dataclass(frozen=True, slots=True)
class Container:
    """A running entry point: its image, the process that started it, and itself, as this machine counts."""

    image: Image
    starter: "subprocess.Popen[str]"
    pid: int

    def run(self, *words: str | Path) -> "subprocess.CompletedProcess[str]":
        """Run a command of this machine in the container's network."""
        line = ["nsenter", f"--net=/proc/{self.pid}/ns/net", "--", *map(str, words)]
        return subprocess.run(line, capture_output=True, text=True, check=False)

    def inside(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the image in it, as its user."""
        uid, gid = self.image.user.split(":")
        places = [f"--root=/proc/{self.pid}/root", f"--wd=/proc/{self.pid}/root"]
        target = ["nsenter", f"--target={self.pid}", "--all", *places]
        line = [*target, f"--setuid={uid}", f"--setgid={gid}", "env", "--ignore-environment", *self.image.environment]
        return subprocess.run([*line, *words], capture_output=True, text=True, check=False)

    def stop(self, timeout_s: float) -> int:
        """Send SIGTERM to process 1; its exit status."""
        os.kill(self.pid, signal.SIGTERM)
        return self.starter.wait(timeout_s)


@contextmanager
def running(image: Image, mounts: Mapping[Path, str], options: Sequence[str], log: Path) -> Iterator[Container]:
    """
    The entry point of an image as process 1, without capabilities, on a read-only root, with loopback alone.

    Args:
        image: It.
        mounts: Folders of this machine, and where they are mounted, read-only.
        options: Added to the entry point.
        log: Receives what it says.
    """
    pairs = [word for folder, place in mounts.items() for word in (str(folder), place)]
    for place in mounts.values():
        (image.root / place[1:]).mkdir(parents=True, exist_ok=True)
    words = ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child", "bash", "-c", START]
    words += ["start", str(image.root), image.user, *pairs, "--", *image.environment, *image.entrypoint, *options]
    with log.open("w") as told, subprocess.Popen(words, stdout=subprocess.PIPE, stderr=told, text=True) as starter:
        try:
            if not starter.stdout.readline().startswith("listening"):
                raise SystemExit(f"the entry point did not start: {log.read_text()}")
            children = Path(f"/proc/{starter.pid}/task/{starter.pid}/children").read_text().split()
            yield Container(image, starter, int(children[0]))
        finally:
            starter.kill()
