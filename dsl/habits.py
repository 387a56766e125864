"""What people write out of habit of other systems, and what it is here: tables for hints.

A row says what to write; where that is one text that can stand in the same place, a fix has it too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MODULES = frozenset(
    ("np", "numpy", "jnp", "jax", "torch", "math", "cmath", "scipy", "sp", "tf", "nn", "F", "lax")
    + ("tensorflow", "keras", "autograd", "random", "linalg", "fft", "cp", "cupy", "numba", "os")
    + ("sys", "time", "functools", "itertools", "operator", "typing", "optax", "mx")
)
"""Names under which other systems' functions are known; what they hold is built in here."""


@dataclass(frozen=True, slots=True)
class Habit:
    """`here`: what to write in its place, "" where that depends; `advice`: where more is to say."""

    here: str = ""
    advice: str = ""

    @property
    def hint(self) -> str:
        """What to do, in words."""
        return self.advice or f"here it is `{self.here}`"


def _same(**names: str) -> dict[str, Habit]:
    return {there: Habit(here) for there, here in names.items()}


def _advice(**names: str) -> dict[str, Habit]:
    return {there: Habit(advice=advice) for there, advice in names.items()}


_PAIRED = "count with `for i in range(len(a)):` and use `a[i]`"
_SEEDED = "random numbers are `uniform(seed, i)` and `normal(seed, i)`"
_STATIC = "types are known at compile time: nothing needs to be asked"
_GROWING = "arrays do not grow: make one of its size with `zeros(n)`, or `[e for i in range(n)]`"
_NO_TEXT = "there are no string variables: strings are messages of `assert` and `print`"

