"""Listeners of the scheduler: what happens where a run begins and ends, beside its tasks."""
