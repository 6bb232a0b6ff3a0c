"""``docs/data-dictionary.md``: tables and functions, from the database's own comments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg

from docs.generate import fenced, page, prose, table
from docs.generate.catalogue import Table, read_functions, read_tables

HOMES = {
    "order_id": "cdp.order_events",
    "customer_id": "cdp.customers",
    "sku_id": "cdp.products",
    "sync_run_id": "cdp.sync_runs",
    "batch_id": "cdp.sync_runs",
}
"""Table that a column refers to without a foreign key, in every table of cdp that has it beside ``tenant_id``."""


def dictionary_page(db: psycopg.Connection[Any]) -> str:
    """Return the page. :param db: of the newest schema."""
    tables = read_tables(db)
    kept = {name: each for name, each in tables.items() if name.startswith("cdp.") and each.key}
    listed = table(
        ("table", "holds"), ((f"[`{name}`](#{_anchor(name)})", each.comment) for name, each in tables.items())
    )
    functions = table(
        ("function", "returns", "gives"),
        ((f"`{row['name']}({row['arguments']})`", f"`{row['result']}`", row["comment"]) for row in read_functions(db)),
    )
    return page(
        "Data dictionary",
        "the comments in `include/sql/schema`",
        [
            listed,
            "## How the tables of cdp belong together",
            "A solid line is a foreign key. A dotted one is not enforced: either side may come first. Of a table only "
            "the primary key is shown.",
            fenced("mermaid", _diagram(kept)),
            *(block for each in tables.values() for block in _section(each)),
            "## Functions of cdp",
            functions,
        ],
    )


def _anchor(name: str) -> str:
    return name.replace(".", "")


def _section(each: Table) -> Iterator[str]:
    yield f"## `{each.name}`"
    yield prose(each.comment)
    yield table(
        ("column", "type", "null", "default", "holds"),
        (
            (
                f"`{row['column_name']}`",
                row["type"],
                "yes" if row["nullable"] else "",
                f"`{row['default_value']}`" if row["default_value"] else "",
                row["comment"],
            )
            for row in each.columns
        ),
    )
    rules = [f"- `{row['definition']}`" for kind in ("p", "u", "f", "c") for row in each.constraints[kind]]
    yield "\n".join([*rules, *(f"- index `{row['definition']}`" for row in each.constraints["i"])])


def _diagram(tables: Mapping[str, Table]) -> Iterator[str]:
    """Yield a Mermaid entity-relationship diagram: foreign keys, and the references in ``HOMES``."""
    yield "erDiagram"
    for each in tables.values():
        yield f"    {_entity(each.name)} {{"
        for row in each.columns:
            if row["column_name"] in each.key:
                yield f"        {row['type']} {row['column_name']} PK"
        yield "    }"
    for each in tables.values():
        for key in each.constraints["f"]:
            yield _relation(key["refers_to"], each, key["columns"], enforced=True)
        enforced = {key["refers_to"] for key in each.constraints["f"]}
        for column, home in HOMES.items():
            if each.has(column) and home not in {each.name, *enforced}:
                yield _relation(home, each, ["tenant_id", column], enforced=False)


def _relation(parent: str, child: Table, columns: list[str], *, enforced: bool) -> str:
    """Return a line of the diagram; a parent may be missing if nothing enforces it."""
    link = f"{'||' if enforced else '|o'}{'--' if enforced else '..'}{'o|' if set(child.key) == set(columns) else 'o{'}"
    return f'    {_entity(parent)} {link} {_entity(child.name)} : "{columns[-1]}"'


def _entity(name: str) -> str:
    return name.removeprefix("cdp.")
