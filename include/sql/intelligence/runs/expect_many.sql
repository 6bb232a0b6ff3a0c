-- intelligence/runs/expect_many.sql: tells the planner, for this transaction, that a step reads many customers
-- grain:       the session's setting; one row if there are many, none otherwise
-- parameters:  tenant_id, everyone, many (changed orders, or touched customers)
-- idempotent:  read only
-- A shop's first calculation meets tables without statistics, in which the planner takes many rows for few: nested
-- loops over all customers would grow with the square of them. Joins by hashing do not, whatever it believes.
select set_config('enable_nestloop', 'off', true) as nested_loops
where
    %(everyone)s
    or (
        select count(*) from cdp.order_changes
        where tenant_id = %(tenant_id)s
    ) > %(many)s
    or (
        select count(*) from cdp.customers_touched
        where tenant_id = %(tenant_id)s
    ) > %(many)s;
