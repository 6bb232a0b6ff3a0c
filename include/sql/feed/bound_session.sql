-- feed/bound_session.sql: no statement of the session outlasts the patience of who waits for it
-- grain:       none
-- parameters:  none
-- idempotent:  yes
set statement_timeout = '2500ms';
