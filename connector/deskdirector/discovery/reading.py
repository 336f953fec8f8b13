"""Reads a site's documents, from `/swagger` on: only this site, only GET, within limits, whatever is answered.

The API key is not sent at first, only where the site asks for it, and never anywhere else. A page that needs a login,
a 404 and a page of HTML are normal answers; what cannot be read is named, and the rest counts.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from connector.deskdirector.discovery.addresses import on_site
from connector.deskdirector.discovery.documents import Document, DocumentRefusedError, plain_text
from connector.deskdirector.discovery.findings import SIGN_IN, DocumentReport, Findings
from connector.deskdirector.discovery.matching import Candidate, OtherShape, candidates, chosen
from connector.deskdirector.discovery.swagger_page import Listed, asks_for_password, listed, listed_in_json
from connector.deskdirector.discovery.targets import Target
from connector.deskdirector.sites import Site
from connector.deskdirector.transport import Answer

START = "/swagger"
_LIST, _CLASSIC = "/swagger/documentUrls", "/swagger/ui/index"
GUESSES = (
    (_LIST,),
    tuple(f"/swagger/v{version}/swagger.json" for version in (4, 3, 2, 1)),
    tuple(f"/openapi/v{version}.json" for version in (4, 3, 2, 1)),
    tuple(f"/swagger/docs/v{version}" for version in (2, 1)),
    (_CLASSIC,),
)
"""Where documents usually stand; the first group that has some counts."""
PAGE, DATA = "text/html, application/json;q=0.9", "application/json"

_REDIRECTS, _CLOSED = (301, 302, 303, 307, 308), (401, 403)
_LOGIN = re.compile(r"log-?in|sign-?in|ReturnUrl|/auth\b|/oauth", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read of one site; sizes in bytes, decompressed."""

    page: int = 512 * 1024
    document: int = 16 * 2**20
    total: int = 40 * 2**20
    documents: int = 8
    requests: int = 25
    redirects: int = 3
    seconds: float = 120


IN_THE_APP = Limits(document=8 * 2**20, total=24 * 2**20, seconds=60)
"""Less than for a person who waits for it."""

Ask = Callable[[str, str, bool], Awaitable[Answer]]
"""GET a path of the site with an Accept header, with or without the key; raises `SilentError` when nothing came."""


class SilentError(Exception):
    """No whole answer came; the text says why."""


class _LimitError(Exception):
    """Enough was asked of this site."""


async def read_site(site: Site, ask: Ask, targets: Iterable[Target], limits: Limits) -> Findings:
    """What the documents of `site` have of the routes that are looked for. Never raises for what the site answers."""
    reader = _Reader(site, ask, tuple(targets), limits)
    try:
        async with asyncio.timeout(limits.seconds):
            await reader.read()
    except TimeoutError:
        reader.problems.append(f"Reading was ended after {limits.seconds:.0f} seconds.")
    except _LimitError as problem:
        reader.problems.append(str(problem))
    return reader.findings()


async def read_files(files: Iterable[tuple[str, bytes]], targets: Iterable[Target]) -> Findings:
    """The same for documents that a person saved: pairs of name and content."""
    reader = _Reader(Site("files"), _no_site, tuple(targets), Limits())
    for name, content in files:
        await reader.take(name, name, content)
    return reader.findings()


async def _no_site(path: str, accept: str, with_key: bool) -> Answer:
    raise SilentError(f"nothing is asked for {path} {accept} {with_key}")


@dataclass(slots=True)
class _Page:
    """An answer and the path at which it was given in the end, redirects followed."""

    path: str
    status: int
    content: bytes = field(repr=False)
    is_closed: bool = False

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")


