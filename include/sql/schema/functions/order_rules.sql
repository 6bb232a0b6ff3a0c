-- schema/functions/order_rules.sql: what is known of orders by their columns
-- grain:       one answer per order; columns in, an answer out, so that they run wherever the row is
-- parameters:  none
-- idempotent:  yes; applied again by every migration
create or replace function cdp.is_open(status text) returns boolean
language sql immutable parallel safe as $$
    select status is distinct from 'invoiced' and status is distinct from 'canceled'
$$;
comment on function cdp.is_open(text) is 'Whether an order may still change as a matter of course.';

create or replace function cdp.awaits_cancel_reason(
    status text, cancel_reason text, last_change timestamptz, fetched_at timestamptz, as_of timestamptz
) returns boolean
language sql immutable parallel safe as $$
    -- VTEX writes the reason some time after the status, without a new lastChange: look once more, an hour on.
    select
        status in ('cancel', 'canceled')
        and cancel_reason is null
        and fetched_at < last_change + interval '1 hour'
        and last_change < as_of - interval '1 hour'
$$;
comment on function cdp.awaits_cancel_reason(text, text, timestamptz, timestamptz, timestamptz)
is 'Whether a cancelled order was last read before VTEX will have written the reason, and it should be there by now.';

create or replace function cdp.payment_state(authorized_at timestamptz) returns text
language sql immutable parallel safe as $$
    select case when authorized_at is null then 'pending' else 'authorized' end
$$;
comment on function cdp.payment_state(timestamptz) is 'How far an order''s payment is: pending or authorized.';

create or replace function cdp.delivery_state(
    invoiced_at timestamptz, tracking_number text, is_delivered boolean
) returns text
language sql immutable parallel safe as $$
    select
        case
            when is_delivered then 'delivered'
            when tracking_number is not null then 'shipped'
            when invoiced_at is not null then 'invoiced'
            else 'pending'
        end
$$;
comment on function cdp.delivery_state(timestamptz, text, boolean)
is 'How far an order''s delivery is: pending, invoiced, shipped or delivered.';
