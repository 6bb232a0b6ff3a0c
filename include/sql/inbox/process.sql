-- inbox/process.sql: notifications of a batch that is merged -> processed, and cdp.order_status_changes
-- grain:       one row per notification, one per change of state
-- parameters:  tenant_id, batch_id
-- idempotent:  yes
with processed as (

    update cdp.order_notifications
    set processed_at = now()
    where tenant_id = %(tenant_id)s and batch_id = %(batch_id)s and processed_at is null
    returning *

)

insert into cdp.order_status_changes (
    tenant_id, order_id, changed_at, to_state, from_state, from_state_since, domain, source
)
select tenant_id, order_id, changed_at, state, last_state, last_changed_at, domain, source
from processed
on conflict (tenant_id, order_id, changed_at, to_state) do nothing;
