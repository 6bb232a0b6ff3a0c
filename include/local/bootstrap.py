"""
Make ``.local/venv`` from a lock file, with only Python and a package registry.

``python3 include/local/bootstrap.py local|dev`` runs on the system's Python, so it uses the standard library only.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

UV = "uv==0.13.9"
PROJECT = Path(__file__).resolve().parents[2]
STATE = PROJECT / ".local"
VENV = STATE / "venv"
STAMP = VENV / "locked.json"


class SetupFailed(Exception):
    """The environment cannot be made; the message says what is missing."""


def main(kind: str) -> None:
    """Install ``requirements/<kind>.lock`` into the environment, unless it is up to date."""
    wanted = {name: hashlib.sha256(lock(name).read_bytes()).hexdigest() for name in ("local", "dev")}
    if is_current(kind, wanted):
        return
    print(f"Setting up .local/venv from {lock(kind).relative_to(PROJECT)}", flush=True)
    uv = install_uv()
    if not works(VENV):
        shutil.rmtree(VENV, ignore_errors=True)
        run([uv, "venv", "--quiet", "--python", sys.executable, VENV], "The virtual environment could not be made.")
    python = str(VENV / "bin" / "python")
    sync = ["pip", "sync", "--quiet", "--compile-bytecode", "--require-hashes", "--python", python]
    run([uv, *sync, lock(kind)], "The locked packages could not be installed.")
    STAMP.write_text(json.dumps({"kind": kind, "sha256": wanted[kind]}))


def lock(kind: str) -> Path:
    """Return the path of a lock file."""
    return PROJECT / "requirements" / f"{kind}.lock"


def is_current(kind: str, wanted: dict[str, str]) -> bool:
    """Return whether the environment is up to date; one made from dev.lock holds all of local.lock."""
    try:
        stamp = json.loads(STAMP.read_text())
        good = bool(stamp["kind"] in {kind, "dev"} and stamp["sha256"] == wanted[stamp["kind"]])
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return good and works(VENV)


def install_uv() -> Path:
    """
    Install uv from the package registry into its own folder.

    :raises SetupFailed: if this Python can neither make an environment nor install packages.
    """
    place = STATE / "uv"
    uv = place / "bin" / "uv"
    if uv.exists() and subprocess.run([uv, "--version"], stdout=subprocess.DEVNULL, check=False).returncode == 0:
        return uv
    shutil.rmtree(place, ignore_errors=True)
    complaint = "uv could not be installed from the package registry."
    install = ["-m", "pip", "install", "--quiet", "--no-cache-dir", "--disable-pip-version-check"]
    if find_spec("ensurepip"):
        run([sys.executable, "-m", "venv", place], "The virtual environment could not be made.")
        run([place / "bin" / "python", *install, UV], complaint)
    elif find_spec("pip"):
        run([sys.executable, *install, "--target", place, UV], complaint)
    else:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetupFailed(
            f"{sys.executable} has neither ensurepip nor pip: install them (Debian has them in python{version}-venv)."
        )
    return uv


def run(command: list[str | Path], complaint: str) -> None:
    """
    Run a command.

    :raises SetupFailed: if it fails; with its output and ``complaint``.
    """
    # UV_PYTHON_DOWNLOADS: use the system's Python, download no other.
    environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    environment.setdefault("UV_CACHE_DIR", str(STATE / "cache" / "uv"))
    if ssl.get_default_verify_paths().cafile:
        environment.setdefault("UV_SYSTEM_CERTS", "true")  # as pip does: for a company's own certificates
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        environment.pop(name, None)
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        said = done.stderr.strip()
        raise SetupFailed(f"{said}\n{missing_compiler(said) or complaint}".strip())


def missing_compiler(said: str) -> str | None:
    """Return advice if a package has no wheel here and no compiler can build it, else None."""
    if "failed to build" not in said.lower() or any(map(shutil.which, ("cc", "gcc", "clang"))):
        return None
    return (
        "A package has no ready-made wheel for this machine, and there is no C compiler to build it: "
        "install one (Debian: apt-get install build-essential)."
    )


def works(venv: Path) -> bool:
    """Return whether an environment's Python runs and has this Python's version."""
    ask = [str(venv / "bin" / "python"), "-c", "import sys; print(sys.version_info[:2])"]
    try:
        version = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    return version.strip() == str(sys.version_info[:2])


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except SetupFailed as failure:
        sys.exit(str(failure))
