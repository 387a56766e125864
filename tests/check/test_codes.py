"""The table of diagnostics: every code once, every template complete."""

from dataclasses import fields

from dpc.dsl.diagnostics import Diagnostic
from dpc.dsl.errors import names, shapes, support, types

MODULES = (names, shapes, support, types)
CLASSES = [
    item
    for module in MODULES
    for item in vars(module).values()
    if isinstance(item, type) and issubclass(item, Diagnostic) and item is not Diagnostic
]


def test_codes_are_unique() -> None:
    codes = [c.code for c in CLASSES]
    assert len(set(codes)) == len(codes)


def test_families() -> None:
    for item in CLASSES:
        family = "E03" if item.__module__.endswith("shapes") else "E02"
        expected = "E0100" if item.__module__.endswith("support") else family
        assert item.code.startswith(expected)


def test_templates_use_their_fields() -> None:
    for item in CLASSES:
        values = {f.name: "x" for f in fields(item)}
        for template in (item.title, item.label, item.hint):
            assert "{" not in template.format(**values)
