"""Amounts of memory as people write them: 64MiB, 2 GB, 1.5 gib."""

import re

UNITS = {
    "B": 1,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
UNIT_NAMES = ", ".join(UNITS)
DECIMAL = ("B", "kB", "MB", "GB", "TB")
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+)\s*([a-z]+)\s*", re.IGNORECASE)
_FACTORS = {name.lower(): factor for name, factor in UNITS.items()}


def bytes_of(text: str) -> int | None:
    """A size in bytes, rounded down; None if the text is none. Units in any case."""
    found = _SIZE.fullmatch(text)
    if found is None or found[2].lower() not in _FACTORS:
        return None
    return int(float(found[1]) * _FACTORS[found[2].lower()])


def readable(number: int) -> str:
    """Bytes in the decimal unit that fits, with three digits."""
    size, unit = float(number), 0
    while size >= 1000 and unit < len(DECIMAL) - 1:
        size, unit = size / 1000, unit + 1
    return f"{number} B" if unit == 0 else f"{size:.3g} {DECIMAL[unit]}"
