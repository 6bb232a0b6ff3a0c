import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("plugins", "dags", "include/local", "include/vtex_sandbox", "benchmarks", "docs/generate")
CLAUSE = re.compile(
    r"(what|whatever|whether|who|whoever|whose|where|wherever|which|whichever|how|when|whenever|why|its?|their|they|as|if"
    r"|unless|so|not|also|but|for|from|of|to|at|on|in|after|before|between|less|longer|none|because|since|while)\b",
    re.IGNORECASE,
)
THIRD_PERSON = re.compile(
    r"(Add|Bring|Build|Create|Fetche|Fill|Find|Give|Hold|Keep|Load|Make|Read|Receive|Return|Take|Tell|Write|Yield)s\b"
)
TELLS = re.compile(r"\b(told|tells|all the same|but for|at most so many)\b")
FILES = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))


def docstrings(tree):
    """Yield the docstrings of a module and its classes, functions and constants."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from filter(is_text, body[:1])
        for assignment, text in pairwise(body):
            if isinstance(assignment, ast.Assign | ast.AnnAssign) and is_text(text):
                yield text


def is_text(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def faults(source):
    """Return line and fault of each docstring that opens badly, or says "told"."""
    for text in docstrings(ast.parse(source)):
        words = text.value.value.strip().removeprefix("### ")
        if CLAUSE.match(words) or THIRD_PERSON.match(words) or not re.match(r"[A-Z0-9`]", words):
            yield text.lineno, f"opens with {words[:30]!r}"
        if found := TELLS.search(words):
            yield text.lineno, f"says {found[0]!r}"


def test_docstrings_open_with_an_imperative_or_a_noun_phrase():
    assert len(FILES) > 80
    complaints = [
        f"{file.relative_to(ROOT)}:{line} {fault}" for file in FILES for line, fault in faults(file.read_text("utf-8"))
    ]

    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    "docstring",
    [
        "What it returns.",
        "Whether it is.",
        "the rows",
        ":raises X: if so.",
        "",
        "Returns rows.",
        "### What",
        "Rows it told",
    ],
)
def test_a_clause_a_lower_case_letter_and_a_bare_parameter_are_found(docstring):
    assert [line for line, _ in faults(f'LIMIT = 1\n"""{docstring}"""')] == [2]
    assert [line for line, _ in faults(f'class A:\n    def b(self):\n        """{docstring}"""')] == [3]


def test_an_imperative_and_a_noun_phrase_pass():
    assert not list(
        faults('"""Return rows."""\nLIMIT = 1\n"""Seconds it takes."""\ndef a():\n    """``GET /``: rows."""')
    )
