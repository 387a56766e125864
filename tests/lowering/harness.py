"""Runs a program three ways: by Python over NumPy, at the array level, at the loops level.

The text of a program is valid Python; arrays get value semantics by copying wherever a name is
assigned, passed or returned.
"""

import __future__

import ast
import builtins
import copy
import math
import types
from dataclasses import make_dataclass
from typing import Any

import numpy as np
from scipy import special

from dpc.compiler.interpret import run, uninitialised
from dpc.compiler.ir.core import Module
from dpc.compiler.ir.types import MemRefType
from dpc.compiler.ir.verify import verify
from dpc.compiler.lowering import lower_module
from dpc.compiler.lowering.bufferize import bufferize
from dpc.compiler.lowering.signature import extents_of
from dpc.compiler.passes.inline import inline
from dpc.dsl import typed
from dpc.dsl.check import check
from dpc.dsl.diagnostics import Sink
from dpc.dsl.parse import parse
from dpc.dsl.source import Source
from dpc.dsl.types import ArrayType, RecordType, ScalarType, TupleType, Type, leaves


def typed_module(text: str) -> typed.Module:
    """Parse and check a program."""
    sink = Sink()
    tree = parse(Source("test.dp", text), sink)
    sink.raise_if_failed()
    module = check(tree, sink)
    sink.raise_if_failed()
    return module


class Program:
    """One program at both levels, verified."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.typed = typed_module(text)
        self.array = lower_module(self.typed)
        verify(self.array, "array")
        self.loops = bufferize(inline(self.array))
        verify(self.loops, "loops")

    def at_array(self, arguments: dict[str, Any], name: str = "f") -> Any:
        """The result at the array level."""
        function = self.typed.functions[name]
        return _together(function.result, run(self.array, name, _flat(function, arguments)))

    def at_loops(self, arguments: dict[str, Any], name: str = "f") -> Any:
        """The result at the loops level."""
        function = self.typed.functions[name]
        given = _flat(function, arguments)
        found = self.loops.function(name)
        extents = {
            p.name: v
            for p, v in zip(found.parameters, given, strict=False)
            if p.role == "dimension"
        }
        outputs = [
            uninitialised([e if isinstance(e, int) else extents[e] for e in p.extents])
            for p in found.parameters
            if p.role == "output"
        ]
        scalars = iter(run(self.loops, name, [*given, *outputs]))
        arrays = iter(np.array(o.tolist()).reshape(o.shape) for o in outputs)
        kinds = () if function.result is None else leaves(function.result)
        merged = [next(arrays if isinstance(k.type, ArrayType) else scalars) for k in kinds]
        return _together(function.result, merged)


def buffers(module: Module, name: str = "f") -> int:
    """How many buffers a function allocates."""
    body = module.function(name).body
    return sum(isinstance(v.type, MemRefType) for op in body.walk() for v in op.results)


def _flat(function: typed.Function, arguments: dict[str, Any]) -> list[Any]:
    """Dimensions, then the leaves of the arguments."""
    flat: dict[str, list[Any]] = {}
    for parameter in function.parameters:
        default = None if parameter.default is None else parameter.default.value
        value = copy.deepcopy(arguments.get(parameter.name, default))
        flat[parameter.name] = [_leaf(value, leaf.path) for leaf in leaves(parameter.type)]
    dimensions: dict[str, int] = {}
    for binding in function.bindings:
        if binding.parameter == "":
            dimensions[binding.name] = int(flat[binding.name][0])
            continue
        type_ = next(p.type for p in function.parameters if p.name == binding.parameter)
        position = [leaf.path for leaf in leaves(type_)].index(binding.leaf)
        extent = np.shape(flat[binding.parameter][position])[binding.axis]
        rest = binding.rest.evaluate(dimensions)
        dimensions[binding.name] = (extent - rest) // binding.coefficient
    extents = [poly.evaluate(dimensions) for poly in extents_of(function)]
    return [*extents, *(value for values in flat.values() for value in values)]


def _leaf(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _together(type_: Type | None, values: list[Any]) -> Any:
    """Tuples as tuples, records as dicts, from leaves in order."""
    remaining = iter(values)

    def build(part: Type) -> Any:
        if isinstance(part, TupleType):
            return tuple(build(item) for item in part.items)
        if isinstance(part, RecordType):
            return {name: build(t) for name, t in part.fields}
        value = next(remaining)
        return bool(value) if isinstance(part, ScalarType) and part.name == "bool" else value

    return None if type_ is None else build(type_)


# --- Python --------------------------------------------------------------------------------------


def _reduction(whole: Any) -> Any:
    """A reduction of an array or of a generator."""

    def call(*arguments: Any, **keywords: Any) -> Any:
        if isinstance(arguments[0], types.GeneratorType):
            return whole(np.array(list(arguments[0])), **keywords)
        return whole(arguments[0], **keywords)

    return call


def _least_or_largest(whole: Any, pair: Any) -> Any:
    reduction = _reduction(whole)
    return lambda *a, **k: pair(*a) if len(a) == 2 else reduction(*a, **k)


class _ScalarName:
    """`f64` and its kin: conversions, and subscripts of annotations."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype

    def __call__(self, value: Any) -> Any:
        return self.dtype(np.trunc(value) if self.dtype in (np.int64, np.int32) else value)


def _clip(x: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(x, low), high)


_SAME_IN_NUMPY = (
    "exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "cbrt", "sin", "cos", "tan",
    "sinh", "cosh", "tanh", "hypot", "copysign", "where", "isnan", "isinf", "isfinite",
    "logaddexp", "floor", "ceil", "round", "abs", "sign", "dot", "zeros", "ones", "full",
)  # fmt: skip

