"""The embedded stack: PostgreSQL from a wheel, the sandbox, and Airflow, all under ``.local/``."""
