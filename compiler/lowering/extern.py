"""C functions at the loops level: a function that calls one.

The arguments of the C function: the parameters in order, an array as its address followed by its
extents; then each array of the result, as its address followed by its extents. A scalar result is
returned.
"""

from dpc.compiler.dialects import extern, func
from dpc.compiler.dialects.arith import Constant
from dpc.compiler.ir.builder import Builder
from dpc.compiler.ir.core import Block, Function, Parameter, Value
from dpc.compiler.ir.types import INDEX, MemRefType, Type
from dpc.compiler.lowering.ir_types import element_type, static_shape
from dpc.compiler.lowering.signature import extents_of
from dpc.dsl import typed
from dpc.dsl.types import ArrayType, ScalarType, leaves


def extern_function(function: typed.Function) -> Function:
    """The function that calls the C function."""
    made = _Made(function)
    assert function.extern is not None
    given: list[Value] = []
    for parameter in function.parameters:
        assert isinstance(parameter.type, ScalarType | ArrayType)
        given += (made.argument(parameter.name, "input", parameter.type),)
        given += made.extents(parameter.type)
    results = [] if function.result is None else [leaf.type for leaf in leaves(function.result)]
    arrays = [t for t in results if isinstance(t, ArrayType)]
    names = ["out"] if len(arrays) == 1 else [f"out.{i}" for i in range(len(arrays))]
    outputs = [made.argument(n, "output", t) for t, n in zip(arrays, names, strict=True)]
    sizes = tuple(e for t in arrays for e in made.extents(t))
    types = tuple(_type(t) for t in results if not isinstance(t, ArrayType))
    extern_ = function.extern
    call = extern.Call(
        extern_.path, extern_.symbol, extern_.pure, tuple(given), tuple(outputs), sizes, types
    )
    made.builder.add(func.Return(made.builder.add(call)))
    body = Block(tuple(made.arguments.values()), tuple(made.builder.ops))
    return Function(function.symbol, tuple(made.arguments), types, body, function.span)


class _Made:
    """The arguments so far, dimensions first, and a builder of the body."""

    def __init__(self, function: typed.Function) -> None:
        self.builder = Builder(function.span)
        self.sizes = {str(p): Value(INDEX, None, str(p)) for p in extents_of(function)}
        self.arguments = {Parameter(n, "dimension"): v for n, v in self.sizes.items()}

    def argument(self, name: str, role: str, type_: ScalarType | ArrayType) -> Value:
        """Another argument."""
        shape = type_.shape if isinstance(type_, ArrayType) else ()
        extents = tuple(e.value if e.value is not None else str(e) for e in shape)
        value = Value(_type(type_), None, name)
        self.arguments[Parameter(name, role, extents)] = value
        return value

    def extents(self, type_: ScalarType | ArrayType) -> list[Value]:
        """The extents of an array as values."""
        return [
            self.sizes[str(e)] if e.value is None else self.builder.emit(Constant(e.value, INDEX))
            for e in (type_.shape if isinstance(type_, ArrayType) else ())
        ]


def _type(type_: ScalarType | ArrayType) -> Type:
    if isinstance(type_, ArrayType):
        return MemRefType(static_shape(type_), element_type(type_.element))
    return element_type(type_)
