"""Typed functions and modules."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from dpc.dsl.shapes import Poly
from dpc.dsl.source import Source, Span
from dpc.dsl.typed.expressions import Constant, Expr, Variable
from dpc.dsl.typed.statements import Stmt
from dpc.dsl.types import RecordType, Type


@dataclass(frozen=True, slots=True)
class Binding:
    """How a dimension variable gets its value at a call: solve `coefficient * name + rest` =
    extent of axis `axis` of leaf `leaf` of parameter `parameter`; `rest` uses earlier dimensions
    only. coefficient is 1 where the dimension stands alone. parameter "" : bound to an integer
    parameter of that very name.
    """

    name: str
    parameter: str
    leaf: tuple[str | int, ...]
    axis: int
    coefficient: int = 1
    rest: Poly = field(default_factory=lambda: Poly.constant(0))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function: its variable, and its default (a `Constant`) if any."""

    variable: Variable
    default: Constant | None

    @property
    def name(self) -> str:
        """The parameter's name."""
        return self.variable.name

    @property
    def type(self) -> Type:
        """The parameter's declared type."""
        return self.variable.type


@dataclass(frozen=True, slots=True)
class Rule:
    """What replaces the derivative of a function.

    mode "jvp": `function` takes the parameters, then a tangent for each that holds floats; it
    returns the result and its tangent. mode "vjp": it takes the parameters, the items of the
    result, and a cotangent for each of these that holds floats; it returns a cotangent for each
    parameter that holds floats, in a tuple if there are several. Its dimensions are the function's.
    """

    mode: str
    function: "Function"


@dataclass(frozen=True, slots=True)
class Extern:
    """A C function: the file that the loader finds it in ("": the process), its name there. `pure`:
    equal arguments give equal results, and nothing else happens.
    """

    path: str
    symbol: str
    pure: bool


@dataclass(eq=False, slots=True)
class Function:
    """A checked function.

    `bindings` are in the order in which they can be solved; every extent of every parameter that
    is not itself solved for is checked at entry to equal its polynomial. `record_dimensions`: a
    bare record parameter's own dimensions are fresh dimension variables named `p.d`. `module`: the
    imported module it is defined in, "" in the program's own file. `result_dimensions`: dimensions
    that only the result has; the value returned determines them. `rule`: its own derivative;
    `extern`: the C function that it is, without a body.
    """

    name: str
    span: Span
    doc: str | None
    parameters: tuple[Parameter, ...]
    result: Type | None
    bindings: tuple[Binding, ...]
    body: tuple[Stmt, ...] = ()
    result_span: Span | None = None
    module: str = ""
    result_dimensions: tuple[str, ...] = ()
    rule: Rule | None = None
    extern: Extern | None = None

    @property
    def symbol(self) -> str:
        """Its name among all functions of the program."""
        return f"{self.module}.{self.name}" if self.module else self.name

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.parameters)


@dataclass(frozen=True, slots=True)
class GenericParameter:
    """A parameter of a function with type variables: the variable its type is made of (None for
    others), whether it is the variable itself or an array of it, the type as written.
    """

    name: str
    variable: str | None
    whole: bool
    text: str


@dataclass(frozen=True, slots=True)
class Generic:
    """A function with type variables; `specialised` is the function for given types of these, or
    raises `CompileError`. `result` is the result's type as written.
    """

    name: str
    doc: str | None
    parameters: tuple[GenericParameter, ...]
    result: str
    specialised: Callable[[Mapping[str, Type]], Function]


@dataclass(eq=False, slots=True)
class Module:
    """A checked module.

    `functions` are its own, `imports` the functions it imports by their names here; `records` and
    `constants` hold both kinds; constants are made of `Constant`, `ConstantArray`,
    `MakeRecord` and `MakeTuple`. `sources`: every text it was made from, its own first.
    `higher_order` are the names of the functions that take functions or have type variables: they
    exist only specialised. `generics` are those among them that take no functions.
    """

    source: Source
    doc: str | None
    functions: dict[str, Function]
    records: dict[str, RecordType]
    constants: dict[str, Expr]
    imports: dict[str, Function] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    higher_order: frozenset[str] = frozenset()
    generics: dict[str, Generic] = field(default_factory=dict)
