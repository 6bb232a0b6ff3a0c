"""Un-merge of two identifiers, asked for by the form of ``cdp_customers__<slug>``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from cdp_sync.hooks.warehouse import Warehouse

_AGAIN = "nothing was done: trigger the run again"


def unmerge(db: Warehouse, tenant_id: int, tenant: str, form: Mapping[str, Any], *, asked_by: str) -> int:
    """
    Part the two identifiers that a form names, or take that back.

    :param form: ``left_key``, ``right_key``, ``reason``, ``undo``.
    :param asked_by: who wants it.
    :return: orders whose customer is to be found again; 0 if the form names no identifier.
    :raises AirflowFailException: if the form is incomplete, or names identifiers of nobody.
    """
    keys = [form.get(side) for side in ("left_key", "right_key")]
    if keys == [None, None]:
        return 0
    if None in keys or keys[0] == keys[1]:
        raise AirflowFailException(
            f"{tenant}: an un-merge needs two different keys; {_AGAIN} with left_key and right_key"
        )
    place = {"tenant_id": tenant_id, "left_key": keys[0], "right_key": keys[1]}
    if form.get("undo"):
        found = db.row("intelligence/identity/undo_split", **place)
        if found is None:
            raise AirflowFailException(f"{tenant}: these identifiers are not un-merged; {_AGAIN} with two that are")
        return int(found["orders"])
    if not form.get("reason"):
        raise AirflowFailException(f"{tenant}: an un-merge needs a reason; {_AGAIN} with one")
    (split,) = db.rows("intelligence/identity/split", **place, reason=form["reason"], asked_by=asked_by)
    if not split["orders"]:
        raise AirflowFailException(
            f"{tenant}: no customer has these identifiers; {_AGAIN} with two keys of cdp.identity_edges"
        )
    return int(split["orders"])
