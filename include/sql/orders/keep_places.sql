-- orders/keep_places.sql: cdp.order_events -> staging.orders, where it goes, if VTEX masks that now
-- grain:       one row per document with a masked buyer
-- parameters:  tenant_id, batch_id
-- idempotent:  yes; only what a document does not show is filled in
update staging.orders as staged set
    shipping_state = coalesce(staged.shipping_state, stored.shipping_state),
    shipping_city = coalesce(staged.shipping_city, stored.shipping_city),
    shipping_postal_code = coalesce(staged.shipping_postal_code, stored.shipping_postal_code)
from cdp.order_events as stored
where
    staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s
    and staged.buyer_masked
    and stored.tenant_id = %(tenant_id)s
    and staged.order_id = stored.order_id;
