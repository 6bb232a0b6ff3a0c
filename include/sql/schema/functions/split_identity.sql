-- schema/functions/split_identity.sql: un-merge of two identifiers, and its undoing
-- grain:       one pair of identifiers of a shop
-- parameters:  none
-- idempotent:  yes; applied again by every migration
create or replace function cdp.split_identity(
    shop integer, one_key uuid, other_key uuid, because text, decided_by text
) returns bigint
language sql as $$
    insert into cdp.identity_splits (tenant_id, left_key, right_key, reason, split_by)
    values (shop, least(one_key, other_key), greatest(one_key, other_key), because, decided_by)
    on conflict (tenant_id, left_key, right_key) do update set (reason, split_by) = (excluded.reason, excluded.split_by);

    select cdp.note_identity_change(shop, one_key, other_key);
$$;
comment on function cdp.split_identity(integer, uuid, uuid, text, text)
is 'Un-merges two identifiers of a shop: no order makes them one customer''s any more. Returns the number of orders whose customer is found again by the next calculation.';

create or replace function cdp.undo_split(shop integer, one_key uuid, other_key uuid) returns bigint
language sql as $$
    delete from cdp.identity_splits
    where
        tenant_id = shop
        and left_key = least(one_key, other_key)
        and right_key = greatest(one_key, other_key);

    select cdp.note_identity_change(shop, one_key, other_key);
$$;
comment on function cdp.undo_split(integer, uuid, uuid)
is 'Takes an un-merge back. Returns the number of orders whose customer is found again by the next calculation.';
