"""The passes: name = function = file."""
