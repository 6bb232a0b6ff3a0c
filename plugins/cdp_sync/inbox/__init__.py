"""What VTEX's feed and hook report, on its way into the inbox."""
