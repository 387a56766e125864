"""The compiler: typed tree to machine code."""
