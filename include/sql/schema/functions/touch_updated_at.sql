-- schema/functions/touch_updated_at.sql: keeps updated_at of cdp.tenants true
-- grain:       one trigger
-- parameters:  none
-- idempotent:  yes; applied again by every migration
create or replace function cdp.touch_updated_at() returns trigger language plpgsql as $$
begin
    new.updated_at := now();
    return new;
end
$$;
comment on function cdp.touch_updated_at() is 'Keeps updated_at true, whoever edits the row.';

create or replace trigger tenants_touch_updated_at before update on cdp.tenants
for each row execute function cdp.touch_updated_at();
