"""
Builds the image ``service-cpu`` without Docker, and scores a phantom with it: ``python -m tests.deploy.image_check``.

buildah builds it on a Debian that debootstrap makes here. What it holds is then run as a container would be: the entry
point as process 1, as the image's user, without capabilities, on a read-only file system, in a network of its own, with
the certificates and tokens of ``deploy/compose/secrets.sh``. It needs root, `make test-deps`, and a package index.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imaging.files import write_image
from tests.conftest import ROOT
from tests.deploy.container import Image, running
from tests.service.models import write_models
from tests.service.scans import GRID, scan

PROGRAMS = ("buildah", "debootstrap", "unshare", "nsenter", "setpriv", "ip", "openssl")
BASE, BUILT = "localhost/python", "localhost/nodelens"
DEBIAN = "python3.11,python3.11-venv,python3-distutils,python3-lib2to3,ca-certificates"
"""debootstrap follows no virtual packages: the third and fourth are what the second needs."""

SCORE = "import sys; from service.score import main; sys.exit(main())"
ONLY_FONTS = "test -z \"$(find /tmp -type f -not -path '/tmp/matplotlib/*')\""
STOPS_S = 20.0


@dataclass(frozen=True, slots=True)
class Buildah:
    """buildah with a storage of its own."""

    storage: Path

    def __call__(self, *words: str | Path) -> str:
        """Run a command of it; what it prints at the end."""
        places = ["--root", self.storage / "root", "--runroot", self.storage / "run", "--storage-driver", "vfs"]
        line = ["buildah", *map(str, [*places, *words])]
        return subprocess.run(line, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def main() -> int:
    """Build, run, score, stop; 0 where all of it went well."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter).parse_args()
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing or os.geteuid():
        sys.stdout.write(f"skipped: it needs {' and '.join(missing) or 'to be run by root'}: make test-deps\n")
        return 0
    with tempfile.TemporaryDirectory(prefix="nodelens-image-") as folder, built(Path(folder)) as image:
        check(image, Path(folder))
    return 0


@contextmanager
def built(folder: Path) -> Iterator[Image]:
    """The target ``service-cpu``, laid out on the disk."""
    buildah = Buildah(folder / "storage")
    with told("base image"):
        base = buildah("from", "scratch")
        root = Path(buildah("mount", base))
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={DEBIAN}", "bookworm", root], check=True)
        (root / "usr/local/bin/python").symlink_to("/usr/bin/python3.11")
        buildah("commit", "--quiet", "--rm", base, BASE)
    with told("service-cpu"):
        options = ["--isolation", "chroot", "--format", "docker", "--pull-never", "--layers=false", *index(folder)]
        buildah("bud", "--target", "service-cpu", "--build-arg", f"PYTHON_IMAGE={BASE}", *options, "--tag", BUILT, ROOT)
    container = buildah("from", "--pull-never", BUILT)
    config = json.loads(buildah("inspect", "--type", "image", BUILT))["Docker"]["config"]
    yield Image(
        root=Path(buildah("mount", container)),
        user=config["User"],
        environment=config["Env"],
        entrypoint=config["Entrypoint"],
        health=config["Healthcheck"]["Test"][1:],
    )
    buildah("umount", container)


def index(folder: Path) -> list[str]:
    """How the build reaches the index that pip uses here: a secret, and what it names of this machine, read-only."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    settings = dict(re.findall(r"^[\w:]+\.{1,2}([\w-]+)='(.*)'$", listed.stdout, re.MULTILINE))
    secret = folder / "pip.conf"
    secret.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))
    secret.chmod(0o600)
    values = " ".join(settings.values())
    # An index of files links to its neighbours.
    places = {Path(path).parent for path in re.findall(r"file://(/[^\s]+)", values)}
    places |= {Path(path) for path in re.findall(r"(?<![\w:/])/[^\s]+", values)}
    mounts = [option for path in sorted(places) if path.exists() for option in ("--volume", f"{path}:{path}:ro")]
    return ["--secret", f"id=pip,src={secret}", *mounts]


def check(image: Image, folder: Path) -> None:
    """
    Hold a built image to what is said of it.

    Raises:
        SystemExit: it does something else.
    """
    write_models(folder / "models")
    volume, mask = scan()
    write_image(folder / "ct.nii.gz", volume.hu, GRID)
    write_image(folder / "mask.nii.gz", mask.labels, GRID)
    secrets = folder / "secrets"
    subprocess.run([ROOT / "deploy" / "compose" / "secrets.sh", secrets], check=True)
    for path in (folder, secrets):
        path.chmod(0o755)
    mounts = {folder / "models": "/models", secrets: "/run/secrets"}
    options = ["--allow-research", "--tls-certificate", "/run/secrets/tls.crt", "--tls-key", "/run/secrets/tls.key"]
    with running(image, mounts, [*options, "--tokens", "/run/secrets/tokens"], folder / "server.log") as container:
        expect("the health check", 0, container.inside(*image.health))
        expect("a write beside /tmp", 1, container.inside("touch", "/written"))
        expect("pip", 1, container.inside("python", "-m", "pip", "--version"))
        expect("torch", 1, container.inside("python", "-c", "import torch"))
        expect("the bridge", 0, container.inside("nodelens-pacs", "watch", "--help"))
        expect("its packages", 0, container.inside("python", "-c", "import pynetdicom, requests, opentelemetry.sdk"))
        address = ["--server", "localhost:50051", "--ca", secrets / "ca.crt", "--model", "cnn-gap"]
        words = [sys.executable, "-c", SCORE, folder / "ct.nii.gz", folder / "mask.nii.gz", *address, "--out"]
        expect("a caller without a token", 2, container.run(*words, folder / "none"))
        expect("a caller", 0, container.run(*words, folder / "out", "--token-file", secrets / "reader.token"))
        expect("what was written", 0, container.inside("find", "/tmp", "-type", "f"))
        expect("fonts alone", 0, container.inside("sh", "-c", ONLY_FONTS))
        begun = time.monotonic()
        code = container.stop(STOPS_S)
        sys.stdout.write(f"SIGTERM: exit status {code} after {time.monotonic() - begun:.1f} s\n")
    sbom = json.loads((image.root / "usr/share/nodelens/sbom.json").read_text())
    sys.stdout.write(f"{len(sbom['components'])} components in the list of what is inside\n")
    if code or not any(component["name"] == "onnxruntime" for component in sbom["components"]):
        raise SystemExit("SIGTERM did not end it as it should, or its list of what is inside is wrong")


def expect(what: str, code: int, done: "subprocess.CompletedProcess[str]") -> None:
    """
    Say how a command ended.

    Raises:
        SystemExit: it did not end so.
    """
    sys.stdout.write(f"{what}: exit status {done.returncode}\n{done.stdout}{done.stderr}\n")
    sys.stdout.flush()
    if done.returncode != code:
        raise SystemExit(f"{what}: must end with {code}")


@contextmanager
def told(what: str) -> Iterator[None]:
    """Say how long something took."""
    begun = time.monotonic()
    yield
    sys.stdout.write(f"{what}: {time.monotonic() - begun:.0f} s\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
