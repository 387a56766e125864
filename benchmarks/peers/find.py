"""Which other tools are installed, and their side of a workload."""

import importlib
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from benchmarks.workload import Call

# The name of a tool's package is its name here.
PEERS = ("jax", "torch", "casadi", "autograd")


def installed() -> dict[str, str]:
    """The versions of the tools that can be imported."""
    return {peer: version(peer) for peer in PEERS if find_spec(peer) is not None}


def prepared(peer: str, workload: str, arguments: Mapping[str, Any]) -> tuple[Call, Call] | None:
    """A tool's primal and gradient; None where it is not installed or has no such workload."""
    module = f"benchmarks.peers.{peer}_{workload.replace('-', '_')}"
    if find_spec(peer) is None or find_spec(module) is None:
        return None
    made: tuple[Call, Call] | None = importlib.import_module(module).prepare(arguments)
    return made
