"""The project's pages name only things that exist."""

import ast
import configparser
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent.parent
PACKAGE = PROJECT / "plugins" / "cdp_sync"
SQL = PROJECT / "include" / "sql"
PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
MADE_FOR_MWAA = "plugins/cdp_sync/sql"


def contracts():
    parser = configparser.ConfigParser()
    parser.read(PROJECT / ".importlinter")
    layers = [
        re.findall(r"\w+", line) for line in parser["importlinter:contract:layers"]["layers"].strip().splitlines()
    ]
    pure = parser["importlinter:contract:pure"]["source_modules"].split()
    return layers, {name.removeprefix("cdp_sync.") for name in pure}


@pytest.fixture
def tree():
    """Paths in the architecture's tree, in its order."""
    text = (PROJECT / "docs" / "architecture.md").read_text()
    section = text.partition("## Where things are")[2].partition("\n## ")[0]
    paths, root = [], Path()
    for indent, name in re.findall(r"^    ( *)(\S+)", section, re.MULTILINE):
        if not indent:
            root = PROJECT / name
        paths.append(root / name if indent else root)
    return paths


@pytest.fixture
def modules(tree):
    """Modules and packages of the tree."""
    return [path.name for path in tree if path.parent == PACKAGE]


def test_the_tree_has_every_room_and_module_and_names_none_that_is_gone(tree):
    there = {folder.parent for folder in PACKAGE.rglob("__init__.py")}
    there |= {module.with_suffix("") for module in PACKAGE.glob("*.py") if module.name != "__init__.py"}
    there |= {SQL, *(folder for folder in SQL.rglob("*") if folder.is_dir())}

    assert {path for path in tree if path.is_relative_to(PACKAGE) or path.is_relative_to(SQL)} == there
    assert [path for path in tree if not path.exists() and not path.with_suffix(".py").exists()] == []


def test_the_tree_stands_in_the_order_in_which_modules_import_each_other(modules):
    layers, _ = contracts()
    depth = {name: number for number, layer in enumerate(layers) for name in layer}

    assert [depth[name] for name in modules] == sorted(depth.values())


def test_from_the_inbox_down_nothing_imports_airflow(modules):
    _, pure = contracts()

    assert set(modules[modules.index("inbox") :]) == pure


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_what_a_page_links_to_or_names_exists(page):
    text = page.read_text()
    linked = {page.parent / link for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)}
    named = re.findall(r"(?<![\w/.-])(?:dags|docs|include|plugins|requirements|tests)/[\w./-]*\w", text)
    commands = set(re.findall(r"`make ([a-z-]+)", text)) | set(re.findall(r"^    make ([a-z-]+)", text, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))

    assert [path for path in linked if not path.exists()] == []
    assert [path for path in named if path != MADE_FOR_MWAA and not (PROJECT / path).exists()] == []
    assert commands - targets == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_row_of_a_table_has_as_many_cells_as_its_head(page):
    lines = re.sub(r"`[^`\n]*`", "", page.read_text()).splitlines()
    cells = [len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0 for line in lines]

    rows = zip(lines[1:], cells[:-1], cells[1:], strict=True)
    assert [line for line, above, here in rows if here and above not in (0, here)] == []


def sentences(path):
    """Return the text of each function and constant of a module, values as ``…``; of SQL, with how its checks end."""
    if path.suffix == ".sql":
        return ["".join([path.read_text(), *sentences(PACKAGE / "checks.py")])]
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Assign)
    ]
    return ["".join(map(said, texts(function))) for function in functions]


def texts(node):
    """Yield the texts in a function, each once: an f-string as a whole."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr) or (isinstance(child, ast.Constant) and isinstance(child.value, str)):
            yield child
        else:
            yield from texts(child)


def said(text):
    parts = text.values if isinstance(text, ast.JoinedStr) else [text]
    return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in parts)


def remedies():
    """Yield what ``operations.md`` shows of each message, and the remedy it names."""
    page = (PROJECT / "docs" / "operations.md").read_text()
    for row in page.partition("| you see |")[2].partition("\n\n")[0].splitlines()[2:]:
        seen, remedy = row.strip("| ").split(" | ")[:2]
        for fragment in re.findall(r"`([^`]+ [^`]+)`", seen):
            yield fragment, remedy.strip("`") if remedy.startswith("`") else ""


@pytest.mark.parametrize(("fragment", "remedy"), list(remedies()))
def test_a_message_says_what_operations_md_says_to_do(fragment, remedy):
    told = [text for path in [*PACKAGE.rglob("*.py"), *SQL.glob("checks/*.sql")] for text in sentences(path)]
    matching = [text for text in told if re.search(".*".join(map(re.escape, fragment.split("…"))), text, re.DOTALL)]

    assert matching, "no message reads so"
    assert any(remedy in text for text in matching), "no such message names the remedy"
