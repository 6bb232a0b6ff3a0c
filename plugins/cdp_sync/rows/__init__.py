"""Typed rows of an order document."""
