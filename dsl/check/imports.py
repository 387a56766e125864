"""`from module import a, b as c`: what another module defines becomes a name of this one.

Functions keep their identity, so that one is compiled once however it is called; constants that
are literals keep adapting to the types around them.
"""

import re
from collections.abc import Iterator

from dpc.dsl import ast
from dpc.dsl.errors.modules import UnknownImport, UnknownModule
from dpc.dsl.resolve import Loader, ModuleNames, nearest
from dpc.dsl.source import Span

_WORD = re.compile(r"#[^\n]*|\w+")


def bring_in(names: ModuleNames, item: ast.Import, load: Loader | None) -> None:
    """Define the names of an import statement; reports those that the module does not have.
    Without `load` there are no modules.
    """
    module = None
    if load is None:
        names.sink.report(UnknownModule(span=item.span, name=item.module))
    else:
        module = load(item.module, item.span)
    for (there, here), span in zip(item.names, _places(item), strict=True):
        if names.definitions.get(here) != item.span:
            continue
        names.imported.add(here)
        if module is None or there in module.failed:
            names.failed.add(here)
        elif not _define(names, module, there, here):
            names.failed.add(here)
            near = nearest(there, (n for n in module.definitions if n not in module.failed))
            names.sink.report(
                UnknownImport(
                    span=span, module=item.module, name=there, suggestion=near, chain=names.chain
                )
            )


def _define(names: ModuleNames, module: ModuleNames, there: str, here: str) -> bool:
    """Take over what the name means there; False if the module has no such name."""
    if there in module.functions:
        names.functions[here] = module.functions[there]
    elif there in module.templates:
        names.templates[here] = module.templates[there]
    elif there in module.records:
        names.records[here] = module.records[there]
        names.record_bindings[here] = module.record_bindings[there]
    elif there in module.aliases:
        names.aliases[here] = module.aliases[there]
    elif there in module.constants:
        names.constants[here] = module.constants[there]
        if there in module.literals:
            names.literals.add(here)
    else:
        return False
    return True


def _places(item: ast.Import) -> Iterator[Span]:
    """Where each imported name stands."""
    source, text = item.span.source, item.span.text
    words = [m for m in _WORD.finditer(text) if not m[0].startswith("#")]
    found = words[next(i for i, m in enumerate(words) if m[0] == "import") + 1 :]
    at = 0
    for _ in item.names:
        word = found[at]
        yield Span(source, item.span.start + word.start(), item.span.start + word.end())
        renamed = at + 1 < len(found) and found[at + 1][0] == "as"
        at += 3 if renamed else 1
