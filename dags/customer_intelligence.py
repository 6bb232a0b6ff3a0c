"""### Customers of one shop

Who they are and what is known of each, after every sync of the shop's orders: `cdp.customers`, `customer_profiles`,
`customer_rfm`, `customer_clv`, `customer_journeys`.

| task | does |
|---|---|
| `identify` | finds the customers of the orders that changed, by the identifiers that orders show together |
| `profile` | what each of them bought, when and how |
| `score` | ranks the shop's customers by recency, frequency and money; values them by the model in use |
| `journey` | moves them on through the eight stages |

Runs when a sync has written orders; several syncs at once are one run. At night, and with *everyone* in the form, all
customers are calculated: time passing changes everybody. Nothing asks the clock: *as of* is the run's own moment.

**Un-merge**: the form parts two identifiers that are not one person's, with a reason, and calculates who is who now; it
stays so, until it is undone there.

Each task is one transaction. **Safe to clear**: a second calculation of the same orders writes nothing. Whom a failed
run did not come to, the next one calculates. What a run did is in its note and in `cdp.customer_calculations`.
What each measure means: `docs/customers.md`.
"""

from airflow.sdk import get_parsing_context

from cdp_sync.dag_factory import build_customers_dag, registered_tenants

requested = get_parsing_context().dag_id  # None while the DAG processor parses

for tenant in registered_tenants():
    if requested in (None, tenant.customers_dag_id):
        globals()[tenant.customers_dag_id] = build_customers_dag(tenant, doc_md=__doc__)
