"""Every statement about speed or memory, as something anyone can run: ``make bench``."""