@dataclass(slots=True)
class _Reader:
    site: Site
    ask: Ask = field(repr=False)
    targets: tuple[Target, ...]
    limits: Limits
    problems: list[str] = field(default_factory=list)
    _documents: list[DocumentReport] = field(default_factory=list)
    _candidates: list[Candidate] = field(default_factory=list)
    _shapes: list[OtherShape] = field(default_factory=list)
    _tried: set[str] = field(default_factory=set)
    _requests: int = 0
    _bytes: int = 0

    def findings(self) -> Findings:
        matches = chosen(self._candidates)
        shapes = dict.fromkeys(shape for shape in self._shapes if shape.endpoint not in matches)
        return Findings(matches, tuple(self._documents), tuple(shapes)[:50], tuple(self.problems))

    async def read(self) -> None:
        """The first form of page that yields documents counts."""
        page = await self._get(START, PAGE)
        if page is None:
            self.problems.append(f"{START} did not answer.")
            return
        if not page.is_closed:
            if page.status == 200 and self._is_document(page.content):
                await self.take(page.path, page.path, page.content)
                return
            await self._take_listed(page)
        if not self._has_read():
            await self._guess()
        if page.is_closed and not self._has_read():
            self.problems.append(SIGN_IN)
        elif not self._documents:
            self.problems.append(f"No documents were found behind {START}.")

    async def take(self, name: str, path: str, content: bytes) -> None:
        """Read one document's content, away from the event loop: parsing it takes its time."""
        report, matched = await asyncio.to_thread(self._match, name, path, content)
        self._documents.append(report)
        for one in matched:
            if isinstance(one, OtherShape):
                self._shapes.append(one)
            else:
                self._candidates.append(one)

    def _match(self, name: str, path: str, content: bytes) -> tuple[DocumentReport, list[Candidate | OtherShape]]:
        try:
            document = Document.read(content, _name_of(name))
            matched = list(candidates(document, self.targets))
        except DocumentRefusedError as problem:
            return DocumentReport(_name_of(name), plain_text(path), problem=str(problem)), []
        return DocumentReport(document.name, plain_text(path), document.count()), matched

    async def _take_listed(self, page: _Page) -> None:
        """The documents that a page lists, or the script or the configuration beside it."""
        if len(page.content) > self.limits.page:
            self.problems.append(f"{plain_text(page.path)} is larger than {self.limits.page} bytes.")
            return
        listing = listed(page.text, page.path.partition("?")[2])
        await self._take_all(listing, page.path)
        for address in (*listing.scripts, *listing.configs):
            if self._has_read():
                return
            beside = await self._get_listed(address, page.path, DATA if address in listing.configs else "*/*")
            if beside and beside.status == 200:
                inner = self._listed_in(beside)
                await self._take_all(inner, page.path)
                for config in inner.configs:
                    further = await self._get_listed(config, page.path, DATA)
                    if further and further.status == 200:
                        await self._take_all(self._listed_in(further), page.path)

    def _listed_in(self, page: _Page) -> Listed:
        if len(page.content) > self.limits.page:
            self.problems.append(f"{plain_text(page.path)} is larger than {self.limits.page} bytes.")
            return Listed()
        try:
            return listed_in_json(json.loads(page.content))
        except (ValueError, RecursionError):
            return listed(page.text)

    async def _take_all(self, listing: Listed, page: str) -> None:
        base = listing.base or page.partition("?")[0]
        for address in listing.documents:
            path = on_site(_as_json(address), base, self.site)
            if path is None:
                self.problems.append(f"The document {plain_text(address)} is not on this site; it is not read.")
            else:
                await self._take_path(path)

    async def _take_path(self, path: str) -> None:
        if path in self._tried:
            return
        if len(self._documents) >= self.limits.documents:
            raise _LimitError(f"More than {self.limits.documents} documents are listed; the others are not read.")
        page = await self._get(path, DATA)
        if page is None:
            self._documents.append(DocumentReport(_name_of(path), plain_text(path), problem="it did not answer"))
        elif page.is_closed:
            self._documents.append(DocumentReport(_name_of(path), plain_text(path), problem="it needs a sign-in"))
        elif page.status != 200:
            problem = f"it answered {page.status}"
            self._documents.append(DocumentReport(_name_of(path), plain_text(path), problem=problem))
        else:
            await self.take(path, path, page.content)

    async def _guess(self) -> None:
        """Look where documents usually stand; a missing one is no problem."""
        for group in GUESSES:
            for path in group:
                if path not in self._tried:
                    await self._guess_at(path)
            if self._has_read():
                return

    async def _guess_at(self, path: str) -> None:
        page = await self._get(path, PAGE if path == _CLASSIC else DATA)
        if page is None or page.status != 200 or page.is_closed:
            return
        if self._is_document(page.content):
            await self.take(path, path, page.content)
        elif path in (_LIST, _CLASSIC):
            # Entries of the list count from the page that shows it.
            await self._take_all(self._listed_in(page), f"{START}/index.html" if path == _LIST else page.path)

    def _has_read(self) -> bool:
        return any(not document.problem for document in self._documents)

    def _is_document(self, content: bytes) -> bool:
        head = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:2048]
        return head[:1] == b"{" and (b'"openapi"' in head or b'"swagger"' in head)

    async def _get_listed(self, address: str, page: str, accept: str) -> _Page | None:
        path = on_site(address, page.partition("?")[0], self.site)
        return await self._get(path, accept) if path and path not in self._tried else None

    async def _get(self, path: str, accept: str) -> _Page | None:
        """The answer, redirects on this site followed; once more with the key when the site asks for a login."""
        page = await self._follow(path, accept, with_key=False)
        if page and page.is_closed:
            page = await self._follow(path, accept, with_key=True) or page
        return page

    async def _follow(self, path: str, accept: str, *, with_key: bool) -> _Page | None:
        for hop in range(self.limits.redirects + 1):
            self._tried.add(path)
            answer = await self._ask(path, accept, with_key=with_key and hop == 0)
            if answer is None:
                return None
            if answer.status not in _REDIRECTS:
                is_closed = answer.status in _CLOSED or asks_for_password(answer.content[: self.limits.page])
                return _Page(path, answer.status, answer.content, is_closed)
            location = answer.headers.get("location", "")
            target = on_site(location, path.partition("?")[0], self.site)
            if target is None or _LOGIN.search(location):
                return _Page(path, answer.status, b"", is_closed=True)
            path = target
        return None

    async def _ask(self, path: str, accept: str, *, with_key: bool) -> Answer | None:
        if self._requests >= self.limits.requests:
            raise _LimitError(f"Reading was ended after {self.limits.requests} requests.")
        if self._bytes > self.limits.total:
            raise _LimitError(f"Reading was ended after {self._bytes} bytes.")
        self._requests += 1
        try:
            answer = await self.ask(path, accept, with_key)
        except SilentError as problem:
            self.problems.append(f"{plain_text(path)}: {problem}.")
            return None
        self._bytes += len(answer.content)
        return answer


def _as_json(address: str) -> str:
    """The JSON form of a document that is listed as YAML; generators serve both."""
    return re.sub(r"\.ya?ml(?=\?|$)", ".json", address, count=1, flags=re.IGNORECASE)


def _name_of(path: str) -> str:
    """What a document is called: the piece of its address that is a version, else the last piece before its ending."""
    pieces = [piece for piece in path.partition("?")[0].split("/") if piece]
    versions = [piece for piece in pieces if re.fullmatch(r"v\d[\w.-]*", piece.removesuffix(".json"), re.IGNORECASE)]
    last = versions[-1] if versions else pieces[-1] if pieces else path
    return plain_text(last.removesuffix(".json"))
