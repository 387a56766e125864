"""Arrays made, put together, and their elements moved."""

from tests.generator.family import Family
from tests.generator.scope import Scope, Shape
from tests.generator.statements import Writer


def _moved(w: Writer, scope: Scope, shape: Shape, depth: int) -> str:
    """Elements moved, or summed up on the way."""
    inner, extent = w.array(scope, shape, depth), shape[0]
    axis = w.choose(["", ", axis=0", ", axis=-1"])
    forms = [f"flip({inner}{axis})", f"roll({inner}, {w.integer(scope)}{axis})"]
    forms += [
        f"softmax({inner})",
        f"tanh(cumsum({inner}{axis}))",
        f"concat({inner}, {inner})[:{extent}]",
    ]
    forms += [
        f"repeat({inner}, 2, axis=0)[::2]",
        f"pad({inner}, 1)[{', '.join(['1:-1'] * len(shape))}]",
    ]
    forms.append(f"stack({inner}, cos({inner}))[{w.choose(['0', '1', '-1'])}]")
    forms.append(f"tanh(cumprod(sin({inner}){axis}))")
    forms.append(f"reshape({inner}, {'(n,)' if shape == ('n',) else f'({chr(44).join(shape)},)'})")
    if len(shape) == 1:
        forms.append(f"tile({inner}, 2)[{extent}:]")
        forms.append(f"diag(diag({inner}))")
        forms.append(f"linspace({w.bounded(scope, 0)}, {w.bounded(scope, 0)}, {extent})")
        forms.append(f"sin(arange({extent}) * {w.bounded(scope, 0)})")
    else:
        one = f"sin({w.array(scope, ('n',), 0)})"
        forms += [f"outer({one}, {w.array(scope, ('m',), 0)})", f"transpose({inner}).T"]
        forms += [f"tril({inner})", f"triu({inner}, 1)", f"concat({inner}, {inner}, axis=1)[:, :m]"]
        forms += [
            f"eye(n, m) * {w.bounded(scope, 0)}",
            f"ones_like({inner}) * {w.bounded(scope, 0)}",
        ]
    return w.choose(forms)


def _chosen(w: Writer, scope: Scope, shape: Shape, depth: int) -> str:
    """One of two arrays, element by element."""
    left, right = w.array(scope, shape, depth), w.array(scope, shape, 0)
    condition = f"{w.atom(right)} < {w.float(scope, 0)}"
    if shape == ("n",) and scope.permutations:
        condition = w.choose([condition, f"{w.choose(scope.permutations)} % 2 == 0"])
    return f"where({condition}, {left}, {right})"


def _whole(w: Writer, scope: Scope, depth: int) -> str | None:
    """A float of arrays put together."""
    if ("n",) not in w.shapes:
        return None
    x, y = w.array(scope, ("n",), depth), w.array(scope, ("n",), 0)
    forms = [f"trace(outer({x}, sin({y})))", f"sum(kron(sin({x}), cos({y})))"]
    forms += [f"dot(concat({x}, {y}), sin(concat({y}, {x})))", f"mean(pad({x}, 2, 0.5))"]
    forms += [f"norm(1.5 + sin(stack({x}, {y})))", f"sum(sin(tile({x}, (2, 3))))"]
    cross = "cross([{0}, {1}, 0.5], [{1}, 1.0, {0}])[{2}]"
    one, other = w.bounded(scope, 0), w.bounded(scope, 0)
    forms.append(cross.format(one, other, w.choose(["0", "1", "2"])))
    forms.append(f"sum(tril(outer({x}, sin({y}))) @ {w.atom(y)})")
    return w.choose(forms)


ARRANGING = Family("arranging", floats=(_whole,), arrays=(_moved, _moved, _chosen))
