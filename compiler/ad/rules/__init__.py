"""Derivatives of scalar operations, one table for each dialect."""
