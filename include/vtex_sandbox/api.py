"""VTEX's API: from a request to an answer."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import parse_qsl, unquote

import msgspec

from vtex_sandbox.answers import HTML_404, HTML_503, HTML_PAGE, Answer, Request, json_error
from vtex_sandbox.broadcasts import Broadcasts
from vtex_sandbox.clock import Clock
from vtex_sandbox.faults import Fault, Faults
from vtex_sandbox.journal import Journal
from vtex_sandbox.limits import Limit
from vtex_sandbox.listed import list_page
from vtex_sandbox.protection import masked, protected
from vtex_sandbox.query import BadQuery
from vtex_sandbox.scenario import Account, Scenario
from vtex_sandbox.store import Store

ORDERS = "/api/oms/pvt/orders"
PROTECTED_LIST = "/api/orders/extendsearch/orders"
PROTECTED_ORDERS = "/api/orders/pvt/document"
ROUTES = {
    ("GET", "/api/orders/feed"): "feed",
    ("POST", "/api/orders/feed"): "commit",
    ("GET", "/api/orders/feed/config"): "feed_config",
    ("POST", "/api/orders/feed/config"): "feed_config",
    ("DELETE", "/api/orders/feed/config"): "feed_config",
    ("GET", "/api/orders/hook/config"): "hook_config",
    ("POST", "/api/orders/hook/config"): "hook_config",
    ("DELETE", "/api/orders/hook/config"): "hook_config",
}
"""Routes of feed and hook; all others are below ``ORDERS`` and use GET, or are those of Data Protection Plus."""
LONGEST_QUERY = 2000
HOSTS = (".vtexcommercestable.com.br", ".vtexcommercebeta.com.br", ".myvtex.com", ".localhost")


def app_key(account: str) -> str:
    """Return the key that may do everything."""
    return f"vtexappkey-{account}-SANDBX"


def other_key(account: str) -> str:
    """Return a second key that may do everything, with a feed and a hook of its own."""
    return f"vtexappkey-{account}-OTHER"


def app_token(account: str) -> str:
    """Return the token of all of an account's keys."""
    return f"sandbox-token-{account}"


def roleless_key(account: str) -> str:
    """Return a key without a role."""
    return f"vtexappkey-{account}-NOROLE"


