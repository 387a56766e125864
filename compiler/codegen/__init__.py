"""From the loops level to LLVM and MLIR text."""
