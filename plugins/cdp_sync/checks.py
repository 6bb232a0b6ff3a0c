"""What must hold for every order a window wrote, and for every refresh."""

from __future__ import annotations

ORDER_CHECKS: dict[str, dict[str, str]] = {
    # Aggregates, so that a window without orders gives an answer as well.
    "what_every_order_has_is_there": {
        "check_statement": (
            "count(*) filter (where order_id is null or order_date is null or last_change is null or total is null "
            "or item_count is null or item_count < 0) = 0"
        )
    },
    "total_is_the_sum_of_its_parts": {
        "check_statement": (
            "count(*) filter (where coalesce(items_total, discounts_total, shipping_total, tax_total, other_total) "
            "is not null and total <> coalesce(items_total, 0) + coalesce(discounts_total, 0) "
            "+ coalesce(shipping_total, 0) + coalesce(tax_total, 0) + coalesce(other_total, 0)) = 0"
        )
    },
    "an_order_does_not_change_before_it_exists": {
        "check_statement": "count(*) filter (where last_change < order_date - interval '1 minute') = 0"
    },
    "items_are_the_lines_counted": {
        "check_statement": (
            "count(*) filter (where item_count <> (select count(*) from cdp.order_items as line "
            "where line.tenant_id = order_events.tenant_id and line.order_id = order_events.order_id)) = 0"
        )
    },
}

INTEGRITY_CHECKS: dict[str, dict[str, str]] = {
    # After healing: what is told here is that an earlier sync missed something, not that it is missing now.
    "drift_is_within_what_is_allowed": {
        "check_statement": (
            "coalesce(sum(drifted), 0) <= {{ params.drift_percent }} / 100.0 * coalesce(sum(listed), 0)"
        )
    },
    "every_listed_order_is_stored_or_rejected": {
        "check_statement": "coalesce(bool_and(listed = stored + unhealed), true)"
    },
}
