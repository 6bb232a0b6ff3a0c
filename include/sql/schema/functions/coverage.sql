-- schema/functions/coverage.sql: keeps cdp.sync_coverage in step with the completed windows of cdp.sync_checkpoints
-- grain:       two functions, four triggers
-- parameters:  none
-- idempotent:  yes; applied again by every migration
create or replace function cdp.add_coverage() returns trigger language plpgsql as $$
begin
    insert into cdp.sync_coverage as coverage (tenant_id, covered)
    select tenant_id, range_agg(tstzrange(window_start, window_end))
    from written
    where status = 'completed'
    group by tenant_id
    on conflict (tenant_id) do update set covered = coverage.covered + excluded.covered
    where not coverage.covered @> excluded.covered;
    return null;
end
$$;
comment on function cdp.add_coverage() is 'Adds completed windows to cdp.sync_coverage.';

create or replace function cdp.recompute_coverage() returns trigger language plpgsql as $$
begin
    update cdp.sync_coverage as coverage
    set covered = coalesce(
        (
            select range_agg(tstzrange(window_start, window_end))
            from cdp.sync_checkpoints as checkpoint
            where checkpoint.tenant_id = coverage.tenant_id and checkpoint.status = 'completed'
        ),
        '{}'
    )
    where coverage.tenant_id in (
        select gone.tenant_id
        from gone
        where gone.status = 'completed' and not exists (
            select from cdp.sync_checkpoints as checkpoint
            where
                checkpoint.status = 'completed'
                and (checkpoint.tenant_id, checkpoint.sync_type, checkpoint.window_start, checkpoint.window_end)
                = (gone.tenant_id, gone.sync_type, gone.window_start, gone.window_end)
        )
    );
    return null;
end
$$;
comment on function cdp.recompute_coverage() is 'Takes windows that are completed no more out of cdp.sync_coverage: what somebody deletes is a gap again.';

create or replace trigger sync_checkpoints_insert after insert on cdp.sync_checkpoints
referencing new table as written for each statement execute function cdp.add_coverage();
create or replace trigger sync_checkpoints_update after update on cdp.sync_checkpoints
referencing new table as written for each statement execute function cdp.add_coverage();
create or replace trigger sync_checkpoints_take_back after update on cdp.sync_checkpoints
referencing old table as gone for each statement execute function cdp.recompute_coverage();
create or replace trigger sync_checkpoints_delete after delete on cdp.sync_checkpoints
referencing old table as gone for each statement execute function cdp.recompute_coverage();
