-- schema/versions/0009_staging_names.sql: staging names its columns as cdp does, money with _cents after the name
-- grain:       none
-- parameters:  none
-- idempotent:  no; Alembic runs it once

alter table staging.orders rename column items_cents to items_total_cents;
alter table staging.orders rename column discounts_cents to discounts_total_cents;
alter table staging.orders rename column shipping_cents to shipping_total_cents;
alter table staging.orders rename column tax_cents to tax_total_cents;
alter table staging.orders rename column other_cents to other_total_cents;
