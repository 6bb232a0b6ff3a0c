-- listing/analyze_listings.sql: statistics of staging.listings
-- grain:       the table
-- parameters:  none
-- idempotent:  yes; without them what follows compares every order listed with every order stored
analyze staging.listings;
