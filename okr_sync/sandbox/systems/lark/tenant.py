"""A stand-in for Lark: a tenant with one app, one Base and the OKR module."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.http import Json, answer
from okr_sync.sandbox.system import System
from okr_sync.sandbox.systems.lark import okrs
from okr_sync.sandbox.systems.lark.answers import failure, invalid, success
from okr_sync.sandbox.systems.lark.tables import TABLES, Table

APP_ID = "cli_a0sandbox0000001"
APP_SECRET = "sandbox-lark-secret"  # noqa: S105 - the sandbox's own
BASE = "bascnAgencySandbox0001"
WIKI_PAGE = "wikcnAgencySandbox0001"
LARGEST_PAGE = 500
TOKEN_LIFE = timedelta(hours=2)
SAME_TOKEN_UNTIL = timedelta(minutes=30)
"""A token that lives longer than this is given again."""

Method = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class LarkOptions:
    page_cap: int = LARGEST_PAGE
    """The most records in a page, whatever was asked for."""
    is_advanced: bool = False
    """The Base has advanced permissions."""
    has_role: bool = True
    """The app may read the Base's records; under advanced permissions it is told of none otherwise."""
    scopes: tuple[str, ...] = ("bitable:app:readonly", "wiki:node:read", "okr:okr:readonly", "admin:app.info:readonly")
    """Granted to the app."""


class Lark(System):
    """One tenant. Without a token every path but that of tokens is refused."""

    vendor = "Lark"

    def __init__(self, agency: Agency, url: str, options: LarkOptions | None = None) -> None:
        super().__init__(agency, url)
        self._options = options or LarkOptions()
        self._tokens: dict[str, datetime] = {}

    def variables(self) -> dict[str, str]:
        return {"LARK_URL": self.url, "LARK_DOMAIN": "lark", "LARK_APP_ID": APP_ID, "LARK_APP_SECRET": APP_SECRET}

    def routes(self) -> Sequence[Route]:
        table = "/open-apis/bitable/v1/apps/{app}/tables/{table}"
        read: dict[str, Method] = {
            "/open-apis/application/v6/scopes": self.scopes,
            "/open-apis/bot/v3/info": self.bot,
            "/open-apis/bitable/v1/apps/{app}": self.base,
            f"{table}/fields": self.fields,
            "/open-apis/wiki/v2/spaces/get_node": self.wiki_node,
            "/open-apis/okr/v1/periods": self.periods,
            "/open-apis/okr/v1/users/{user}/okrs": self.user_okrs,
            "/open-apis/okr/v2/cycles": self.cycles,
            "/open-apis/okr/v2/cycles/{id}/objectives": self.objectives,
            "/open-apis/okr/v2/objectives/{id}/key_results": self.key_results,
            "/open-apis/okr/v2/key_results/{id}/indicators": self.indicator,
        }
        return [
            Route("/open-apis/auth/v3/tenant_access_token/internal", self.token, methods=["POST"]),
            Route(f"{table}/records/search", self._signed_in(self.search), methods=["POST"]),
            *(Route(path, self._signed_in(method)) for path, method in read.items()),
        ]

    async def token(self, request: Request) -> Response:
        """The same one until it has less than half an hour left."""
        asked = await _body(request)
        if asked.get("app_id") != APP_ID:
            raise failure(10003, "invalid param", 400)
        if asked.get("app_secret") != APP_SECRET:
            raise failure(10014, "app secret invalid", 400)
        now = self.agency.clock.now()
        token = next((one for one, end in self._tokens.items() if end - now >= SAME_TOKEN_UNTIL), None)
        if token is None:
            token = f"t-g1sandbox{len(self._tokens):08}"
            self._tokens[token] = now + TOKEN_LIFE
        left = int((self._tokens[token] - now).total_seconds())
        return answer({"code": 0, "msg": "ok", "tenant_access_token": token, "expire": left})

    async def scopes(self, _: Request) -> Response:
        """Beside those of the app, one it asked for in vain and one that it has for users who sign in."""
        granted = [{"grant_status": 1, "scope_name": one, "scope_type": "tenant"} for one in self._options.scopes]
        refused = {"grant_status": 2, "scope_name": "im:message", "scope_type": "tenant"}
        of_users = {"grant_status": 1, "scope_name": "okr:okr:readonly", "scope_type": "user"}
        return success({"scopes": [*granted, refused, of_users]})

    async def bot(self, _: Request) -> Response:
        """Without `data`, as Lark has it."""
        return answer(
            {"code": 0, "msg": "ok", "bot": {"activate_status": 2, "app_name": "Số đêm", "open_id": "ou_bot"}}
        )

    async def base(self, request: Request) -> Response:
        _refuse_other_base(request)
        app = {"app_token": BASE, "formula_type": 2, "is_advanced": self._options.is_advanced, "name": "Vận hành"}
        return success({"app": app | {"revision": self.agency.revision, "time_zone": "Asia/Ho_Chi_Minh"}})

    async def fields(self, request: Request) -> Response:
        return success(_page(request, _table(request).fields, largest=100))

    async def search(self, request: Request) -> Response:
        """In the order of creation, by position: where a record goes meanwhile, another one slips through."""
        table, asked = _table(request), await _body(request)
        if asked.get("filter") or asked.get("sort"):
            raise failure(1254018, "InvalidFilter")  # the sandbox has neither
        names = asked.get("field_names")
        unknown = set(names or ()) - table.field_names
        if unknown:
            raise failure(1254045, "FieldNameNotFound")
        rows = table.rows(self.agency) if self._sees_records else ()
        page = _page(request, rows, largest=LARGEST_PAGE, cap=self._options.page_cap)
        items: Any = page["items"]
        is_automatic = asked.get("automatic_fields") is True
        records = [
            table.record(row, number, is_automatic=is_automatic, names=names)
            for number, row in enumerate(items, start=_position(request) + 1)
        ]
        return success(page | {"items": records or None})

    async def wiki_node(self, request: Request) -> Response:
        token = request.query_params.get("token")
        if token == WIKI_PAGE:
            return success(
                {"node": {"node_token": token, "obj_token": BASE, "obj_type": "bitable", "title": "Vận hành"}}
            )
        if token == "wikcnDocument":  # noqa: S105 - the token of a page
            return success(
                {"node": {"node_token": token, "obj_token": "doxcn1", "obj_type": "docx", "title": "Sổ tay"}}
            )
        raise failure(131005, "not found: node not found", 400)

    async def periods(self, request: Request) -> Response:
        return success(_page(request, [okrs.period(one) for one in okrs.CYCLES], largest=100))

    async def user_okrs(self, request: Request) -> Response:
        offset, limit = (request.query_params.get(name, "") for name in ("offset", "limit"))
        if not offset.isdigit() or not limit.isdigit() or not 1 <= int(limit) <= 10:
            raise failure(1001001, "invalid parameters", 400)
        found = okrs.okrs_of(_owner(request.path_params["user"]))
        return success({"okr_list": found[int(offset) : int(offset) + int(limit)], "total": len(found)})

    async def cycles(self, request: Request) -> Response:
        owner = _owner(request.query_params.get("user_id", ""))
        return success(_page(request, okrs.cycles_of(owner), largest=100))

    async def objectives(self, request: Request) -> Response:
        return success(_page(request, okrs.objectives_in(request.path_params["id"]), largest=100))

    async def key_results(self, request: Request) -> Response:
        return success(_page(request, okrs.key_results_of(request.path_params["id"]), largest=100))

    async def indicator(self, request: Request) -> Response:
        return success({"indicator": okrs.indicator_of(request.path_params["id"])})

    @property
    def _sees_records(self) -> bool:
        return self._options.has_role or not self._options.is_advanced

    def _signed_in(self, method: Method) -> Method:
        async def signed_in(request: Request) -> Response:
            self._check_token(request.headers.get("authorization", ""))
            return await method(request)

        return signed_in

    def _check_token(self, authorization: str) -> None:
        token = authorization.removeprefix("Bearer ")
        if not token:
            raise failure(99991661, "Missing access token for authorization.", 400)
        if (
            self._tokens.get(token, datetime.min.replace(tzinfo=self.agency.clock.now().tzinfo))
            <= self.agency.clock.now()
        ):
            raise failure(99991663, "Invalid access token for authorization.", 400)


