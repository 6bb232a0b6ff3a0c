"""Setup of a deployment before Airflow starts, and its health checks."""
