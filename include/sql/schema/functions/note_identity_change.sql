-- schema/functions/note_identity_change.sql: orders of two identifiers, to be looked at again
-- grain:       one row of cdp.order_changes per order of the customers that have them
-- parameters:  none
-- idempotent:  yes; applied again by every migration
create or replace function cdp.note_identity_change(shop integer, one_key uuid, other_key uuid) returns bigint
language sql as $$
    with noted as (
        insert into cdp.order_changes as known (tenant_id, order_id, sync_run_id)
        select shop, orders.order_id, 0
        from cdp.customer_orders as orders
        where
            orders.tenant_id = shop
            and orders.customer_id in (
                select customer_id from cdp.customer_identifiers where tenant_id = shop and key in (one_key, other_key)
            )
        on conflict (tenant_id, sync_run_id, order_id) do update set change_no = default
        returning 1
    )

    select count(*) from noted
$$;
comment on function cdp.note_identity_change(integer, uuid, uuid)
is 'Has the customers of two identifiers of a shop found again by the next calculation; returns the number of their orders.';
