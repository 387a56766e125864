"""How often the constructs of the language appear in generated programs, where `main` reaches them.

A definition counts only if a chain of names leads to it from `main`, through modules too.
"""

import ast
from collections import Counter
from collections.abc import Callable, Iterator

from tests.generator.program import Program

Construct = Callable[[ast.AST], bool]
OPERATORS = ("grad", "value_and_grad", "jvp", "vjp", "jacobian", "hessian", "hvp")


def _name(node: ast.AST) -> str:
    """The function that a call names."""
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return node.func.id if named else ""  # type: ignore[attr-defined]


def _calls(*names: str) -> Construct:
    return lambda node: _name(node) in names


def _loops(name: str) -> Construct:
    """A loop over `name(...)`, or with that condition."""

    def found(node: ast.AST) -> bool:
        head = getattr(node, "iter", None) or getattr(node, "test", None)
        return isinstance(node, ast.For | ast.While) and _name(head or node) == name

    return found


def _is(*kinds: type[ast.AST]) -> Construct:
    return lambda node: isinstance(node, kinds)


def _nested_derivative(node: ast.AST) -> bool:
    """A derivative inside of what another one differentiates."""
    if _name(node) not in OPERATORS:
        return False
    inside = [n for n in ast.walk(node) if n is not node and _name(n) in OPERATORS]
    return bool(inside) or _name(node) in ("hessian", "hvp")


def _rule(node: ast.AST) -> bool:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return any(_name(d).startswith("custom_") for d in decorators)


def _changes_part(node: ast.AST) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    stores = isinstance(node, ast.Assign | ast.AugAssign)
    return stores and any(isinstance(t, ast.Subscript) for t in targets)


CONSTRUCTS: dict[str, Construct] = {
    "derivative": _calls(*OPERATORS),
    "nested derivative": _nested_derivative,
    "derivative rule": _rule,
    "parallel loop": _loops("parallel"),
    "checkpointed loop": _loops("checkpoint"),
    "for": _is(ast.For),
    "while": _is(ast.While),
    "break or continue": _is(ast.Break, ast.Continue),
    "branch": _is(ast.If),
    "conditional expression": _is(ast.IfExp),
    "comprehension": _is(ast.ListComp),
    "generator": _is(ast.GeneratorExp),
    "lambda": _is(ast.Lambda),
    "slice": _is(ast.Slice),
    "change of a part": _changes_part,
    "change in place": _is(ast.AugAssign),
    "matrix product": _is(ast.MatMult),
    "factorisation or solution": _calls("cholesky", "solve", "inv", "det", "logdet", "eigh", "svd"),
    "stop_gradient": _calls("stop_gradient"),
    "print": _calls("print"),
}


def constructs(program: Program) -> set[str]:
    """The constructs of a program, its modules included."""
    found: set[str] = set()
    for definition in _reached(program):
        nodes = list(ast.walk(definition))
        found |= {name for name, is_one in CONSTRUCTS.items() if any(map(is_one, nodes))}
    found |= {"recursion"} if _recurs(program) else set()
    return found | ({"own module"} if _imports(program) else set())


def table(programs: Iterator[Program]) -> str:
    """The share of programs that each construct appears in."""
    counts: Counter[str] = Counter()
    total = 0
    for program in programs:
        total += 1
        counts.update(constructs(program))
    rows = (f"{100 * times / total:5.1f} %  {name}\n" for name, times in counts.most_common())
    return "".join(rows)


def _definitions(program: Program) -> dict[str, list[ast.AST]]:
    """Functions, rules and constants by the names that lead to them."""
    found: dict[str, list[ast.AST]] = {}
    for text in (*program.modules.values(), program.text):
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                named = [ast.unparse(d.args[0]) for d in node.decorator_list if _rule(node)]  # type: ignore[attr-defined]
                for name in named or [node.name]:
                    found.setdefault(name, []).append(node)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    found.setdefault(alias.asname or alias.name, []).append(node)
    return found


def _used(node: ast.AST) -> set[str]:
    if isinstance(node, ast.ImportFrom):
        return {alias.name for alias in node.names}
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _reached(program: Program) -> list[ast.AST]:
    definitions, open_, seen = _definitions(program), ["main"], {"main"}
    found: list[ast.AST] = []
    while open_:
        for node in definitions.get(open_.pop(), []):
            found.append(node)
            new = _used(node) - seen
            seen |= new
            open_ += new
    return found


def _recurs(program: Program) -> bool:
    """A function that is reached leads back to itself."""
    plain = [n for n in _reached(program) if isinstance(n, ast.FunctionDef) and not _rule(n)]
    names = {n.name for n in plain}
    leads: dict[str, set[str]] = {n.name: _used(n) & names for n in plain}
    for _ in names:
        leads = {name: set().union(to, *(leads[t] for t in to)) for name, to in leads.items()}
    return any(name in to for name, to in leads.items())


def _imports(program: Program) -> bool:
    nodes = [n for n in _reached(program) if isinstance(n, ast.ImportFrom)]
    return any(n.module in program.modules for n in nodes)
