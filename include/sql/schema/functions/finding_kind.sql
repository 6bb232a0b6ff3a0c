-- schema/functions/finding_kind.sql: what is wrong with an order, by the column that differs
-- grain:       one answer per column
-- parameters:  none
-- idempotent:  yes; applied again by every migration
create or replace function cdp.finding_kind(relation text, column_name text) returns text
language sql immutable parallel safe as $$
    select
        case
            when relation = 'order_payloads' then 'document'
            when relation = 'order_items' then 'items'
            when relation = 'order_buyers' then 'customer'
            when relation = 'products' then 'other'
            when relation <> 'order_events' then 'lines'
            when column_name = 'last_change' then 'version'
            when column_name in ('status', 'is_completed', 'cancel_reason') then 'status'
            when column_name in ('total', 'currency') or column_name like '%%\_total' then 'money'
            when column_name in ('order_date', 'authorized_at', 'invoiced_at') then 'dates'
            when column_name in ('item_count', 'unit_count') then 'items'
            else 'other'
        end
$$;
comment on function cdp.finding_kind(text, text)
is 'Kind of a finding (cdp.integrity_findings) by the table of cdp and its column that differ from the order''s document.';
