-- inbox/bound_session.sql: what a session promises that writes the inbox while somebody waits
-- grain:       none
-- parameters:  statement_timeout (milliseconds; whoever waits has gone after that, be it for a lock)
-- idempotent:  yes; synchronous_commit, since a notification that was answered 200 is never sent again
select
    set_config('statement_timeout', %(statement_timeout)s, false),
    set_config('synchronous_commit', 'on', false);
