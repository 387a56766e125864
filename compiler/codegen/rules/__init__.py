"""How each operation is written in LLVM, one table for each dialect."""
