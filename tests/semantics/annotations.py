"""What the annotations of a program say: records, aliases, dimensions."""

import ast
from collections.abc import Mapping

_SCALARS = {"f64", "f32", "real", "i64", "i32", "bool"}


class Annotations:
    """The records and aliases of a module, by name, with those that it imports from `modules`."""

    def __init__(self, tree: ast.Module, modules: Mapping[str, str]) -> None:
        self.fields: dict[str, dict[str, ast.expr]] = {}
        self.aliases: dict[str, ast.expr] = {}
        for node in tree.body:
            if isinstance(node, ast.ImportFrom):
                self._take(node, Annotations(ast.parse(modules[node.module or ""]), modules))
            elif isinstance(node, ast.ClassDef):
                self.fields[node.name] = {
                    f.target.id: f.annotation
                    for f in node.body
                    if isinstance(f, ast.AnnAssign) and isinstance(f.target, ast.Name)
                }
            elif self.is_alias(node):
                assert isinstance(node, ast.Assign)
                target = node.targets[0]
                assert isinstance(target, ast.Name)
                self.aliases[target.id] = node.value

    def _take(self, node: ast.ImportFrom, other: "Annotations") -> None:
        for alias in node.names:
            name = alias.asname or alias.name
            if alias.name in other.fields:
                self.fields[name] = other.fields[alias.name]
            elif alias.name in other.aliases:
                self.aliases[name] = other.aliases[alias.name]

    def is_alias(self, node: ast.stmt) -> bool:
        """`Vector = f64[n]`, `Small = Model(3)`, `Many = Small[10]`, `Both = (f64, f64[n])`."""
        return isinstance(node, ast.Assign) and self._is_type(node.value)

    def _is_type(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Tuple):
            return all(self._is_type(e) for e in node.elts)
        if isinstance(node, ast.Call):
            return self._is_record_name(node.func) and not node.keywords
        if isinstance(node, ast.Subscript):
            return self._is_type(node.value)
        names = {*_SCALARS, *self.fields, *self.aliases}
        return isinstance(node, ast.Name) and node.id in names

    def _is_record_name(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self.fields

    def resolved(self, annotation: ast.expr) -> ast.expr:
        """The annotation that an alias stands for."""
        while isinstance(annotation, ast.Name) and annotation.id in self.aliases:
            annotation = self.aliases[annotation.id]
        return annotation

    def record_of(self, annotation: ast.expr) -> str | None:
        """The record's name in `Model`, `Model(d)`, `Model(d)[n]`."""
        annotation = self.resolved(annotation)
        while isinstance(annotation, ast.Subscript | ast.Call):
            subscript = isinstance(annotation, ast.Subscript)
            inner = annotation.value if subscript else annotation.func  # type: ignore[union-attr]
            annotation = self.resolved(inner)
        known = isinstance(annotation, ast.Name) and annotation.id in self.fields
        return annotation.id if known else None  # type: ignore[attr-defined]

    def is_callable(self, annotation: ast.expr | None) -> bool:
        return isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "Callable"

    def is_of_scalars(self, node: ast.FunctionDef) -> bool:
        """Parameters and result are scalars."""
        annotations = [a.annotation for a in node.args.args] + [node.returns]
        return len(annotations) > 1 and all(
            isinstance(a, ast.Name) and a.id in _SCALARS for a in annotations
        )

    def parameters(self, record: str) -> list[str]:
        """The dimension variables of a record, in order of first appearance."""
        found: list[str] = []
        for annotation in self.fields[record].values():
            for extent in self._extents(self.resolved(annotation)):
                for node in ast.walk(extent):
                    if isinstance(node, ast.Name) and node.id not in found:
                        found.append(node.id)
        return found

    def _extents(self, annotation: ast.expr) -> list[ast.expr]:
        """The extents, and the dimensions given to a record."""
        if isinstance(annotation, ast.Call):
            return annotation.args
        if not isinstance(annotation, ast.Subscript) or self.is_callable(annotation):
            return []
        inside = annotation.slice
        own = list(inside.elts) if isinstance(inside, ast.Tuple) else [inside]
        return [*self._extents(annotation.value), *own]

    def places(self, name: str, annotation: ast.expr) -> list[tuple[ast.expr, str]]:
        """Extents with the expression of their value, in an argument called `name`."""
        annotation = self.resolved(annotation)
        record = self.record_of(annotation)
        if record is None:
            extents = self._extents(annotation)
            return [(extent, f"{name}.shape[{axis}]") for axis, extent in enumerate(extents)]
        found: list[tuple[ast.expr, str]] = []
        in_array = isinstance(annotation, ast.Subscript)
        if isinstance(annotation, ast.Subscript):
            found.append((annotation.slice, f"len({name})"))
            annotation = self.resolved(annotation.value)
        given = annotation.args if isinstance(annotation, ast.Call) else []
        renamed = dict(zip(self.parameters(record), given, strict=False))
        for field, part in self.fields[record].items():
            for extent, value in self.places(f"{name}.{field}", part):
                if in_array:  # columns have the array's axis in front
                    value = value.replace(".shape[", ".shape[1 + ")
                if isinstance(extent, ast.Name) and extent.id in renamed:
                    extent = renamed[extent.id]
                found.append((extent, value))
        return found


def dimension_text(annotations: Annotations, node: ast.FunctionDef) -> str:
    """Statements that give a function's dimension names their values."""
    taken = {a.arg for a in node.args.args}
    lines: dict[str, str] = {}
    for argument in node.args.args:
        if argument.annotation is None or annotations.is_callable(argument.annotation):
            continue
        for extent, value in annotations.places(argument.arg, argument.annotation):
            names = {n.id for n in ast.walk(extent) if isinstance(n, ast.Name)} - taken
            if len(names) == 1:
                (name,) = names
                alone = isinstance(extent, ast.Name)
                if alone or name not in lines:
                    lines[name] = f"{name} = {_solved(extent, name, value)}\n"
    return "".join(lines.values())


def _solved(extent: ast.expr, name: str, value: str) -> str:
    """The name's value where a linear extent has that value."""
    if isinstance(extent, ast.Name):
        return value
    text = ast.unparse(extent)
    rest = f"eval({text!r}, {{{name!r}: 0}})"
    slope = f"(eval({text!r}, {{{name!r}: 1}}) - {rest})"
    return f"({value} - {rest}) // {slope}"
