"""Ports the stack listens on: the usual ones, or the next free ones if those are taken."""

from __future__ import annotations

import json
import socket
from collections.abc import Collection, Mapping
from pathlib import Path

USUAL = {
    "ui": 8080,
    "postgres": 54320,
    "sandbox": 8085,
    "task logs": 8793,
    "triggerer logs": 8794,
    "scheduler health": 8974,
}
SPOKEN = {"ui": "the Airflow UI", "postgres": "PostgreSQL", "sandbox": "the VTEX sandbox"}


def choose(remembered: Mapping[str, int], ours: Collection[str] = ()) -> tuple[dict[str, int], str]:
    """
    Choose a port for everything that listens.

    :param remembered: ports used last time.
    :param ours: names whose remembered port is in use by our own process.
    :return: the ports, and a sentence about those that had to move, empty if none had to.
    """
    chosen: dict[str, int] = {}
    moved = []
    for name, usual in USUAL.items():
        wanted = remembered.get(name, usual)
        if name in ours or (is_free(wanted) and wanted not in chosen.values()):
            chosen[name] = wanted
            continue
        taken = {*chosen.values(), *remembered.values(), *USUAL.values()}
        chosen[name] = next(p for p in range(wanted + 1, 65536) if p not in taken and is_free(p))
        moved.append(f"{SPOKEN.get(name, name)} from {wanted} to {chosen[name]}")
    return chosen, f"Ports taken by something else on this machine, so we move {', '.join(moved)}." if moved else ""


def is_free(port: int) -> bool:
    """Return whether a port of this machine is unused and we may listen on it."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just released counts as free
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def recall(memory: Path) -> dict[str, int]:
    """Return the ports used last time; none the first time."""
    try:
        ports = json.loads(memory.read_text())["ports"]
    except (FileNotFoundError, json.JSONDecodeError, KeyError, TypeError):
        return {}
    return {name: port for name, port in ports.items() if name in USUAL and isinstance(port, int)}


def remember(memory: Path, ports: Mapping[str, int]) -> None:
    """Save the ports for the next time."""
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps({"ports": dict(ports)}, indent=2) + "\n")
