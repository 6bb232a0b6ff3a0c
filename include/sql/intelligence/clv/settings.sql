-- intelligence/clv/settings.sql: how a shop's customers are valued
-- grain:       one row
-- parameters:  tenant_id, as_of
-- idempotent:  read only
select
    (%(as_of)s::timestamptz at time zone 'America/Argentina/Buenos_Aires')::date as today,
    coalesce(setting.discount_rate, 0.10)::double precision as discount_rate,
    coalesce(setting.deflate, true) as deflate,
    coalesce(setting.churn_warning, 0.7)::double precision as churn_warning
from cdp.tenants as tenant
left join cdp.customer_settings as setting on tenant.tenant_id = setting.tenant_id
where tenant.tenant_id = %(tenant_id)s;
