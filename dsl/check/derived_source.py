"""Functions that derivatives are made of, written in the language: texts, parsed where needed.

`_f` stands for the function, `_d` for its derivative along one tangent, the last argument; p0, p1,
... are the arguments.
"""

GENERATED = "<derivative>"
"""The name of these texts: nobody wrote them, so that no message shows them."""


def _parameters(count: int) -> str:
    return "".join(f"p{i}, " for i in range(count))


def _call(name: str, count: int, *more: str) -> str:
    given = "".join(f"p{i}, " for i in range(count)) + "".join(f"{m}, " for m in more)
    return f"{name}({given.removesuffix(', ')})"


def _header(name: str, count: int) -> str:
    return f"def {name}({_parameters(count).removesuffix(' ')}):\n"


def forwarding_source(count: int) -> str:
    """A call and nothing else."""
    return f"{_header('derivative', count)}    return _f({_parameters(count).removesuffix(' ')})\n"


def item_source(count: int, position: int) -> str:
    """One item of the tuple that a function returns."""
    parameters = _parameters(count).removesuffix(" ")
    return f"{_header('item', count)}    return _f({parameters})[{position}]\n"


def directional_source(count: int) -> str:
    """The derivative by a scalar."""
    return f"{_header('jacobian', count)}    return {_call('_d', count, '1.0')}\n"


def jacobian_source(count: int, operand: str, ranks: tuple[int, int], element: str) -> str:
    """One tangent for each element of `operand`; `ranks` are those of the result and of it."""
    rows, columns = ranks
    indices = [f"_i{k}" for k in range(columns)]
    extents = [f"_y.shape[{k}]" for k in range(rows)]
    extents += [f"{operand}.shape[{k}]" for k in range(columns)]
    where = ", ".join((*(":" * rows), *indices))
    lines = [
        f"_y = {_call('_f', count)}" if rows else "",
        f"_e = zeros_like({operand})",
        f"_out = zeros({', '.join(extents)}, dtype={element})",
    ]
    inner = "".join(f"for {i} in range({operand}.shape[{k}]):\n" for k, i in enumerate(indices))
    for depth, line in enumerate(inner.splitlines()):
        lines.append("    " * depth + line)
    at = ", ".join(indices)
    for line in (
        f"_e[{at}] = 1.0",
        f"_out[{where}] = {_call('_d', count, '_e')}",
        f"_e[{at}] = 0.0",
    ):
        lines.append("    " * columns + line)
    lines.append("return _out")
    return _header("jacobian", count) + "".join(f"    {line}\n" for line in lines if line)
