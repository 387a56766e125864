"""Sums of products by axis labels: einsum and the products of matrices that are made of it.

Every operand is seen with the axes of all labels, the product of these views is summed over the
labels that the result does not have. Nothing is stored in between.
"""

from collections.abc import Sequence

from dpc.dsl import typed
from dpc.dsl.check.broadcast import labelled, require_equal, shape_text
from dpc.dsl.check.context import Body, Operand
from dpc.dsl.check.convert import constant, elementwise, join, meet, number
from dpc.dsl.check.rearranging import Indices, view
from dpc.dsl.errors.shapes import ShapeMismatch
from dpc.dsl.shapes import ONE, Poly
from dpc.dsl.source import Span
from dpc.dsl.types import I64, ArrayType, ScalarType, shape_of, with_shape

Labels = tuple[str, ...]
Term = tuple[Operand, Labels]


def stretches(label: str) -> bool:
    """Labels that start with a dot belong to batches: their extent 1 broadcasts."""
    return label.startswith(".")


def contract(body: Body, terms: Sequence[Term], output: Labels, span: Span, name: str) -> Operand:
    """The sum of the operands' products over every label that is not in `output`."""
    extents = _extents(body, terms, span, name)
    summed = tuple(label for label in extents if label not in output)
    every = output + summed
    found, weak = join(body, [operand for operand, _ in terms], span)
    common = number(found)
    shape = tuple(extents[label] for label in every)
    parts = [(meet(body, operand, common), labels) for operand, labels in terms]
    if common.is_float and _is_matrix_product(terms, output):
        made = ArrayType(common, tuple(extents[label] for label in output))
        return Operand(_matmul(parts, output, made, span), weak)
    product: typed.Expr | None = None
    for expr, labels in parts:
        part = _spread(body, Operand(expr), labels, every, extents, span)
        if product is None:
            product = part
        else:
            assert isinstance(product.type, (ScalarType, ArrayType))
            assert isinstance(part.type, (ScalarType, ArrayType))
            type_ = with_shape(common, shape_of(product.type) or shape_of(part.type))
            product = elementwise(body, "mul", (product, part), type_, span)
    assert product is not None
    if not summed:
        return Operand(product, weak)
    total = typed.Reduce(
        type=with_shape(common, shape[: len(output)]),
        span=span,
        kind="sum",
        operand=product,
        axes=tuple(range(len(output), len(every))),
    )
    return Operand(total, weak)


def _is_matrix_product(terms: Sequence[Term], output: Labels) -> bool:
    """True for two matrices with one axis in common, which is summed."""
    if [len(labels) for _, labels in terms] != [2, 2] or len(output) != 2:
        return False
    (_, first), (_, second) = terms
    four = (*first, *second)
    shared = set(first) & set(second)
    return (
        len(shared) == 1
        and len(set(four)) == 3
        and set(output) == set(four) - shared
        and not any(stretches(label) for label in four)
    )


def _matmul(
    parts: Sequence[tuple[typed.Expr, Labels]], output: Labels, type_: ArrayType, span: Span
) -> typed.Expr:
    """`a @ b`, factors transposed as the labels say."""
    left, right = parts if output[0] in parts[0][1] else parts[::-1]
    return typed.MatMul(
        type=type_,
        span=span,
        left=_led_by(*left, output[0]),
        right=_led_by(*right, next(x for x in right[1] if x != output[1])),
    )


def _led_by(expr: typed.Expr, labels: Labels, first: str) -> typed.Expr:
    """The matrix, transposed unless that label is its first axis."""
    if labels[0] == first:
        return expr
    assert isinstance(expr.type, ArrayType)
    type_ = ArrayType(expr.type.element, expr.type.shape[::-1])
    return typed.Transpose(type=type_, span=expr.span, operand=expr)


def _extents(body: Body, terms: Sequence[Term], span: Span, name: str) -> dict[str, Poly]:
    """The extent of each label, in order of first appearance."""
    extents: dict[str, Poly] = {}
    owners: dict[str, Operand] = {}
    for operand, labels in terms:
        for axis, (label, extent) in enumerate(zip(labels, _shape(operand), strict=True)):
            known = extents.get(label)
            if known is None or (stretches(label) and known == ONE):
                extents[label], owners[label] = extent, operand
                continue
            if stretches(label) and extent == ONE:
                continue
            note = f"axis {axis} of `{operand.text}` and its partner in `{owners[label].text}`"
            if not require_equal(body, known, extent, span, note):
                raise body.error(
                    ShapeMismatch(
                        span=span,
                        what=f"`{name}`",
                        left=shape_text(_shape(owners[label])),
                        right=shape_text(_shape(operand)),
                        equation=f"{known} == {extent}",
                        also=labelled((owners[label], operand), span),
                    )
                )
    return extents


def _shape(operand: Operand) -> tuple[Poly, ...]:
    assert isinstance(operand.type, (ScalarType, ArrayType))
    return shape_of(operand.type)


def _spread(
    body: Body,
    operand: Operand,
    labels: Labels,
    every: Labels,
    extents: dict[str, Poly],
    span: Span,
) -> typed.Expr:
    """An operand with an axis for every label; a label it has twice is its diagonal."""
    shape = _shape(operand)
    whole = tuple(extents[label] for label in every)
    if not labels or (labels == every and shape == whole):
        return operand.expr

    def locate(i: Indices) -> Indices:
        return [
            constant(0, I64, span)
            if shape[axis] == ONE and extents[label] != ONE
            else i[every.index(label)]
            for axis, label in enumerate(labels)
        ]

    return view(body, operand, whole, locate, span, repeats=True).expr


def matrix_product(body: Body, left: Operand, right: Operand, span: Span, name: str) -> Operand:
    """`@`: matrices in the last two axes, the axes before them broadcast; vectors have one axis."""
    a, b = len(_shape(left)), len(_shape(right))
    batch = tuple(f".{k}" for k in range(max(a, b) - 2, 0, -1))
    of_left = (*batch[len(batch) - (a - 2) :], "i", "k") if a > 1 else ("k",)
    of_right = (*batch[len(batch) - (b - 2) :], "k", "j") if b > 1 else ("k",)
    output = (*batch, *of_left[-2:-1], *(of_right[-1:] if b > 1 else ()))
    return contract(body, ((left, of_left), (right, of_right)), output, span, name)


def dot_product(body: Body, left: Operand, right: Operand, span: Span, name: str) -> Operand:
    """`dot`: left's last axis with right's last but one (or only one), all others kept."""
    a, b = len(_shape(left)), len(_shape(right))
    of_left = (*(f"l{k}" for k in range(a - 1)), "k")
    kept = tuple(f"r{k}" for k in range(b - 1))
    of_right = (*kept[:-1], "k", *kept[-1:])
    return contract(body, ((left, of_left), (right, of_right)), of_left[:-1] + kept, span, name)
