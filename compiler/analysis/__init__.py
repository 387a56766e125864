"""Facts about functions that passes and differentiation use."""
