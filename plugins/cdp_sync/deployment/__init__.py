"""What a deployment needs before Airflow starts, and whether it is well afterwards."""
