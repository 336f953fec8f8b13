"""Every setting, once: its environment name, type, default and meaning.

The environment name is `CONNECTOR_` and the field's name in capitals; `docs/settings.md` is generated from here.
Endpoint overrides are `CONNECTOR_ENDPOINT_<NAME>`, e.g.
`CONNECTOR_ENDPOINT_ADD_TICKET_NOTE="POST /api/v2/tech/tickets/{ticketId}/notes"`.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, Literal, cast

from connector.setting_values import (
    HOW_TO_MAKE_A_KEY,
    address,
    any_text,
    fernet_keys,
    host,
    host_key,
    loopback_pairs,
    one_of,
    origins,
    positive,
    some_of,
    suffixes,
    up_to,
    webhook,
    whole,
    zone,
)

PREFIX = "CONNECTOR_"
ENDPOINT_PREFIX = f"{PREFIX}ENDPOINT_"
VAULT_REFERENCE = "@Microsoft.KeyVault("
"""What Azure hands on instead of a secret that it cannot read: as a key, it could be guessed."""
NOT_RESOLVED = "Azure could not read it from Key Vault: check the name of the secret, the app's role and the network."


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the sentence names it and what it takes (never its value)."""


def _setting(default: Any, parse: Callable[[str], Any], about: str, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"parse": parse, "about": about})


