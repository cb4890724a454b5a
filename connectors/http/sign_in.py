"""How each way to sign in becomes headers and parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from connectors.http.settings import Auth, ClientCredentials
from okr_sync.connector import AccessError
from okr_sync.http import Faults, checked_address, secret_forms

if TYPE_CHECKING:
    from okr_sync.http.client import Client


@dataclass(frozen=True)
class SignIn:
    """What goes with every request; `renew` gives new headers where these run out."""

    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    basic: tuple[str, str] | None = None
    renew: Callable[[], Mapping[str, str]] | None = None

    @property
    def tokens(self) -> tuple[str, ...]:
        """The secrets in the headers."""
        return tuple(one.rpartition(" ")[2] for one in self.headers.values())


def secrets_of(auth: Auth | None) -> tuple[str, ...]:
    """Every text that no message may show."""
    if auth is None:
        return ()
    if auth.basic is not None:
        return secret_forms(auth.basic.user, auth.basic.password.get_secret_value())
    if auth.client_credentials is not None:
        secret = auth.client_credentials.client_secret.get_secret_value()
        return (secret, quote(secret, safe=""), quote_plus(secret))
    held = [*(auth.headers or {}).values(), *(auth.params or {}).values(), *filter(None, [auth.bearer])]
    whole = [one.get_secret_value() for one in held]
    secrets = (*whole, *(one.rpartition(" ")[2] for one in whole))  # `OAuth KEY`: the key alone is one, too
    return tuple(form for one in secrets for form in (one, quote(one, safe=""), quote_plus(one)))


def sign_in(source: str, auth: Auth | None, faults: Faults) -> SignIn:
    """Raises SourceError where a token is to be fetched and is not given out."""
    if auth is None:
        return SignIn()
    if auth.bearer is not None:
        return SignIn({"Authorization": f"Bearer {auth.bearer.get_secret_value()}"})
    if auth.headers is not None:
        return SignIn({name: one.get_secret_value() for name, one in auth.headers.items()})
    if auth.params is not None:
        return SignIn(params={name: one.get_secret_value() for name, one in auth.params.items()})
    if auth.basic is not None:
        return SignIn(basic=(auth.basic.user, auth.basic.password.get_secret_value()))
    assert auth.client_credentials is not None  # noqa: S101 - the settings' own validator
    renew = _renewal(source, auth.client_credentials, faults)
    return SignIn(renew(), renew=renew)


def _renewal(source: str, wanted: ClientCredentials, faults: Faults) -> Callable[[], Mapping[str, str]]:
    from okr_sync.http.client import Client  # noqa: PLC0415 - slow to import, see okr_sync.http

    url = checked_address(source, wanted.token_url, "https://example.org/oauth/token")
    form = {"grant_type": "client_credentials", "client_id": wanted.client_id}
    form["client_secret"] = wanted.client_secret.get_secret_value()
    if wanted.scope is not None:
        form["scope"] = wanted.scope

    def renew() -> Mapping[str, str]:
        client: Client = Client(url, faults)
        try:
            token = client.post_form(url, form).get("access_token")
        finally:
            client.close()
        if not isinstance(token, str) or not token:
            raise AccessError(f"source {source}: {url} gave no access_token; {faults.remedy}")
        return {"Authorization": f"Bearer {token}"}

    return renew
