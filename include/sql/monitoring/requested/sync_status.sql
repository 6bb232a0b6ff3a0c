SELECT
tenant_name,
last_sync_at,
CASE
WHEN last_sync_at > NOW() - INTERVAL '6 hours' THEN '✅ Current'
WHEN last_sync_at > NOW() - INTERVAL '12 hours' THEN '⚠️ Behind'
ELSE '❌ Stale'
END as status
FROM cdp.tenants
WHERE is_active = true;
