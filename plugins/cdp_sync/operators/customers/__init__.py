"""Tasks of ``cdp_customers__<slug>``: who the customers of a shop are, and what is known of each."""
