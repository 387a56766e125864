"""One dataclass for each thing the compiler says to users."""
