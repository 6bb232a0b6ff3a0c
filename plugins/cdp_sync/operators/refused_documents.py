"""Search for the documents of a batch that the database refuses."""

from __future__ import annotations

from collections.abc import Callable

from cdp_sync.hooks.warehouse import RowRefused


def refused_documents(attempt: Callable[[range], None], numbers: range, *, most: float) -> dict[int, str]:
    """
    Return the reason for each document that is refused on its own, found by halving.

    :param attempt: writes the documents with these numbers and undoes it, or raises ``RowRefused``.
    :param most: more than that are no longer odd documents.
    :raises RowRefused: if there are more, or if the documents are refused only together.
    """
    found: dict[int, str] = {}

    def search(part: range) -> None:
        try:
            attempt(part)
        except RowRefused as refusal:
            if len(part) == 1:
                found[part.start] = f"the database refuses it: {refusal}"
                if len(found) > most:
                    raise RowRefused(
                        f"more than {most:.0f} documents are refused, the last because of {refusal}; "
                        "correct the column or constraint it names, then clear this task"
                    ) from None
                return
            half = len(part) // 2
            search(part[:half])
            search(part[half:])
            if not any(number in found for number in part):
                raise

    search(numbers)
    return found