NAMES: Mapping[str, Habit] = {
    **_same(
        arccos="acos", arcsin="asin", arctan="atan", arctan2="atan2", arccosh="acosh",
        arcsinh="asinh", arctanh="atanh", ln="log", fabs="abs", absolute="abs", maximum="max",
        minimum="min", fmax="max", fmin="min", amax="max", amin="min", power="pow", sgn="sign",
        clamp="clip", expit="sigmoid", logistic="sigmoid", average="mean", gammaln="lgamma",
        identity="eye", empty="zeros", empty_like="zeros_like",
        product="prod", rint="round", inverse="inv", chol="cholesky",
        permute="transpose",
        true="True", false="False", TRUE="True", FALSE="False", NaN="nan", NAN="nan", Inf="inf",
        Infinity="inf", INF="inf", infinity="inf", PI="pi", Pi="pi", M_PI="pi", double="f64",
        float64="f64", float32="f32", single="f32", int64="i64", int32="i32", long="i64",
        value_and_gradient="value_and_grad", gradient="grad", jacfwd="jacobian",
        jacrev="jacobian", stop_grad="stop_gradient", detach="stop_gradient", repmat="tile",
    ),
    **_advice(
        concatenate="here it is `concat(a, b, axis=0)`, its arrays one by one",
        cat="here it is `concat(a, b, axis=0)`, its arrays one by one",
        trunc="`f64(i64(x))` truncates; `floor` and `round` keep floats",
        conj="there are no complex numbers",
        log_softmax="write `x - logsumexp(x)`",
        logsoftmax="write `x - logsumexp(x)`",
        square="write `x ** 2`",
        cube="write `x ** 3`",
        mod="write `a % b`",
        fmod="write `a % b`; the result has the sign of b",
        divmod="write `a // b` and `a % b`",
        floor_divide="write `a // b`",
        multiply="write `a * b`",
        add="write `a + b`",
        subtract="write `a - b`",
        divide="write `a / b`",
        matmul="write `a @ b`",
        mm="write `a @ b`",
        bmm="write `a @ b`",
        inner="write `dot(a, b)`",
        vdot="write `dot(a, b)`",
        vstack="`stack(a, b)` puts vectors into rows, `concat(a, b, axis=0)` joins matrices",
        hstack="write `concat(a, b)`; of matrices `concat(a, b, axis=1)`",
        column_stack="write `stack(a, b, axis=1)`",
        size="write `len(x)`, or `x.shape[k]`",
        numel="write the product of the extents: `x.shape[0] * x.shape[1]`",
        ndim="the number of axes is part of the type",
        shape="write `x.shape[k]`",
        length="write `len(x)`",
        array="write the elements: `[1.0, 2.0]`",
        asarray="what is passed in is an array already; literals are `[1.0, 2.0]`",
        tensor="write the elements: `[1.0, 2.0]`",
        Tensor="write the elements: `[1.0, 2.0]`",
        list="`[e for v in x]` makes an array",
        tuple="write `(a, b)`",
        dict="use a record: `class Name:`",
        set="use an array",
        map="write `[f(v) for v in x]`; functions of scalars take arrays too: `f(x)`",
        filter="write `where(condition, x, 0.0)`, or `sum(v for v in x if condition)`",
        reduce="write a `for` loop, or `sum`, `prod`, `min`, `max`",
        vmap="functions of scalars take arrays: `f(x)`; else `[f(v) for v in x]`",
        vectorize="functions of scalars take arrays: `f(x)`",
        enumerate=_PAIRED,
        zip=_PAIRED,
        reversed="write `x[::-1]`, or a range with step -1",
        sorted="write `sort(x)`",
        prange="write `parallel(range(n))`",
        randn=_SEEDED,
        rand=_SEEDED,
        random=_SEEDED,
        isinstance=_STATIC,
        type=_STATIC,
        callable=_STATIC,
        str=_NO_TEXT,
        input="values come in as arguments",
        open="values come in as arguments",
        exit="leave with `return`, or with `assert False` and a message",
        null="every name has a value of its type",
        nil="every name has a value of its type",
        none="every name has a value of its type",
        self="functions take records as parameters",
        this="functions take records as parameters",
        end="indentation ends a block: remove `end`",
        endif="indentation ends a block: remove `endif`",
        gamma="write `exp(lgamma(x))`",
        heaviside="write `where(x > 0.0, 1.0, 0.0)`",
        sinc="write `sin(x) / x`, and 1 at 0",
        median="`sort(x)[len(x) // 2]` is the median of an odd number of elements",
        squeeze="index the axis of extent 1: `x[0]`, `x[:, 0]`",
        expand_dims="`x[:, None]` adds an axis",
        unsqueeze="`x[:, None]` adds an axis",
        newaxis="`x[:, None]` adds an axis",
        broadcast_to="elementwise operations broadcast an extent that is 1",
        swapaxes="write `transpose(x, axes)`",
        moveaxis="write `transpose(x, axes)`",
        ravel="write `reshape(x, n)` with the number of elements",
        flatten="write `reshape(x, n)` with the number of elements",
        nonzero="`where(condition, a, b)` chooses by element",
        lstsq="write `solve(a.T @ a, a.T @ b)`, or solve with qr",
        pinv="write `solve(a.T @ a, a.T)`",
        float16="the floats are `f64` and `f32`",
        complex="there are no complex numbers",
        append=_GROWING,
        meshgrid="`x[:, None]` and `y[None, :]` broadcast against each other",
        deepcopy="assigning copies",
        copy="assigning copies",
        pmap="write `for i in parallel(range(n)):`",
        jit="every function is compiled",
    ),
}  # fmt: skip
"""Functions and constants of other systems."""

TYPES: Mapping[str, Habit] = {
    **_same(
        float="f64", int="i64", double="f64", float64="f64", float32="f32", single="f32",
        int64="i64", int32="i32", long="i64", boolean="bool", bool_="bool", Bool="bool",
        half="f32", float16="f32", f16="f32", real64="f64", real32="f32", number="f64",
        usize="i64", i8="i32", i16="i32", u8="i64", u32="i64", u64="i64", uint8="i64", char="i64",
    ),
    **dict.fromkeys(
        ("ndarray", "array", "Array", "Tensor", "tensor", "list", "List", "Sequence", "ArrayLike")
        + ("NDArray", "matrix", "Matrix", "vector", "Vector", "DeviceArray", "FloatTensor"),
        Habit(advice="an array of floats is `f64[n]`, a matrix `f64[n, m]`"),
    ),
    **dict.fromkeys(
        ("tuple", "Tuple"), Habit(advice="a tuple's type is written `(f64, i64)`")
    ),
    **dict.fromkeys(("dict", "Dict", "object"), Habit(advice="use a record: `class Name:`")),
    **dict.fromkeys(
        ("Optional", "Union", "Any"),
        Habit(advice="a parameter has one type; defaults stand after it: `x: f64 = 0.0`"),
    ),
    **dict.fromkeys(("str", "string", "String"), Habit(advice=_NO_TEXT)),
    **dict.fromkeys(
        ("complex", "complex64", "complex128"), Habit(advice="there are no complex numbers")
    ),
    "Callable": Habit(advice="write `Callable[[f64], f64]`"),
    "callable": Habit("Callable", "write `Callable[[f64], f64]`"),
    "Function": Habit(advice="write `Callable[[f64], f64]`"),
    "void": Habit(advice="a function without a result has no `->`"),
}  # fmt: skip
"""Annotations of other systems, by the last name in them."""

