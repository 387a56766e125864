"""Lowering: the typed tree to the array level, the array level to the loops level."""

from dpc.compiler.lowering.module import lower_module

__all__ = ["lower_module"]
