-- tenants/seed_sandbox.sql: the eleven shops of the VTEX sandbox -> cdp.tenants
-- grain:       one row per shop
-- parameters:  none
-- idempotent:  yes; a shop that is there is left as it is, whatever was changed in it
insert into cdp.tenants (
    tenant_id, tenant_name, slug, vtex_account, is_active, sync_enabled, sync_frequency_hours, go_live_date,
    feed_enabled
)
select
    shop.tenant_id,
    shop.tenant_name,
    shop.slug,
    replace(shop.slug, '_', ''),
    true,
    true,
    6,
    current_date - 60,
    true
from (
    values
    (11, 'PetBaar', 'petbaar'),
    (12, 'Seven Sport', 'seven_sport'),
    (13, 'Chelsea', 'chelsea'),
    (14, 'Mundo Juguete', 'mundo_juguete'),
    (15, 'Kangoo Pet Food', 'kangoo_pet_food'),
    (16, 'Celada SA', 'celada_sa'),
    (20, 'Ferreira', 'ferreira'),
    (17, 'Digital Farma', 'digital_farma'),
    (18, 'Zapatos Net', 'zapatos_net'),
    (19, 'Bercovich SA', 'bercovich_sa'),
    (21, 'Essential', 'essential')
) as shop (tenant_id, tenant_name, slug)
on conflict do nothing;