_ELEMENT = "{base}"

METHODS: Mapping[str, Habit] = {
    **dict.fromkeys(("copy", "clone", "item", "numpy", "tolist", "contiguous", "cpu", "cuda"),
        Habit(_ELEMENT, "values are copied when they are assigned: write `{base}`")),
    **dict.fromkeys(("append", "extend", "insert", "push", "push_back", "add"),
        Habit(advice=_GROWING)),
    **dict.fromkeys(("pop", "remove", "clear"),
        Habit(advice="arrays do not shrink: take a slice, or store where the elements end")),
    **dict.fromkeys(("astype", "to", "type"),
        Habit(advice="a type converts: `f64({base})`, `i64({base})`")),
    **dict.fromkeys(("flatten", "ravel"),
        Habit(advice="write `reshape({base}, n)` with the number of elements")),
    **dict.fromkeys(("reshape", "view", "resize"), Habit("reshape({base}, ({arguments}))")),
    **dict.fromkeys(("squeeze",), Habit(advice="index the axis of extent 1: `{base}[0]`")),
    **dict.fromkeys(("unsqueeze", "expand_dims"), Habit(advice="`{base}[:, None]` adds an axis")),
    **dict.fromkeys(("permute", "swapaxes"), Habit(advice="write `transpose({base}, axes)`")),
    **dict.fromkeys(("backward", "grad", "requires_grad_"),
        Habit(advice="functions are differentiated, not values: `grad(f)(x)`")),
    **dict.fromkeys(("keys", "values", "items"),
        Habit(advice="a record's fields are `{base}.name`")),
    "detach": Habit("stop_gradient({base})"),
    "float": Habit("f64({base})"),
    "double": Habit("f64({base})"),
    "long": Habit("i64({base})"),
    "int": Habit("i64({base})"),
    "t": Habit("{base}.T"),
    "transpose": Habit("transpose({base})"),
    "mm": Habit("{base} @ {arguments}"),
    "matmul": Habit("{base} @ {arguments}"),
    "clamp": Habit("clip({base}, {arguments})"),
    "size": Habit(advice="write `{base}.shape[k]`, or `len({base})`"),
    "dim": Habit(advice="the number of axes is part of the type"),
    "fill": Habit(advice="write `{base}[:] = {arguments}`"),
    "fill_": Habit(advice="write `{base}[:] = {arguments}`"),
    "zero_": Habit(advice="write `{base}[:] = 0.0`"),
    "format": Habit(advice="write an f-string: `f\"x is {{x}}\"`"),
}  # fmt: skip
"""Methods of other systems' values; `{base}` and `{arguments}` stand for what was written."""

ATTRIBUTES: Mapping[str, Habit] = {
    "size": Habit(advice="write `len({base})`, or the product of `{base}.shape[k]`"),
    "length": Habit("len({base})"),
    "ndim": Habit(advice="the number of axes is part of the type"),
    "dtype": Habit(advice="the type of the elements is part of the type"),
    "t": Habit("{base}.T"),
    "mT": Habit("{base}.T"),
    "H": Habit("{base}.T"),
    "grad": Habit(advice="functions are differentiated, not values: `grad(f)(x)`"),
    "data": Habit("{base}"),
    "real": Habit(advice="there are no complex numbers"),
    "imag": Habit(advice="there are no complex numbers"),
    "flat": Habit(advice="write `reshape({base}, n)` with the number of elements"),
    "at": Habit(advice="arrays are assigned in place: `{base}[i] = v`, `{base}[i] += v`"),
}
"""Attributes of other systems' values."""

KEYWORDS: Mapping[str, str] = {
    "dim": "axis",
    "axes": "axis",
    "keepdim": "keepdims",
    "argnums": "wrt",
    "argnum": "wrt",
    "min": "low",
    "max": "high",
    "a_min": "low",
    "a_max": "high",
}
"""Keyword arguments of other systems."""
