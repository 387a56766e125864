"""Published data, where it is at hand."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def shared(name: str) -> Path | None:
    """A file of the ADBench data, or None; `DPC_SHARED_DATA` is the folder that holds adbench/."""
    folder = Path(os.environ.get("DPC_SHARED_DATA", ROOT.parent / "shared" / "data"))
    file = folder / "adbench" / name
    return file if file.exists() else None
