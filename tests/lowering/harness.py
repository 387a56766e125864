"""Runs a program three ways: by Python over NumPy, at the array level, at the loops level."""

import copy
from typing import Any

import numpy as np

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
from tests.semantics.python import by_python


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
