-- replay/note_typing.sql: documents were read by this version of the typing -> cdp.order_events
-- grain:       one row per (tenant_id, order_id)
-- parameters:  tenant_id, order_ids, typing_version
-- idempotent:  yes
update cdp.order_events
set typing_version = %(typing_version)s
where
    tenant_id = %(tenant_id)s
    and order_id = any(%(order_ids)s)
    and typing_version <> %(typing_version)s;
