"""Airflow operators: the tasks of a window, one module each."""
