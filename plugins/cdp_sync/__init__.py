"""Keep a PostgreSQL customer data platform in step with VTEX shops."""
