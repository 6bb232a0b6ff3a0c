-- schema/functions/identifier_key.sql: the key of an identifier of a shop's buyer
-- grain:       one answer per identifier
-- parameters:  none
-- idempotent:  yes; applied again by every migration
create or replace function cdp.identifier_key(tenant_id integer, kind text, value text) returns uuid
language sql immutable strict parallel safe as $$
    select encode(substr(sha256(convert_to(tenant_id || ':' || kind || ':' || value, 'UTF8')), 1, 16), 'hex')::uuid
$$;
comment on function cdp.identifier_key(integer, text, text)
is 'Key under which an identifier of a shop''s buyer stands in every table: kind document, company, email, profile or phone, and its value as in cdp.order_buyers; of a telephone, its last ten digits.';
