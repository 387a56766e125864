"""Automatic differentiation of the loops level."""
