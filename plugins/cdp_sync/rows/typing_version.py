"""Version of the typing, to be raised whenever a document would be typed differently."""

TYPING_VERSION = 3
"""
Raise it with any change to the columns that a document fills. Orders typed by an older version are typed again from
their stored documents, in off-peak time: ``cdp_warehouse`` starts ``cdp_replay``.
"""
