"""Stage `run`: calls and what comes of them, values and run-time errors alike.

Each `# CALL: f x=[1.0, 2.0] k=3` of the input is one call; a list becomes an array.
"""

import ast
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

import dpc
from dpc.dsl.source import Source

_CALL = re.compile(r"# CALL: (\w+)(.*)")
_ARGUMENT = re.compile(r"\s*(\w+)=(.+?)(?=\s+\w+=|\s*$)")


def calls(source: Source, arguments: Sequence[str]) -> str:
    module = dpc.compile(source.text, name=source.name)
    lines = []
    for name, rest in _CALL.findall(source.text):
        given = {key: _value(text) for key, text in _ARGUMENT.findall(rest)}
        try:
            result = repr(getattr(module, name)(**given))
        except dpc.Error as error:
            result = f"{type(error).__name__}: {error}"
        lines.append(f"{name}{rest}\n  {result}")
    return "\n".join(lines)


def _value(text: str) -> Any:
    value = ast.literal_eval(text)
    return np.array(value) if isinstance(value, list) else value
