"""Account of a VTEX address."""

from __future__ import annotations

from urllib.parse import urlsplit

_HOSTS = ("vtexcommercestable.com.br", "vtexcommercebeta.com.br", "myvtex.com")


def account_of(url: str) -> str | None:
    """
    Return the account that a URL leads to, in lower case; None if its host is none of VTEX's.

    ``petbaar.vtexcommercestable.com.br`` and, with a workspace, ``dev--petbaar.myvtex.com`` both lead to ``petbaar``.
    """
    name, _, domain = (urlsplit(url).hostname or "").partition(".")
    return name.rpartition("--")[2] if domain in _HOSTS else None
