"""Fetch of a window: find the orders that are due, read them, land them."""
