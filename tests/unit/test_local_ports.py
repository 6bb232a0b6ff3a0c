"""Ports: the usual ones, the next free ones if taken, the same ones next time."""

import socket

import pytest

from local import ports


@pytest.fixture
def taken():
    """A port that something else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture
def nothing_listens(monkeypatch):
    monkeypatch.setattr(ports, "is_free", lambda port: True)


def test_the_usual_ports_are_taken_without_a_word(nothing_listens):
    assert ports.choose({}) == (ports.USUAL, "")


def test_a_taken_port_moves_and_one_sentence_says_so(monkeypatch):
    monkeypatch.setattr(ports, "is_free", lambda port: port not in {8080, 54320})

    chosen, said = ports.choose({})

    assert (chosen["ui"], chosen["postgres"], chosen["sandbox"]) == (8081, 54321, 8085)
    assert said == (
        "Ports taken by something else on this machine, so we move the Airflow UI from 8080 to 8081, "
        "PostgreSQL from 54320 to 54321."
    )


def test_a_port_never_moves_onto_another_of_ours(monkeypatch):
    monkeypatch.setattr(ports, "is_free", lambda port: port not in {8793, 8080})

    chosen, _ = ports.choose({"ui": 8080})

    assert len(set(chosen.values())) == len(ports.USUAL)


def test_the_ports_of_the_last_time_come_first(nothing_listens):
    chosen, said = ports.choose({"ui": 9000})

    assert (chosen["ui"], said) == (9000, "")


def test_a_port_that_our_own_process_has_stays(monkeypatch):
    monkeypatch.setattr(ports, "is_free", lambda port: port != 8080)

    chosen, said = ports.choose({"ui": 8080}, {"ui"})

    assert (chosen["ui"], said) == (8080, "")


def test_a_port_somebody_listens_on_is_not_free(taken):
    assert not ports.is_free(taken)


def test_ports_are_remembered(tmp_path):
    ports.remember(tmp_path / "new" / "stack.json", {"ui": 9000})

    assert ports.recall(tmp_path / "new" / "stack.json") == {"ui": 9000}


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"ports": {"ui": "x", "other": 1}}'])
def test_a_spoilt_memory_is_no_memory(tmp_path, text):
    (tmp_path / "stack.json").write_text(text)

    assert ports.recall(tmp_path / "stack.json") == {}
