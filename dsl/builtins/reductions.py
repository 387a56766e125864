"""Reductions; without `axis` over the whole array. `axis` and `keepdims` are keyword-only."""

from dpc.dsl.builtins.entry import Builtin

GENERATOR_REDUCTIONS = ("sum", "prod", "min", "max", "any", "all", "logsumexp", "mean")
"""Reductions that take a generator: `sum(e for i in range(n) if c)`."""

_REDUCTIONS = {
    "sum": "The sum; 0 of nothing; bools count.",
    "prod": "The product; 1 of nothing.",
    "mean": "The arithmetic mean; NaN of nothing.",
    "any": "True if some element is; False of nothing.",
    "all": "True if every element is; True of nothing.",
    "logsumexp": "log(sum(exp(x))) without overflow; -inf of nothing.",
}
_KEYWORDS = "axis=None, keepdims=False"


def _extremum(name: str, which: str) -> Builtin:
    doc = f"The {which} of an array, or elementwise of several arguments; NaN propagates."
    return Builtin(name, "reductions", f"{name}(x, {_KEYWORDS}) or {name}(a, b, ...)", doc, name)


REDUCTIONS = (
    *(
        Builtin(name, "reductions", f"{name}(x, {_KEYWORDS})", doc, "reduce", ("x",))
        for name, doc in _REDUCTIONS.items()
    ),
    _extremum("min", "smallest element"),
    _extremum("max", "largest element"),
    Builtin("var", "reductions", f"var(x, {_KEYWORDS})", "The mean squared deviation.", "spread"),
    Builtin("std", "reductions", f"std(x, {_KEYWORDS})", "The root of var.", "spread"),
    Builtin("norm", "reductions", "norm(x, axis=None, keepdims=False)", "Euclid's norm.", "norm"),
    Builtin("softmax", "reductions", "softmax(x, axis=-1)", "exp(x) / sum(exp(x)).", "softmax"),
    Builtin("dot", "reductions", "dot(a, b)", "The product of vectors or matrices.", "dot"),
    Builtin("argmin", "reductions", f"argmin(x, {_KEYWORDS})", "The first least.", "position"),
    Builtin("argmax", "reductions", f"argmax(x, {_KEYWORDS})", "The first largest.", "position"),
    Builtin("cumsum", "reductions", "cumsum(x, axis=-1)", "Sums of the first elements.", "scan"),
    Builtin("cumprod", "reductions", "cumprod(x, axis=-1)", "Products of the first ones.", "scan"),
)
