-- intelligence/runs/begin.sql: a calculation begins -> cdp.customer_calculations
-- grain:       one row per (tenant_id, run_id); a cleared run has its row already. Everyone is calculated if nobody was
--              before. Answers the row, and whether there is anything to calculate
-- parameters:  tenant_id, run_id, as_of, everyone
-- idempotent:  yes
insert into cdp.customer_calculations as known (tenant_id, run_id, as_of, everyone, sync_run_id)
select
    %(tenant_id)s,
    %(run_id)s,
    %(as_of)s,
    %(everyone)s or not exists (select from cdp.customer_calculations
    where tenant_id = %(tenant_id)s),
    (
        select nullif(greatest(max(change.sync_run_id), max(earlier.sync_run_id)), 0)
        from (select max(sync_run_id) as sync_run_id from cdp.order_changes
where tenant_id = %(tenant_id)s) as change
        cross join (
            select max(sync_run_id) as sync_run_id from cdp.customer_calculations
where tenant_id = %(tenant_id)s
        ) as earlier
    )
on conflict (tenant_id, run_id) do update set
    (as_of, everyone, sync_run_id)
    = (excluded.as_of, known.everyone or excluded.everyone, coalesce(excluded.sync_run_id, known.sync_run_id))
returning
    as_of,
    everyone,
    sync_run_id,
    everyone
    or exists (select from cdp.order_changes
    where tenant_id = %(tenant_id)s)
    or exists (select from cdp.customers_touched
    where tenant_id = %(tenant_id)s) as is_due;
