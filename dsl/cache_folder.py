"""Where files are kept that only save time: DPC_CACHE_DIR, XDG_CACHE_HOME/dpc or ~/.cache/dpc."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """The folder, whether it is there or not."""
    chosen = os.environ.get("DPC_CACHE_DIR")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path(os.path.expanduser("~")) / ".cache") / "dpc"
