"""Type and shape checking: syntax tree to typed tree."""

from dpc.dsl.check.module import check

__all__ = ["check"]
