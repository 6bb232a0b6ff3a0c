"""VTEX's API, without Airflow: errors, pace, requests, listings, feed, documents."""
