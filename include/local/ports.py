"""Which ports the stack listens on: the usual ones, or the next free where something else has them."""

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
SPOKEN = {"ui": "The Airflow UI", "postgres": "PostgreSQL", "sandbox": "The VTEX sandbox"}


def choose(remembered: Mapping[str, int], ours: Collection[str] = ()) -> tuple[dict[str, int], list[str]]:
    """
    Pick a port for everything that listens.

    :param remembered: ports of the last time.
    :param ours: names whose remembered port is busy because our own process has it.
    :return: the ports, and one sentence for each that had to move.
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
        who = SPOKEN.get(name, f"The port for {name}")
        moved.append(f"Port {wanted} is taken by something else on this machine: {who} uses {chosen[name]} instead.")
    return chosen, moved


def is_free(port: int) -> bool:
    """Whether nobody listens on a port of this machine and we may."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just given up counts as free
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def recall(memory: Path) -> dict[str, int]:
    """Ports of the last time; none before the first."""
    try:
        ports = json.loads(memory.read_text())["ports"]
    except (FileNotFoundError, json.JSONDecodeError, KeyError, TypeError):
        return {}
    return {name: port for name, port in ports.items() if name in USUAL and isinstance(port, int)}


def remember(memory: Path, ports: Mapping[str, int]) -> None:
    """Keep the ports for the next time."""
    memory.parent.mkdir(parents=True, exist_ok=True)
    memory.write_text(json.dumps({"ports": dict(ports)}, indent=2) + "\n")
