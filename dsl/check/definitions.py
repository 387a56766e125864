"""Records and functions of a module, checked when a constant needs them, else in their order.

A constant may call functions that stand further down. So all that its expression names, directly
or through other definitions, is checked before it; constants themselves are never taken out of
order.
"""

from collections.abc import Iterable

from dpc.dsl import ast, typed
from dpc.dsl.check.annotations import Annotations, bindings_of
from dpc.dsl.check.context import Reported, dimensions_of, extents_of
from dpc.dsl.check.extern import attach_extern, is_extern
from dpc.dsl.check.functions import check_function, check_signature
from dpc.dsl.check.headers import is_callable
from dpc.dsl.check.rules import attach_rules
from dpc.dsl.check.template_rules import attach_template_rules
from dpc.dsl.check.templates import check_template
from dpc.dsl.check.type_variables import is_generic
from dpc.dsl.errors.shapes import UnknownDimension
from dpc.dsl.names_in import names_in
from dpc.dsl.resolve import ModuleNames, Template
from dpc.dsl.shapes import Poly
from dpc.dsl.types import RecordType, Type

Definition = ast.RecordDef | ast.FunctionDef


class Definitions:
    """The records and functions of a file and which of them are checked. A function brings its
    derivative rule along.
    """

    def __init__(self, names: ModuleNames, tree: ast.ModuleTree) -> None:
        self.names = names
        self.items = [i for i in tree.items if isinstance(i, ast.RecordDef | ast.FunctionDef)]
        self.done: set[int] = set()

    def need(self, node: object) -> None:
        """Check what the names in a piece of syntax lead to."""
        by_name: dict[str, list[Definition]] = {}
        for item in self.items:
            for name in (item.name, *_has_rule(item)):
                by_name.setdefault(name, []).append(item)
        reached: set[int] = set()
        seen: set[str] = set()
        pending = list(names_in(node))
        while pending:
            name = pending.pop()
            if name in seen:
                continue
            seen.add(name)
            if name in self.names.aliases:
                pending += names_in(self.names.aliases[name].annotation)
            for item in by_name.get(name, ()):
                reached.add(id(item))
                pending += names_in(_parts(item))
        self._check([item for item in self.items if id(item) in reached])

    def finish(self) -> None:
        """Check what is left."""
        self._check(self.items)

    def _check(self, wanted: Iterable[Definition]) -> None:
        """Records, then signatures, then bodies; functions that take functions first, for all the
        others use them.
        """
        items = [item for item in wanted if id(item) not in self.done]
        self.done.update(id(item) for item in items)
        for item in items:
            if isinstance(item, ast.RecordDef):
                try:
                    _record(self.names, item)
                except Reported:
                    self.names.failed.add(item.name)
        self._functions([item for item in items if isinstance(item, ast.FunctionDef)])

    def _functions(self, items: list[ast.FunctionDef]) -> None:
        names = self.names
        templates: list[ast.FunctionDef] = []
        checked: list[tuple[ast.FunctionDef, typed.Function]] = []
        for item in items:
            if is_generic(names, item) or any(is_callable(p.annotation) for p in item.parameters):
                names.templates.setdefault(item.name, Template(item, names))
                templates.append(item)
                continue
            try:
                function = check_signature(names, item)
            except Reported:
                names.failed.add(item.name)
                continue
            if names.definitions[item.name] == item.name_span:
                names.functions[item.name] = function
            checked.append((item, function))
            if is_extern(item):
                attach_extern(names, item, function)
        attach_rules(names, checked)
        attach_template_rules(names, templates)
        for item in templates:
            if not is_generic(names, item) and names.templates[item.name].definition is item:
                check_template(names, item)
        for item, function in checked:
            if not is_extern(item):
                check_function(names, item, function)


def _has_rule(item: Definition) -> Iterable[str]:
    """The functions that a definition is a derivative rule of."""
    return names_in(item.decorators) if isinstance(item, ast.FunctionDef) else ()


def _parts(item: Definition) -> object:
    """The syntax in which a definition names others."""
    if isinstance(item, ast.RecordDef):
        return tuple(entry.annotation for entry in item.fields)
    return item.parameters, item.result, item.body


def _record(names: ModuleNames, node: ast.RecordDef) -> None:
    annotations = Annotations(names)
    fields: list[tuple[str, Type]] = []
    failed = False
    for entry in node.fields:
        try:
            type_ = Annotations(names, entry.name).type_of(entry.annotation)
            fields.append((entry.name, type_))
        except Reported:
            failed = True
    if failed:
        raise Reported
    order = _in_order(fields)
    arguments = tuple(Poly.dimension(name) for name in order)
    bindings, unknown = bindings_of(fields, ())
    for name in sorted(unknown):
        raise annotations.error(UnknownDimension(span=node.name_span, name=name))
    names.records[node.name] = RecordType(node.name, arguments, tuple(fields))
    names.record_bindings[node.name] = bindings


def _in_order(fields: list[tuple[str, Type]]) -> list[str]:
    """A record's dimensions in order of first appearance."""
    order: dict[str, None] = {}
    for _, type_ in fields:
        for extent in extents_of(type_):
            order.update(dict.fromkeys(dimensions_of(extent)))
    return list(order)
