"""Airflow operators and tasks, by step of a window."""
