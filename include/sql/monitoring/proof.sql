-- monitoring/proof.sql: cdp.integrity_checks -> how many orders of a day VTEX lists, how many we hold, when compared
-- grain:       one row per active tenant and day of creation in Argentina: its latest comparison; latest day first
-- parameters:  none
-- idempotent:  read only
select distinct on (tenants.tenant_name, checked.day)
    tenants.tenant_name,
    checked.day,
    checked.listed,
    checked.stored,
    checked.rejected,
    checked.missing + checked.stale + checked.wrong - checked.unhealed + checked.rejected as healed,
    checked.unhealed,
    checked.compared_at
from cdp.integrity_checks as checked
inner join cdp.tenants using (tenant_id)
where tenants.is_active and checked.listed is not null
order by tenants.tenant_name asc, checked.day desc, checked.checked_at desc;