async def _body(request: Request) -> dict[str, Any]:
    try:
        asked = json.loads(await request.body() or b"{}")
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise failure(1254000, "WrongRequestJson")
    return asked


def _refuse_other_base(request: Request) -> None:
    if request.path_params["app"] != BASE:
        raise failure(91402, "NOTEXIST", 404)


def _table(request: Request) -> Table:
    _refuse_other_base(request)
    table = TABLES.get(request.path_params["table"])
    if table is None:
        raise failure(1254041, "TableIdNotFound")
    return table


def _owner(user: str) -> str:
    if user not in okrs.OWNERS:
        raise failure(1001003, "user not found", 400)
    return user


def _position(request: Request) -> int:
    token = request.query_params.get("page_token", "")
    if token and not token.removeprefix("page").isdigit():
        raise failure(1254002, "Fail")
    return int(token.removeprefix("page") or 0)


def _page(request: Request, rows: Sequence[object], *, largest: int, cap: int | None = None) -> Json:
    """The rows from the token's position on. The last page has no token."""
    asked = request.query_params.get("page_size", "20")
    if not asked.isdigit() or not 1 <= int(asked) <= largest:
        raise invalid("page_size", f"the max value is {largest}")
    start = _position(request)
    end = start + min(int(asked), cap or largest)
    page: Json = {"has_more": end < len(rows), "items": rows[start:end], "total": len(rows)}
    return page | ({"page_token": f"page{end}"} if end < len(rows) else {})