@dataclass(frozen=True, eq=False)
class Settings:
    """What an operator can set; every field has a safe default. Compared by identity: caches ask on every call."""

    allowed_sites: tuple[str, ...] = _setting(
        (),
        suffixes,
        "Extra host suffixes that may be used as site host, for custom domains, e.g. `portal.example.com`.",
    )
    development_sites: tuple[str, ...] = _setting(
        (),
        loopback_pairs,
        "Loopback `host:port` pairs reached over plain http, for the simulator. Never set it in production.",
    )
    default_site: str = _setting(
        "", host, "The site host of calls that name none, for clients that can send a key and nothing else."
    )
    key_scheme: Literal["auto", "basic", "ddapi"] = _setting(
        "auto",
        one_of("auto", "basic", "ddapi"),
        "`basic` or `ddapi` sends the API key under that scheme only; `auto` tries both, the likely one first.",
    )
    auth_level: Literal["anonymous", "function"] = _setting(
        "anonymous", one_of("anonymous", "function"), "`function` asks for a function key on every call as well."
    )
    budget_seconds: int = _setting(90, up_to(230), "An operation answers or fails within this many seconds.")
    max_body_kb: int = _setting(1024, positive, "Requests with a larger body are refused with 413.")
    recover_creates: Literal["off", "find", "repeat"] = _setting(
        "find",
        one_of("off", "find", "repeat"),
        "After a create whose outcome is unknown: `find` looks for what was made, `repeat` also creates once more when "
        "nothing was found for `CONNECTOR_REPEAT_SECONDS`, `off` does neither.",
    )
    recover_seconds: int = _setting(
        30, positive, "How long what an unclear create made is looked for; lists show new things some seconds late."
    )
    repeat_seconds: int = _setting(
        45, positive, "How long nothing must be found of an unclear create before it is repeated."
    )
    lookup_seconds: int = _setting(60, whole, "How long the names behind ids (boards, statuses …) are remembered.")
    schemas: Literal["on", "off"] = _setting(
        "on",
        one_of("on", "off"),
        "`off` sends fields under the default names, unchecked, instead of asking a site for its schemas.",
    )
    schema_seconds: int = _setting(600, whole, "How long a site's own field names are remembered.")
    discovery: Literal["off", "propose", "use"] = _setting(
        "use",
        one_of("off", "propose", "use"),
        "Whether a site's own OpenAPI documents are read for routes that nobody has published: `use` calls exact "
        "matches, `propose` only names them in errors.",
    )
    approved_status: str = _setting(
        "",
        any_text,
        "The status that means approved, by name, where a site has no route to approve by: Approve ticket then sets it "
        "on the ticket's board, and DeskDirector does not record who approved.",
    )
    declined_status: str = _setting("", any_text, "The same for the status that means declined.")
    functions_host: str = _setting(
        "functions.deskdirector.com", host, "The host that serves advanced actions and advanced events."
    )
    data_dir: str = _setting(".data", any_text, "Where the embedded SQLite store lives when no Azure storage is set.")
    secrets_key: str = _setting(
        "",
        fernet_keys,
        "The Fernet keys that seal secrets at rest, newest first; needed in Azure, made locally.",
        secret=True,
    )
    site_connections: int = _setting(
        100, positive, "At most this many calls are under way to one site, half of it for one key; others wait."
    )
    connection_rate: int = _setting(
        3000, whole, "Calls a minute that one connection may make, a sixth of them at once; more get 429. 0: no limit."
    )
    address_rate: int = _setting(
        12000, whole, "The same for one address, as a proxy or Azure reports it; gateways bring many makers from one."
    )
    refused_seconds: int = _setting(
        10, whole, "How long an API key that DeskDirector refused is not sent to it again; 0: not at all."
    )
    max_answer_mb: int = _setting(
        32, positive, "A larger answer of DeskDirector is refused with 502; one that is no file at 8 MB already."
    )
    max_memory_mb: int = _setting(
        256, positive, "Answers that are being read take at most this much memory together; further ones get 503."
    )
    host_master_key: str = _setting(
        "",
        host_key,
        "Makes the local host ask for keys as Azure does; this one opens everything. Empty: no keys are asked for.",
        secret=True,
    )
    host_function_key: str = _setting(
        "", host_key, "The key that opens functions of level `function` on the local host.", secret=True
    )
    console_key: str = _setting(
        "", host_key, "Opens everything of the console's data, in place of Azure's master key.", secret=True
    )
    console_viewer_key: str = _setting(
        "", host_key, "Opens the console's data to read it, with the content of events masked.", secret=True
    )
    public_url: str = _setting(
        "",
        address,
        "Where DeskDirector reaches this app, e.g. behind a proxy; when empty, the name that Azure gave it, or on one "
        "machine the loopback address that it is called at.",
    )
    allowed_callbacks: tuple[str, ...] = _setting(
        (), suffixes, "Extra host suffixes that flows may wait at, besides those of Power Automate and Logic Apps."
    )
    development_callbacks: tuple[str, ...] = _setting(
        (),
        loopback_pairs,
        "Loopback `host:port` pairs that events may be delivered to over plain http. Never in production.",
    )
    late_minutes: int = _setting(
        15,
        positive,
        "How far before the newest item that a polling trigger handed over another may be dated when it shows up.",
    )
    renew_hours: int = _setting(
        24, whole, "Registrations in DeskDirector are renewed after this many hours, in case one was lost; 0: never."
    )
    mcp_oauth: Literal["off", "on"] = _setting(
        "off",
        one_of("off", "on"),
        "`on` lets MCP clients that take no key sign in: people enter site host and API key on a page of this app.",
    )
    mcp_oauth_clients: tuple[str, ...] = _setting(
        (),
        suffixes,
        "Extra hosts whose MCP clients may sign in, besides the well-known ones, e.g. `n8n.example.com`.",
    )
    mcp_oauth_minutes: int = _setting(
        60, up_to(1440), "How long an access token is good before the client renews it by itself."
    )
    allowed_origins: tuple[str, ...] = _setting(
        (),
        origins,
        "Web origins that may call the MCP server from a browser, e.g. `https://chat.example.com`, besides localhost.",
    )
    sanitize: tuple[str, ...] = _setting(
        ("mcp", "copilot"),
        some_of("mcp", "copilot", "http"),
        "The faces whose answers have no invisible characters and no hidden markup in texts: `mcp`, `copilot` (agents "
        "of Microsoft 365 Copilot and Azure AI Foundry), and `http` for flows and every other caller of the routes; "
        "`off` for none.",
    )
    confirm_messages: Literal["off", "requester", "on"] = _setting(
        "requester",
        one_of("off", "requester", "on"),
        "MCP: what people outside the service desk would read is held as a draft until it is confirmed: for the "
        "toolset `requester`, for all (`on`), or never (`off`).",
    )
    inbound_queues: int = _setting(
        1,
        up_to(8),
        "How many queues what DeskDirector posts is spread over: more than one from about 1,000 posts a second on. "
        "Make it smaller only when the queues are empty.",
    )
    delivery_seconds: int = _setting(30, positive, "How long a flow may take to accept an event, before another try.")
    time_zone: str = _setting(
        "UTC", zone, "Where days begin for relative dates such as `today`, as an IANA name, e.g. `Europe/London`."
    )
    flow_per_minute: int = _setting(
        0, whole, "At most this many deliveries a minute to one flow; 0: as many as it takes."
    )
    alert_webhook: str = _setting(
        "",
        webhook,
        "Where alerts are posted: an incoming webhook of Teams, Slack or your own, over https; none when empty.",
        secret=True,
    )
    alert_failing_minutes: int = _setting(15, positive, "A flow that fails for this many minutes raises an alert.")
    alert_backlog_minutes: int = _setting(30, positive, "An event that waits for this many minutes raises an alert.")
    alert_late_seconds: int = _setting(
        60, whole, "Deliveries of which half come later than this many seconds raise an alert; 0: never."
    )
    alert_silent_minutes: int = _setting(
        120,
        whole,
        "A registration whose events stop coming raises an alert after this many minutes at the earliest; 0: never.",
    )
    keep_events_days: int = _setting(7, positive, "Events and what became of them are kept for this many days.")
    keep_dead_letters_days: int = _setting(30, positive, "Dead letters are kept for this many days.")
    keep_ended_days: int = _setting(30, positive, "Subscriptions that have ended are kept for this many days.")
    keep_quarantine_days: int = _setting(90, positive, "What could not be read is kept for this many days.")
    secret_overlap_hours: int = _setting(
        24, whole, "After a webhook's secret is replaced, the old one is valid for this many hours."
    )
    gone_after_minutes: int = _setting(
        60, positive, "A flow that answers nothing but 404 for this many minutes is gone; its subscription ends."
    )
    endpoints: Mapping[str, str] = field(
        default_factory=dict, hash=False, metadata={"about": "Overrides of upstream routes."}
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings; raise `SettingsError` for an unusable value or an unknown name."""
        values: dict[str, Any] = {}
        _check_names(environment)
        for spec in fields(cls):
            text = environment.get(PREFIX + spec.name.upper(), "").strip()
            if not text or "parse" not in spec.metadata:
                continue
            if text.startswith(VAULT_REFERENCE):
                raise SettingsError(f"{PREFIX}{spec.name.upper()} must be a value; {NOT_RESOLVED}")
            try:
                values[spec.name] = spec.metadata["parse"](text)
            except ValueError as problem:
                raise SettingsError(f"{PREFIX}{spec.name.upper()} must be {problem}.") from None
        values["endpoints"] = {
            name.removeprefix(ENDPOINT_PREFIX): value.strip()
            for name, value in environment.items()
            if name.startswith(ENDPOINT_PREFIX) and value.strip()
        }
        _check_keys_differ(values)
        return cls(**values)


def _check_keys_differ(values: Mapping[str, Any]) -> None:
    """With the same key in two settings, the lesser right would give the greater one."""
    seen: dict[str, str] = {}
    for name in ("host_master_key", "host_function_key", "console_key", "console_viewer_key"):
        key = values.get(name)
        if key and (other := seen.setdefault(key, name)) != name:
            raise SettingsError(f"{PREFIX}{name.upper()} must be another key than {PREFIX}{other.upper()}.")


def _check_names(environment: Mapping[str, str]) -> None:
    """A misspelt setting would silently be none."""
    known = {PREFIX + spec.name.upper() for spec in fields(Settings) if "parse" in spec.metadata}
    for name in environment:
        if name.upper().startswith(PREFIX) and not name.startswith(ENDPOINT_PREFIX) and name not in known:
            import difflib

            close = difflib.get_close_matches(name.upper(), known, n=1)
            hint = f"perhaps {close[0]} is meant" if close else "docs/settings.md lists all of them"
            raise SettingsError(f"{name[:80]} is no setting; {hint}.")


def check_for_azure(settings: Settings) -> None:
    """Raise `SettingsError` for a setting that Azure needs, or forbids."""
    for name in ("development_sites", "development_callbacks"):
        if getattr(settings, name):
            raise SettingsError(f"{PREFIX}{name.upper()} must not be set in Azure: it sends keys over plain http.")
    if not settings.secrets_key:
        raise SettingsError(
            f"{PREFIX}SECRETS_KEY must be set in Azure: it seals callback URLs and webhook secrets. Make one with: "
            f"{HOW_TO_MAKE_A_KEY}"
        )


def in_azure(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a function app in Azure rather than Core Tools or the local host."""
    if environment.get("AZURE_FUNCTIONS_ENVIRONMENT", "").lower() == "development":
        return False
    return bool(environment.get("WEBSITE_INSTANCE_ID") or environment.get("AZURE_FUNCTIONS_ENVIRONMENT"))


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read from the environment at first use."""
    return Settings.from_environment(cast("Mapping[str, str]", os.environ))