class Vtex:
    """All accounts of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.clock = Clock()
        self.journal = Journal()
        self.faults = Faults(scenario.seed, msgspec.convert(scenario.faults, list[Fault]))
        self.stores: dict[str, Store] = {}
        self.broadcasts: dict[str, Broadcasts] = {}
        self._limits: dict[str, Limit] = {}
        self.delivering: asyncio.Future[None] | None = None
        for name, account in scenario.accounts.items():
            self.add(name, account)

    def add(self, name: str, account: Account) -> None:
        """Open an account, or replace it."""
        self.scenario.accounts[name] = account
        self.stores[name] = Store(name, account, self.scenario)
        self.broadcasts[name] = Broadcasts(self.stores[name], self.scenario)
        self._limits[name] = Limit(account.requests_per_second, account.burst)

    def answer(self, request: Request) -> Answer:
        """Answer a request of the Orders API, and log it."""
        path, _, query = request.target.partition("?")
        account, path = self._account(request, path)
        route, order_id = _route(request.method, path)
        listed_by_post = path == PROTECTED_LIST and route == "list"
        answer = self._answer(request, account, path, route, order_id, query)
        logged = request.body.decode("latin-1") if listed_by_post else query
        self.journal.note(account, route, path, logged, 0 if answer.reset else answer.status)
        return answer

    def _account(self, request: Request, path: str) -> tuple[str, str]:
        """Return account and path: the account is in the host's name, or the first folder."""
        host = request.headers.get("host", "").partition(":")[0]
        for suffix in HOSTS:
            if host.endswith(suffix):
                return host.removesuffix(suffix), path
        _, account, rest = (path + "/").split("/", 2)
        return account, f"/{rest}".removesuffix("/")

    def _answer(self, request: Request, account: str, path: str, route: str, order_id: str, query: str) -> Answer:
        store = self.stores.get(account)
        is_protected = path.startswith((PROTECTED_LIST, PROTECTED_ORDERS))
        if (
            store is None
            or not route
            or len(query) > LONGEST_QUERY
            or (is_protected and not store.account.data_protection)
        ):
            return Answer(404, HTML_404, "text/html")
        fault = self.faults.strike(account, route, order_id)
        if fault and (answer := _fault_answer(fault)):
            return answer
        if refused := self._refuse(request, account, route):
            return refused
        if route in ROUTES.values():
            key = request.headers["x-vtex-api-appkey"]
            asked = (request.method, route, dict(parse_qsl(query)), request.body)
            answer = self.broadcasts[account].answer(key, *asked, self.clock.now())
        else:
            parameters = _body_parameters(request.body) if is_protected and route == "list" else _parameters(query)
            answer = self._serve(store, route, order_id, parameters, fault)
            if store.account.data_protection and route != "list" and answer.status == 200:
                answer = answer._replace(body=self._protect(store, answer.body, parameters, is_protected))
        if fault and fault.fault == "rewrite":
            find, put = fault.find.encode("latin-1"), fault.put.encode("latin-1")
            return answer._replace(body=re.sub(find, lambda _: put, answer.body))
        if fault and fault.fault in ("truncate", "cut_json", "slow"):
            if fault.fault == "cut_json":
                return answer._replace(body=answer.body[: len(answer.body) // 2])
            return answer._replace(
                cut=fault.fault == "truncate", seconds=fault.seconds if fault.fault == "slow" else 0.0
            )
        return answer

    def _refuse(self, request: Request, account: str, route: str) -> Answer | None:
        key = request.headers.get("x-vtex-api-appkey")
        if key not in (app_key(account), other_key(account), roleless_key(account)) or (
            request.headers.get("x-vtex-api-apptoken") != app_token(account)
        ):
            return json_error(401, "1", "Acesso não autorizado")
        may_not = route in ROUTES.values() and not self.scenario.accounts[account].feed_role
        if key == roleless_key(account) or may_not:
            return json_error(403, "1", "Acesso negado")
        rate = self.scenario.requests_per_second_per_ip
        shared = self._limits.setdefault(f"ip {request.address}", Limit(rate, max(5, int(rate / 10))))
        if not self._limits[account].allow() or not shared.allow():
            seconds = self.scenario.accounts[account].retry_after
            headers = () if seconds is None else (("Retry-After", str(seconds)),)
            return json_error(429, "429", "Too Many Requests")._replace(headers=headers)
        return None

    def _protect(self, store: Store, body: bytes, parameters: dict[str, str], is_protected: bool) -> bytes:
        """Return what an account under Data Protection Plus serves; the old path answers masked."""
        if not is_protected:
            return masked(body)
        return protected(body, shown=store.account.unmasks and bool(parameters.get("reason")))

    def _serve(
        self, store: Store, route: str, order_id: str, parameters: dict[str, str], fault: Fault | None
    ) -> Answer:
        now = self.clock.now()
        if route == "list":
            kind = fault.fault if fault else ""
            try:
                body = list_page(
                    store,
                    parameters,
                    now,
                    shift=int(kind == "drift"),
                    lie=fault.extra if fault and kind == "total_lie" else 0,
                    page_again=int(kind == "repeat_page"),
                )
            except BadQuery as bad:
                return json_error(400, "OMS007", str(bad))
            return Answer(200, body)
        if route == "group":
            if orders := store.group(order_id, now):
                return Answer(200, b"[" + b",".join(orders) + b"]")
            return json_error(404, "OMS005", "Order group not found")
        document = store.detail(order_id, now)
        if document is None:
            return json_error(404, "OMS005", "Order not found")
        if fault and fault.fault == "swap":
            document = document.replace(order_id.encode(), b"another-" + order_id.encode())
        return Answer(200, document)


def _route(method: str, path: str) -> tuple[str, str]:
    if route := ROUTES.get((method, path)):
        return route, ""
    if (method, path) == ("POST", PROTECTED_LIST):
        return "list", ""
    if method != "GET":
        return "", ""
    if path.startswith(f"{PROTECTED_ORDERS}/"):
        return _named("detail", path[len(PROTECTED_ORDERS) + 1 :])
    if path == ORDERS:
        return "list", ""
    if not path.startswith(f"{ORDERS}/"):
        return "", ""
    rest = path[len(ORDERS) + 1 :]
    if rest.startswith("order-group/"):
        return "group", unquote(rest.removeprefix("order-group/"))
    return _named("detail", rest)


def _named(route: str, name: str) -> tuple[str, str]:
    return ("", "") if "/" in name else (route, unquote(name))


def _parameters(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True))


def _body_parameters(body: bytes) -> dict[str, str]:
    """Return the members of a JSON object as the texts of a query."""
    try:
        members = msgspec.json.decode(body or b"{}", type=dict[str, str | int | bool])
    except msgspec.DecodeError:
        return {"page": "unreadable"}
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in members.items()}


def _fault_answer(fault: Fault) -> Answer | None:
    if fault.fault == "reset":
        return Answer(0, b"", reset=True)
    if fault.fault == "html":
        return Answer(200, HTML_PAGE, "text/html")
    if fault.fault == "oversize":
        return Answer(200, b'{"x":"' + b"x" * (64 * 2**20) + b'"}')
    if fault.fault == "status":
        headers = () if fault.retry_after is None else (("Retry-After", str(fault.retry_after)),)
        if fault.status >= 500 or fault.status == 404:
            page = HTML_404 if fault.status == 404 else HTML_503
            return Answer(fault.status, page, "text/html", headers)
        return json_error(fault.status, str(fault.status), "Sandbox fault")._replace(headers=headers)
    return None
