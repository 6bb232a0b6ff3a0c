"""Drain of VTEX's feed into the inbox, and ownership of feed and hook."""
