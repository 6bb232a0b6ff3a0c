-- inbox/handles_to_commit.sql: handles of items whose change is merged
-- grain:       one row per handle
-- parameters:  tenant_id, handles (at most so many)
-- idempotent:  read only
select waiting.handle_no, waiting.handle
from staging.feed_handles as waiting
where
    waiting.tenant_id = %(tenant_id)s
    -- A lookup for each handle rather than a join: without statistics the planner would compare all with all.
    and (
        select notification.processed_at
        from cdp.order_notifications as notification
        where
            notification.tenant_id = waiting.tenant_id
            and notification.order_id = waiting.order_id
            and notification.changed_at = waiting.changed_at
            and notification.state = waiting.state
    ) is not null
order by waiting.handle_no
limit %(handles)s;
