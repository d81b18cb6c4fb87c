"""`python -m tests.pbx.making`: Asterisk 16 into `.cache/pbx`, from Debian bullseye.

A whole small Debian in a folder, since today's Debian has no Asterisk. Takes a minute and a half,
once; needs root and Debian's registry, and says so in a sentence where it cannot be had.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.docker.files import ROOT

PLACE = ROOT / ".cache" / "pbx"
SUITE, REGISTRY = "bullseye", "http://deb.debian.org/debian"
PACKAGE = "asterisk"
_MOUNTS = Path("/proc/mounts")


class CannotMake(RuntimeError):
    """There is no PBX to be had here; the message says why."""


def is_made() -> bool:
    return (PLACE / "usr/sbin/asterisk").exists()


def make() -> None:
    """Put Asterisk into PLACE, whole or not at all. Raises CannotMake."""
    if os.geteuid() != 0:
        raise CannotMake("only root may make the folder that it runs in, and start it there")
    if shutil.which("debootstrap") is None:
        _run("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "debootstrap")
    part = PLACE.with_suffix(".part")
    _clear(part)
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        _run("debootstrap", "--variant=minbase", f"--include={PACKAGE}", SUITE, str(part), REGISTRY)
    except CannotMake:
        _clear(part)
        raise
    for package in (part / "var/cache/apt/archives").glob("*.deb"):
        package.unlink()
    part.rename(PLACE)


def _run(*argv: str) -> None:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    except OSError as error:
        raise CannotMake(f"{argv[0]} is not there ({error.strerror})") from error
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
        raise CannotMake("\n  ".join([f"{argv[0]} failed:", *last]))


def _clear(part: Path) -> None:
    """Remove what a broken attempt left, unless it has something of the machine's own mounted."""
    mounted = [line.split()[1] for line in _MOUNTS.read_text("utf-8").splitlines()]
    inside = [place for place in mounted if Path(place).is_relative_to(part)]
    if inside:
        raise CannotMake(f"an earlier attempt was cut off; first: umount {' '.join(inside)}")
    shutil.rmtree(part, ignore_errors=True)


def main() -> None:
    if is_made():
        return
    print(f"Asterisk is fetched into {PLACE} (a minute and a half, once) …", flush=True)
    try:
        make()
    except CannotMake as why:
        sys.exit(f"No PBX to try the line with: {why}")


if __name__ == "__main__":
    main()
