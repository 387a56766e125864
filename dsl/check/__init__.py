"""Type and shape checking: syntax tree to typed tree."""
