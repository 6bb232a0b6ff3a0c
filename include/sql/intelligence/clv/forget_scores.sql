-- intelligence/clv/forget_scores.sql: takes customers without revenue orders out of cdp.customer_clv
-- grain:       one row per (tenant_id, customer_id)
-- parameters:  tenant_id, everyone (otherwise the touched)
-- idempotent:  yes; what was calculated and is not in staging.customer_clv is gone
delete from cdp.customer_clv as target
where
    target.tenant_id = %(tenant_id)s
    and (
        %(everyone)s
        or target.customer_id in (
            select touched.customer_id
            from cdp.customers_touched as touched
            where touched.tenant_id = %(tenant_id)s
        )
    )
    and not exists (
        select
        from staging.customer_clv as staged
        where staged.tenant_id = %(tenant_id)s and staged.customer_id = target.customer_id
    );
