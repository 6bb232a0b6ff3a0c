"""Proof of what is stored, and what documents say beyond it."""
