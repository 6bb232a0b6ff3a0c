-- intelligence/clv/rank_tiers.sql: total_value of all customers of a shop -> their tiers
-- grain:       one row per (tenant_id, customer_id)
-- parameters:  tenant_id, as_of, sync_run_id
-- idempotent:  yes; only rows whose tier differs are written
with ranked as (

    select
        customer_id,
        total_value,
        -- Share of customers who are worth more: equal ones have the same, so a tie is never split.
        (rank() over (order by total_value desc) - 1)::numeric / count(*) over () as share_above
    from cdp.customer_clv
    where tenant_id = %(tenant_id)s

),

setting as (

    select
        coalesce(listed.tier_high_share, 0.15) as high_share,
        coalesce(listed.tier_medium_share, 0.40) as medium_share,
        listed.tier_high_amount as high_amount,
        listed.tier_medium_amount as medium_amount
    from cdp.tenants as tenant
    left join cdp.customer_settings as listed on tenant.tenant_id = listed.tenant_id
    where tenant.tenant_id = %(tenant_id)s

),

tiered as (

    select
        ranked.customer_id,
        case
            when ranked.total_value <= 0 then 'Low'
            when
                coalesce(ranked.total_value >= setting.high_amount, ranked.share_above < setting.high_share) then 'High'
            when
                coalesce(
                    ranked.total_value >= setting.medium_amount,
                    ranked.share_above < setting.high_share + setting.medium_share
                ) then 'Medium'
            else 'Low'
        end as tier
    from ranked
    cross join setting

)

update cdp.customer_clv as target set tier = tiered.tier, as_of = %(as_of)s, sync_run_id = %(sync_run_id)s
from tiered
where
    target.tenant_id = %(tenant_id)s
    and target.customer_id = tiered.customer_id
    and target.tier is distinct from tiered.tier;
