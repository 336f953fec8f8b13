"""The raw API request: any call of the site's own API that no other operation makes."""

import json
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from connector.deskdirector.client import DeskDirector, Reply
from connector.deskdirector.content import camel_cased, content_of, fitted
from connector.deskdirector.endpoint import raw_endpoint
from connector.deskdirector.errors import BadGateway, BadRequest
from connector.deskdirector.large_answers import beside
from connector.deskdirector.models import Entity
from connector.deskdirector.raw_paths import ALLOWED, checked_path
from connector.operations.field_model import ADVANCED, IMPORTANT
from connector.operations.fields import Creating, KeyText, Person
from connector.operations.input_kinds import JSON_AS_TEXT
from connector.operations.operation import Effects, action
from connector.resolving.references import someone

_LEGACY = "/api/v1/"


JsonText = Annotated[str, JSON_AS_TEXT, StringConstraints(max_length=1_000_000)]


class ApiRequest(Creating):
    """A call of DeskDirector's API."""

    method: Annotated[Literal["GET", "POST", "PUT", "PATCH", "DELETE"], IMPORTANT] = Field(
        "GET", description="GET, POST, PUT, PATCH or DELETE."
    )
    path: Annotated[KeyText, IMPORTANT] = Field(
        min_length=1, description=f"The path on the site, below {ALLOWED}, without a query, e.g. /api/v2/tickets/7."
    )
    query: Annotated[JsonText | None, IMPORTANT] = Field(
        None, description='The query as JSON, e.g. {"take": 10, "skip": 0}; a list repeats its name.'
    )
    body: Annotated[JsonText | None, IMPORTANT] = Field(
        None, description='The body as JSON, e.g. {"note": "Hello"}; not for GET.'
    )
    on_behalf_of: Annotated[Person | None, ADVANCED] = Field(
        None,
        description="The person to act as: an e-mail address, a name, contact:ID or member:ID; the connection's"
        " own when left out.",
    )
    camel_case: Annotated[bool, ADVANCED] = Field(
        True,
        description="Yes to return the names of version 1 in the style of later versions: entityId, not EntityId.",
    )

    @property
    def changes_nothing(self) -> bool:
        """Whether the request only reads, so that a repeat changes nothing."""
        return self.method == "GET"


class ApiResponse(Entity):
    """What DeskDirector answered."""

    method: str = Field(description="The method that was used.")
    path: str = Field(description="The path that was called.")
    status: int = Field(description="The HTTP status that was returned, e.g. 200.")
    content_type: str | None = Field(None, description="The content type, e.g. application/json.")
    content: dict[str, Any] = Field(
        default_factory=dict,
        description="The content: an object as it is, a list under results, text under text, a bare value under value.",
    )
    notice: str | None = Field(
        None, description="What was left out to keep the response small, or what else to know; empty otherwise."
    )


@action("SendApiRequest", "POST", "api-request", effects=Effects.ANYTHING, visibility="advanced")
async def send_api_request(dd: DeskDirector, request: ApiRequest) -> ApiResponse:
    """Send any request to the site's own API, as the API key or as a contact or member.

    The site's /swagger page lists what there is. Prefer the other operations where one does what you need: they check
    their input and do nothing twice. An error of the API becomes an error here.
    """
    path = checked_path(request.path)
    query, body = _query(request.query), _body(request)
    user = await someone(dd, request.on_behalf_of) if request.on_behalf_of else None
    reply = await dd.call(raw_endpoint(request.method, path), query=query, body=body, user=user)
    is_renamed = request.camel_case and path.startswith(_LEGACY)
    content, notice = await beside(len(reply.content), lambda: _shown(reply, is_renamed=is_renamed))
    return ApiResponse(
        method=request.method,
        path=path,
        status=reply.status,
        content_type=_content_type(reply) or None,
        content=content,
        notice=notice,
    )


def _shown(reply: Reply, *, is_renamed: bool) -> tuple[dict[str, Any], str | None]:
    """The content of the answer, and a notice of omissions."""
    data = _data(reply)
    return fitted(content_of(camel_cased(data) if is_renamed else data))


def _body(request: ApiRequest) -> bytes | None:
    """The body as it was given, once it is sure that it is JSON."""
    if request.body is None:
        return None
    if request.changes_nothing:
        raise BadRequest("BodyNotAllowed", "A GET has no body; put its values into 'query'.")
    _parsed("body", request.body)
    return request.body.encode()


def _query(text: str | None) -> dict[str, Any]:
    query = {} if text is None else _parsed("query", text)
    values = query.values() if isinstance(query, dict) else [query]
    flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
    if not isinstance(query, dict) or any(isinstance(item, dict | list) for item in flat):
        raise BadRequest(
            "QueryNotFlat", "'query' must be a JSON object of texts, numbers and yes/no values, or lists of them."
        )
    return query


def _parsed(name: str, text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        code = "QueryNotJson" if name == "query" else "BodyNotJson"
        raise BadRequest(code, f"'{name}' must be JSON, as text or as an object.") from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _content_type(reply: Reply) -> str:
    return reply.headers.get("content-type", "").partition(";")[0].strip().lower()


def _data(reply: Reply) -> Any:
    """The answer as data; as text when it is not JSON."""
    kind = _content_type(reply)
    if not kind or "json" in kind or not reply.content:
        return reply.json()
    try:
        return {"text": reply.content.decode()}
    except UnicodeDecodeError:
        raise BadGateway(
            "AnswerNotText", f"DeskDirector answered {kind}, which is no text and cannot be passed on."
        ) from None
