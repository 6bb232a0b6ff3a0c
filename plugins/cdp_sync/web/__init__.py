"""HTTP endpoints of the package."""
