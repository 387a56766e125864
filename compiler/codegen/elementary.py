"""Elementary and special functions of floats, by name, for scalars and vectors.

With `kernels` (math="fast") a function that has a kernel is computed by it, free of branches;
every other is C's or a support routine, on vectors lane by lane. A vector's lanes have the bits of
the scalar function.
"""

from dpc.compiler.codegen.kernels.table import KERNELS, PURE
from dpc.compiler.codegen.kernels.writer import KernelWriter
from dpc.compiler.codegen.support import libm_declaration
from dpc.compiler.codegen.text import UNLIKELY, ModuleText

UNARY_LIBRARY = (
    "exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "cbrt", "sin", "cos", "tan", "asin",
    "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "lgamma",
)  # fmt: skip
UNARY_SUPPORT = ("sigmoid", "softplus", "digamma", "sign")
UNARY = (*UNARY_LIBRARY, *UNARY_SUPPORT)
LIBRARY = {**{name: name for name in (*UNARY_LIBRARY, "atan2", "hypot")}, "powf": "pow"}
BINARY = frozenset({"atan2", "powf", "hypot", "logaddexp", "floormod"})
SUFFIXES = {"double": "f64", "float": "f32"}
LLVM_WIDTHS = (2, 4, 8)  # of the vectors LLVM's vectoriser makes of f64


def exact(module: ModuleText, name: str) -> str:
    """The symbol of the f64 function that is no kernel: C's, or a support routine."""
    if name in LIBRARY:
        module.declare(LIBRARY[name], libm_declaration(LIBRARY[name]))
        return LIBRARY[name]
    module.need(f"dp.{name}")
    return f"dp.{name}"


def routine(module: ModuleText, name: str, element: str, width: int = 1) -> str:
    """The symbol of `T f(T, ...)`, where T is `element` ("double" or "float") or `<width x
    element>`. The module has the definition.
    """
    kernel = module.kernels and name in KERNELS
    if not kernel and width == 1 and element == "double":
        return exact(module, name)
    lanes = "" if width == 1 else f"v{width}"
    symbol = f"dp.{name}.{lanes}{SUFFIXES[element]}"
    if symbol not in module.definitions:
        module.definitions[symbol] = ""  # what it needs comes behind
        if element == "float":
            text = _narrow(module, symbol, name, width)
        elif kernel:
            text = _kernel(module, symbol, name, width)
        else:
            text = _lane_by_lane(module, symbol, name, width)
        module.definitions[symbol] = text
    return symbol


def _vector(element: str, width: int) -> str:
    return element if width == 1 else f"<{width} x {element}>"


def _parameters(name: str) -> tuple[str, ...]:
    return ("%x", "%y") if name in BINARY else ("%x",)


def _function(symbol: str, type_: str, name: str, lines: list[str], attributes: str) -> str:
    listed = ", ".join(f"{type_} {p}" for p in _parameters(name))
    head = f"define internal {type_} @{symbol}({listed}) {PURE} {attributes} {{"
    return "\n".join([head, *lines, "}"])


def _narrow(module: ModuleText, symbol: str, name: str, width: int) -> str:
    """f32 by way of f64, rounded once."""
    type_, wide = _vector("float", width), _vector("double", width)
    inner = routine(module, name, "double", width)
    parameters = _parameters(name)
    lines = [f"  {p}.wide = fpext {type_} {p} to {wide}" for p in parameters]
    listed = ", ".join(f"{wide} {p}.wide" for p in parameters)
    lines += [
        f"  %wide = call {wide} @{inner}({listed})",
        f"  %narrow = fptrunc {wide} %wide to {type_}",
        f"  ret {type_} %narrow",
    ]
    return _function(symbol, type_, name, lines, "alwaysinline")


def _kernel(module: ModuleText, symbol: str, name: str, width: int) -> str:
    """The kernel; where an argument is too far for it, C's function, lane by lane."""
    kernel, k = KERNELS[name], KernelWriter(width, module.fuses)
    before: list[str] = []
    if kernel.far is not None:
        branch = _far(module, k, name, kernel.far(k, "%x"))
        before, k.lines = [*k.lines, *branch], []
    result = kernel.body(k, *_parameters(name))
    for declared, text in k.declarations.items():
        module.declare(declared, text)
    body = [*before, *k.lines, f"  ret {k.float} {result}"]
    return _function(symbol, k.float, name, body, "alwaysinline")


