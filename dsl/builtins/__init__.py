"""The built-in functions: name, signature, shape rule, documentation."""
