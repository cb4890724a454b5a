"""Files on the web, fetched to this machine."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from connectors.files.address import shown_address
from connectors.files.sheets import export_address, is_sheet, leads_to_export, sheet_refusal
from okr_sync.connector import SettingsError, UnavailableError
from okr_sync.http import CONNECT_SECONDS, READ_SECONDS, Faults
from okr_sync.http.retry import retrying

_MOST_REDIRECTS = 5


class Downloads:
    """Fetches each file once, into a folder that lasts until `close`."""

    def __init__(self, source: str) -> None:
        self.request_count = 0
        self._source = source
        self._faults = Faults(source, "the address must give the file to okr-sync without a person signing in")
        self._files: dict[str, Path] = {}
        self._folder = TemporaryDirectory(prefix="okr-sync-")
        self._http = httpx.Client(
            headers={"User-Agent": "okr-sync"},
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            follow_redirects=False,
        )

    def fetch(self, url: str) -> Path:
        """The file at `url`, whole; of a Google Sheet its CSV.

        Raises:
            AccessError: it is not given without credentials, or a sheet is not shared.
            SettingsError: there is none, or it is on another host than the address says.
            UnavailableError: no whole answer after some retries, or a web page where the file should be.
        """
        if url not in self._files:
            target = Path(self._folder.name) / str(len(self._files))
            retrying(lambda: self._receive(url, target))
            self._files[url] = target
        return self._files[url]

    def close(self) -> None:
        self._http.close()
        self._folder.cleanup()

    def _receive(self, url: str, target: Path) -> None:
        where = f"GET {shown_address(url)}"
        try:
            with closing(self._answer(export_address(url) if is_sheet(url) else url)) as response:
                self._check(where, response, is_sheet=is_sheet(url))
                with target.open("wb") as file:
                    file.writelines(response.iter_bytes())
        except httpx.InvalidURL as error:
            raise SettingsError(f"source {self._source}: {where}: {error}; correct `path:`") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            is_slow = isinstance(error, httpx.ReadTimeout)
            raise self._faults.of_silence(where, f"no whole answer ({error})", is_timeout=is_slow) from error

    def _answer(self, url: str) -> httpx.Response:
        """The answer after redirects on the same host, and of a sheet to its export.

        One to another host, or one too many, is an answer itself.
        """
        response = self._send(self._http.build_request("GET", url))
        for _ in range(_MOST_REDIRECTS):
            following = response.next_request
            if following is None or not _may_follow(response.url, following.url):
                break
            response.close()
            response = self._send(following)
        return response

    def _send(self, request: httpx.Request) -> httpx.Response:
        self.request_count += 1
        return self._http.send(request, stream=True)

    def _check(self, where: str, response: httpx.Response, *, is_sheet: bool) -> None:
        if is_sheet:
            refusal = sheet_refusal(f"source {self._source}: {where}", response.status_code, response.headers)
            if refusal is not None:
                raise refusal
        if not response.is_success:
            raise self._faults.of_answer(where, response.status_code, response.headers, None)
        if response.headers.get("Content-Type", "").lower().startswith("text/html"):
            raise UnavailableError(
                f"source {self._source}: {where}: answered with a web page (text/html) where a file was expected,"
                " as a log-in or maintenance page does; check the address: it must give the file itself"
            )


def _may_follow(here: httpx.URL, there: httpx.URL) -> bool:
    return _host(here) == _host(there) or leads_to_export(str(here), str(there))


def _host(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
