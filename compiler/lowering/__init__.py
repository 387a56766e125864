"""From the typed tree to the array level, and from there to loops."""
