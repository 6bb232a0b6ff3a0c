-- runs/count_fetches.sql: how many sessions fetch for a tenant, see runs/join_fetches.sql
-- grain:       one row
-- parameters:  tenant_id
-- idempotent:  read only
select count(*) as fetches
from pg_locks
inner join pg_database on pg_locks.database = pg_database.oid
where
    pg_database.datname = current_database()
    and pg_locks.locktype = 'advisory'
    and pg_locks.classid = 29539
    and pg_locks.objid = %(tenant_id)s
    and pg_locks.objsubid = 2
    and pg_locks.granted;
