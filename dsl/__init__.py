"""The language: source to typed tree."""
