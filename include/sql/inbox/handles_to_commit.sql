-- inbox/handles_to_commit.sql: handles of items whose change is merged
-- grain:       one row per handle
-- parameters:  tenant_id, handles (at most so many)
-- idempotent:  read only
select waiting.handle_no, waiting.handle
from staging.feed_handles as waiting
inner join cdp.order_notifications as notification
    on
        waiting.tenant_id = notification.tenant_id
        and waiting.order_id = notification.order_id
        and waiting.changed_at = notification.changed_at
        and waiting.state = notification.state
where waiting.tenant_id = %(tenant_id)s and notification.processed_at is not null
order by waiting.handle_no
limit %(handles)s;