NAMES: dict[str, Any] = {
    **{name: getattr(np, name) for name in _SAME_IN_NUMPY},
    "softplus": lambda x: np.logaddexp(0.0, x),
    "sigmoid": special.expit,
    "erf": special.erf,
    "erfc": special.erfc,
    "lgamma": special.gammaln,
    "digamma": special.digamma,
    "polygamma": special.polygamma,
    "rsqrt": lambda x: 1.0 / np.sqrt(x),
    "relu": lambda x: np.where(x <= 0.0, 0.0, x),
    "clip": _clip,
    "pow": np.power,
    "atan2": np.arctan2,
    "sum": _reduction(np.sum),
    "prod": _reduction(np.prod),
    "mean": _reduction(np.mean),
    "any": _reduction(np.any),
    "all": _reduction(np.all),
    "logsumexp": _reduction(special.logsumexp),
    "max": _least_or_largest(np.max, np.maximum),
    "min": _least_or_largest(np.min, np.minimum),
    "f64": _ScalarName(np.float64),
    "f32": _ScalarName(np.float32),
    "i64": _ScalarName(np.int64),
    "i32": _ScalarName(np.int32),
    "range": builtins.range,
    "pi": math.pi,
    "inf": math.inf,
    "nan": math.nan,
    "copy_of": copy.deepcopy,
    "np": np,
}


class _Values(ast.NodeTransformer):
    """Value semantics, arrays from comprehensions, dimension names from annotations."""

    def __init__(self, classes: dict[str, ast.ClassDef]) -> None:
        self.classes = classes

    def _copied(self, node: ast.expr) -> ast.expr:
        call = ast.Call(ast.Name("copy_of", ast.Load()), [node], [])
        return ast.copy_location(call, node)

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        self.generic_visit(node)
        if isinstance(node.value, ast.Tuple):
            node.value.elts = [self._copied(e) for e in node.value.elts]
        else:
            node.value = self._copied(node.value)
        return node

    def visit_For(self, node: ast.For) -> ast.For:
        self.generic_visit(node)
        node.iter = self._copied(node.iter)
        return node

    def visit_List(self, node: ast.List) -> ast.expr:
        self.generic_visit(node)
        return _as_array(node)

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        self.generic_visit(node)
        element: ast.expr = node.elt
        for generator in reversed(node.generators):
            element = _as_array(ast.ListComp(element, [generator]))
        return ast.copy_location(element, node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        text = "".join(f"{a.arg} = copy_of({a.arg})\n" for a in node.args.args)
        for argument in node.args.args:
            text += "".join(self._dimensions(argument.arg, argument.annotation))
        node.body[:0] = ast.parse(text).body
        return node

    def _dimensions(self, name: str, annotation: ast.expr | None) -> list[str]:
        if isinstance(annotation, ast.Call):  # `Model(d)`, where the record says `d` too
            annotation = annotation.func
        if isinstance(annotation, ast.Name) and annotation.id in self.classes:
            fields = self.classes[annotation.id].body
            found: list[str] = []
            for field in fields:
                assert isinstance(field, ast.AnnAssign)
                assert isinstance(field.target, ast.Name)
                found += self._dimensions(f"{name}.{field.target.id}", field.annotation)
            return found
        if not isinstance(annotation, ast.Subscript) or ast.unparse(annotation.value) == "Callable":
            return []
        inside = annotation.slice
        extents = list(inside.elts) if isinstance(inside, ast.Tuple) else [inside]
        return [
            f"{extent.id} = {name}.shape[{axis}]\n"
            for axis, extent in enumerate(extents)
            if isinstance(extent, ast.Name)
        ]


def _as_array(node: ast.expr) -> ast.expr:
    function = ast.Attribute(ast.Name("np", ast.Load()), "array", ast.Load())
    return ast.Call(function, [node], [])


def by_python(
    text: str, arguments: dict[str, Any], name: str = "f", names: dict[str, Any] = NAMES
) -> Any:
    """The result of executing the program's text as Python with these built-ins."""
    tree = ast.parse(text)
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    tree.body = [node for node in tree.body if not isinstance(node, ast.ClassDef)]
    tree = ast.fix_missing_locations(_Values(classes).visit(tree))
    code = compile(tree, "test.dp", "exec", flags=__future__.annotations.compiler_flag)
    namespace = dict(names)
    for class_name, node in classes.items():
        fields = [f.target.id for f in node.body if isinstance(f, ast.AnnAssign)]  # type: ignore[union-attr]
        namespace[class_name] = make_dataclass(class_name, fields)
    exec(code, namespace)
    function = namespace[name]
    hints = function.__annotations__
    given = {k: _record(namespace, hints[k], v) for k, v in copy.deepcopy(arguments).items()}
    with np.errstate(all="ignore"):
        return _plain(function(**given))


def _record(namespace: dict[str, Any], hint: str, value: Any) -> Any:
    """A dict as the record that the annotation names."""
    return namespace[hint.split("(")[0]](**value) if isinstance(value, dict) else value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


def assert_same(found: Any, expected: Any, rtol: float = 1e-12) -> None:
    """Equal trees of numbers up to rounding."""
    if isinstance(expected, tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other, rtol)
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key, other in expected.items():
            assert_same(found[key], other, rtol)
    else:
        assert np.shape(found) == np.shape(expected)
        actual = np.asarray(found, dtype=np.float64)
        np.testing.assert_allclose(actual, np.asarray(expected, np.float64), rtol=rtol, atol=1e-300)


def agree(text: str, arguments: dict[str, Any], rtol: float = 1e-12) -> Program:
    """Both levels give what Python gives."""
    program = Program(text)
    expected = by_python(text, arguments)
    assert_same(program.at_array(arguments), expected, rtol)
    assert_same(program.at_loops(arguments), expected, rtol)
    return program
