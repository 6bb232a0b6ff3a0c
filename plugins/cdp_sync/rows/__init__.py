"""From an order document to typed rows."""
