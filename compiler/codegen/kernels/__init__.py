"""Elementary functions as straight-line LLVM text, for scalars and for vectors of any width."""
