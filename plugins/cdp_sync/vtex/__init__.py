"""What we know of VTEX's API, apart from Airflow: errors, pace, requests, listings."""
