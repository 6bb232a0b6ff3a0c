-- orders/keep_addresses.sql: cdp.order_addresses -> staging.order_addresses, where VTEX masks them now
-- grain:       one row per address of a document with a masked buyer
-- parameters:  tenant_id, batch_id
-- idempotent:  yes; only what a document does not show is filled in
update staging.order_addresses as line set
    receiver = coalesce(line.receiver, stored.receiver),
    street = coalesce(line.street, stored.street),
    number = coalesce(line.number, stored.number),
    complement = coalesce(line.complement, stored.complement),
    neighborhood = coalesce(line.neighborhood, stored.neighborhood),
    reference = coalesce(line.reference, stored.reference),
    postal_code = coalesce(line.postal_code, stored.postal_code),
    city = coalesce(line.city, stored.city),
    state = coalesce(line.state, stored.state),
    longitude = coalesce(line.longitude, stored.longitude),
    latitude = coalesce(line.latitude, stored.latitude)
from staging.orders as staged
inner join cdp.order_addresses as stored
    on staged.tenant_id = stored.tenant_id and staged.order_id = stored.order_id
where
    staged.tenant_id = %(tenant_id)s
    and staged.batch_id = %(batch_id)s
    and staged.buyer_masked
    and stored.tenant_id = %(tenant_id)s
    and line.tenant_id = %(tenant_id)s
    and line.batch_id = %(batch_id)s
    and line.document_no = staged.document_no
    and line.address_index = stored.address_index
    and line.address_id is not distinct from stored.address_id;
