"""The typed tree: what `check` yields and lowering reads.

Invariants (what holds on exit of `check`):
- every name is resolved to a `Variable`, a function or a constant's value; constants are folded;
- every expression has its type; operands of an arithmetic node have one element type: every
  widening is an explicit `Convert`;
- elementwise nodes broadcast by NumPy's rules: shapes aligned at the right, an extent that is the
  constant 1 stretches; all other extents are equal as polynomials, or a `ShapeCheck` stands before
  the statement that needs them equal (then the node's type carries the left operand's extent);
- negative constant indices are already `extent - k`; every `Slice` has explicit start and stop;
- call arguments are complete, in parameter order, defaults filled in;
- every path of a function with a result returns; no variable is read before it is assigned.
"""

from dpc.dsl.typed.definitions import Binding, Function, Module, Parameter
from dpc.dsl.typed.expressions import (
    ArrayLiteral,
    At,
    Call,
    CompareChain,
    Comprehension,
    Conditional,
    Constant,
    Convert,
    Elementwise,
    Expr,
    Extent,
    Field,
    Fill,
    ForElement,
    ForRange,
    Guarded,
    Index,
    IndexItem,
    LiftedCall,
    MakeRecord,
    MakeTuple,
    MatMul,
    NewAxis,
    Range,
    Read,
    Reduce,
    ReduceGenerator,
    ShortCircuit,
    Slice,
    Transpose,
    Variable,
)
from dpc.dsl.typed.statements import (
    Assert,
    Assign,
    AugmentedAssign,
    BindExtent,
    Break,
    Continue,
    For,
    If,
    Place,
    Return,
    ShapeCheck,
    Stmt,
    While,
)

__all__ = [
    "ArrayLiteral",
    "Assert",
    "Assign",
    "At",
    "AugmentedAssign",
    "BindExtent",
    "Binding",
    "Break",
    "Call",
    "CompareChain",
    "Comprehension",
    "Conditional",
    "Constant",
    "Continue",
    "Convert",
    "Elementwise",
    "Expr",
    "Extent",
    "Field",
    "Fill",
    "For",
    "ForElement",
    "ForRange",
    "Function",
    "Guarded",
    "If",
    "Index",
    "IndexItem",
    "LiftedCall",
    "MakeRecord",
    "MakeTuple",
    "MatMul",
    "Module",
    "NewAxis",
    "Parameter",
    "Place",
    "Range",
    "Read",
    "Reduce",
    "ReduceGenerator",
    "Return",
    "ShapeCheck",
    "ShortCircuit",
    "Slice",
    "Stmt",
    "Transpose",
    "Variable",
    "While",
]