def _far(module: ModuleText, k: KernelWriter, name: str, far: str) -> list[str]:
    """The branch to C's function where any lane is far. Lanes that are not take the kernel there
    too, so that no lane depends on the others.
    """
    if k.width == 1:
        callee, attribute, some = _distant(module, name), _variants(module, name), far
    else:
        callee, attribute = f"dp.{name}.far.v{k.width}", ""
        module.definitions[callee] = _lane_by_lane(module, callee, name, k.width)
        some = _any(module, k, far)
    return [
        f"  br i1 {some}, label %far, label %near{UNLIKELY}",
        "far:",
        f"  %distant = call {k.float} @{callee}({k.float} %x){attribute}",
        f"  ret {k.float} %distant",
        "near:",
    ]


def _any(module: ModuleText, k: KernelWriter, mask: str) -> str:
    """Whether a bit is set."""
    reduction = f"llvm.vector.reduce.or.v{k.width}i1"
    module.declare(reduction, f"declare i1 @{reduction}({k.bit})")
    return k.emit(f"call i1 @{reduction}({k.bit} {mask})")


def _distant(module: ModuleText, name: str) -> str:
    """C's function under a name of our own, of which LLVM assumes nothing."""
    symbol = f"dp.{name}.distant"
    lines = [f"  %r = call double @{exact(module, name)}(double %x)", "  ret double %r"]
    module.definitions[symbol] = _function(symbol, "double", name, lines, "noinline")
    return symbol


def _variants(module: ModuleText, name: str) -> str:
    """Masked vector forms of `_distant`, by which LLVM vectorises loops around it: they go over the
    lanes if any is far. The attribute of the call that names them.
    """
    listed = []
    for width in LLVM_WIDTHS:
        symbol = f"dp.{name}.distant.v{width}"
        module.definitions[symbol] = _masked(module, symbol, name, width)
        module.kept[symbol] = None
        listed.append(f"_ZGV_LLVM_M{width}v_dp.{name}.distant({symbol})")
    return f' "vector-function-abi-variant"="{",".join(listed)}"'


def _masked(module: ModuleText, symbol: str, name: str, width: int) -> str:
    k = KernelWriter(width, module.fuses)
    some = _any(module, k, "%mask")
    return f"""\
define internal {k.float} @{symbol}({k.float} %x, {k.bit} %mask) {PURE} noinline {{
entry:
{k.lines[0]}
  br i1 {some}, label %head, label %none
none:
  ret {k.float} %x
head:
  %i = phi i64 [ 0, %entry ], [ %next, %head ]
  %all = phi {k.float} [ %x, %entry ], [ %more, %head ]
  %far = extractelement {k.bit} %mask, i64 %i
  %given = extractelement {k.float} %x, i64 %i
  %lane = select i1 %far, double %given, double 0.0
  %result = call double @dp.{name}.distant(double %lane)
  %more = insertelement {k.float} %all, double %result, i64 %i
  %next = add i64 %i, 1
  %done = icmp eq i64 %next, {width}
  br i1 %done, label %end, label %head
end:
  ret {k.float} %more
}}"""


def _lane_by_lane(module: ModuleText, symbol: str, name: str, width: int) -> str:
    """The scalar function of each lane."""
    type_, scalar = _vector("double", width), routine(module, name, "double")
    lines, result = [], "poison"
    for lane in range(width):
        operands = []
        for p in _parameters(name):
            lines.append(f"  {p}.{lane} = extractelement {type_} {p}, i64 {lane}")
            operands.append(f"double {p}.{lane}")
        lines.append(f"  %r.{lane} = call double @{scalar}({', '.join(operands)}) noinline")
        lines.append(f"  %v.{lane} = insertelement {type_} {result}, double %r.{lane}, i64 {lane}")
        result = f"%v.{lane}"
    return _function(symbol, type_, name, [*lines, f"  ret {type_} {result}"], "noinline")
