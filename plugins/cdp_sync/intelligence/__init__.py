"""Identities and lifetime value, derived from orders. Pure: the moment of a calculation is an input."""
