"""The pages of tables and settings match the database and the code."""

import re

from docs.generate import DICTIONARY_PAGE, PROJECT, SETTINGS_PAGE
from docs.generate.dictionary_page import dictionary_page
from docs.generate.settings_page import VARIABLES, settings_page


def test_the_dictionary_is_what_make_docs_would_write(db):
    assert DICTIONARY_PAGE.read_text() == dictionary_page(db), "run make docs"


def test_the_settings_are_what_make_docs_would_write(db):
    assert SETTINGS_PAGE.read_text() == settings_page(db), "run make docs"


def test_every_variable_the_package_reads_is_a_setting_and_no_other():
    texts = [file.read_text() for file in (PROJECT / "plugins").rglob("*.py")]

    assert set(VARIABLES) == {name for text in texts for name in re.findall(r"\bCDP_[A-Z_]+\b", text)}
