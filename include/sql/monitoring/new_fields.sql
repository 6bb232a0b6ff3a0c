-- monitoring/new_fields.sql: cdp.unread_fields -> fields that came up in the last week
-- grain:       one row per tenant that has any; in orders that changed more than a day after
--              its first documents were read
-- parameters:  none
-- idempotent:  read only
with bounds as (

    select tenant_id, min(first_seen_at) as begun_at
    from cdp.unread_fields
    group by tenant_id

)

select tenants.tenant_name, count(*) as fields, array_agg(field.path order by field.path) as paths
from cdp.unread_fields as field
inner join cdp.tenants using (tenant_id)
inner join bounds using (tenant_id)
where
    tenants.is_active
    and field.first_seen_at > now() - interval '7 days'
    and field.last_change > bounds.begun_at + interval '1 day'
group by tenants.tenant_name
order by tenants.tenant_name;
