"""What the package serves over HTTP."""
