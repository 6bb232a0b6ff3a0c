"""Benchmarks behind every claim about speed or memory: ``make bench``."""
