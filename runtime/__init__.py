"""What runs at the user's side: engine, marshalling, functions, transforms."""
