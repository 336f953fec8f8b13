"""Every error code: when it comes, with which status, and what to do.

`docs/errors.md` and the enum in openapi.json are generated from here.

A house rule checks that no error is raised with a code that this table lacks, or with another status.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Retry = Literal["no", "after `Retry-After`", "after a look"]
NO: Retry = "no"
LATER: Retry = "after `Retry-After`"
LOOK: Retry = "after a look"
"""Whether to send the same request again: never, later, or only when DeskDirector does not have the result."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One code. `statuses` holds more than one where the same thing is missed by name (400) and by id (404)."""

    statuses: tuple[int, ...]
    when: str
    remedy: str
    retry: Retry = NO


def _code(status: int, when: str, remedy: str, retry: Retry = NO) -> Explanation:
    return Explanation((status,), when, remedy, retry)


_CONNECTION = {
    "ConnectionMissing": _code(401, "The call has neither site host nor API key.", "Send `dd-host` and `dd-api-key`."),
    "SiteHostMissing": _code(401, "The call has no site host.", "Send it in `dd-host`."),
    "ApiKeyMissing": _code(401, "The call has no API key.", "Send it in `dd-api-key`."),
    "ApiKeyMalformed": _code(401, "The API key has no valid form.", "Copy the whole key from the admin portal."),
    "ApiKeyRefused": _code(401, "DeskDirector refused the API key.", "Check that key and site belong together."),
    "ConnectionForgotten": _code(401, "No connection is kept with the registration.", "Save the flow again."),
    "SignatureMissing": _code(401, "An event came without a signature.", "Set the webhook's secret."),
    "SiteHostMalformed": _code(400, "The site host is not a host name.", "Write it like support.deskdirector.com."),
    "SiteNotFound": _code(400, "The site host does not exist.", "Check the spelling."),
    "SiteNotAllowed": _code(
        403, "The site host may not be called.", "The operator allows other domains in `CONNECTOR_ALLOWED_SITES`."
    ),
    "SiteCertificateInvalid": _code(502, "The site's certificate is not valid.", "Check the host, or renew it."),
    "AgentMalformed": _code(400, "`dd-agent` is not a member's id.", "Send a whole number."),
    "NotPermitted": _code(403, "The API key or user may not do this.", "Use another key, or change its rights."),
    "RefusedOnTheWay": _code(
        403, "A firewall or proxy in front of the site refused.", "Let the app's address through."
    ),
    "RouteRefusesKey": _code(
        403, "This route does not accept the API key, although the connection works.", "Name a user in onBehalfOf."
    ),
    "UserKeyRefused": _code(403, "DeskDirector refused the user's access token.", "Check the user's rights."),
    "UserNeeded": _code(403, "The route takes a user, not an API key.", "Act on behalf of somebody."),
    "UserKeyUnreadable": _code(502, "DeskDirector gave no access token for the user.", "Report it to the operator."),
}
_INPUT = {
    "InvalidInput": _code(400, "A value is missing or wrong.", "The message names the field and what it takes."),
    "SeveralNotSupported": _code(
        400, "A name matches several ids, but the site takes one.", "Give the board too, or an id."
    ),
    "ContentNotBase64": _code(400, "The content of a file is not base64.", "Encode it, as base64() does in a flow."),
    "AttachmentTooLarge": _code(413, "The file is over 10 MB.", "Open it in DeskDirector."),
    "AdvancedActionNeedsMore": _code(
        400, "The site's own advanced action needs more fields.", "Use Call advanced action."
    ),
    "UnknownField": _code(400, "`fields` names a field that the results lack.", "Choose from those that are listed."),
    "BodyNotJson": _code(400, "`body` is not valid JSON.", "Give JSON, as text or as an object."),
    "QueryNotJson": _code(400, "`query` is not valid JSON.", "Give JSON, as text or as an object."),
    "QueryNotFlat": _code(400, "`query` has objects inside.", "Give texts, numbers, yes/no values or lists of them."),
    "BodyNotAllowed": _code(400, "A raw GET has a body.", "Put its values into `query`."),
    "BodyCompressed": _code(400, "The body is compressed.", "Send plain JSON without Content-Encoding."),
    "BodyNotReceived": _code(400, "The body came in chunks and was lost.", "Send it with a Content-Length."),
    "BodyTooLarge": _code(413, "The body is over the limit.", "Send less at once."),
    "QueryTooLong": _code(413, "The query string is over the limit.", "Send less at once."),
    "TooManyFields": _code(400, "The body has too many fields.", "Send less at once."),
    "TooManyValues": _code(400, "The body has too many values.", "Send less at once."),
    "NestedTooDeep": _code(400, "The body nests too deep.", "Send flatter JSON."),
    "NumberTooLong": _code(400, "A number has too many digits.", "Send it as text."),
    "ValueMalformed": _code(400, "A value cannot be part of an address.", "Correct it."),
    "MethodNotAllowed": _code(400, "A raw call has an unknown method.", "Choose from the list."),
    "PathNotAllowed": _code(400, "A raw call's path is outside the API.", "Give a path below /api/."),
    "OperationUnknown": _code(400, "`operation` has no additional fields.", "Choose from the list."),
    "FormResultNotFound": _code(404, "No form result belongs to the ticket.", "Give `form`, or use Find form results."),
    "MemberUnknown": _code(
        400, "The connection has no member, so nobody is `me`.", "Give an e-mail address, a name or an id."
    ),
    "FieldGivenTwice": _code(400, "A field is given under two names.", "Give it once."),
    "FieldNotSupported": _code(400, "The site does not take this field.", "Leave it out, or choose from the list."),
    "FilterNotSupported": _code(400, "The site cannot filter by this.", "Leave it out, or choose from the list."),
    "PagingNotSupported": _code(400, "The site has no second page here.", "Narrow the filters."),
    "ContinuationInvalid": _code(400, "`continuation` was changed.", "Give it back as it was, or leave it out."),
    "StateInvalid": _code(400, "`state` was changed.", "Give it back as it was, or leave it out."),
    "NotFound": Explanation((400, 404), "DeskDirector does not know this.", "Check the name or the id."),
    "Ambiguous": _code(400, "Several things have this name.", "Give the id of the one you mean."),
    "PersonNotFound": _code(400, "No contact or member has this name.", "Check the spelling, or give the address."),
    "PersonInactive": _code(400, "The person with this name is inactive.", "Name another, or write member:ID."),
    "ContactInactive": _code(400, "The contact with this name is inactive.", "Give the id, or name somebody active."),
    "MemberInactive": _code(400, "The member with this name is inactive.", "Give the id, or name somebody active."),
    "PersonAmbiguous": _code(400, "Several people have this name.", "Write contact:ID or member:ID."),
    "PersonOfWrongKind": _code(
        400, "A contact is named instead of a member, or vice versa.", "Name one of the right kind."
    ),
    "ContactNotInUserGroup": _code(400, "The contact is in another user group.", "Choose from those listed."),
    "CompanyRequired": _code(400, "A company is needed here.", "Give `company`."),
    "NameRequired": _code(400, "A new contact has no name.", "Give `name`."),
    "PeopleRequired": _code(400, "Nobody is named.", "Give `members` or `contacts`."),
    "RequestTypeRequired": _code(400, "The site has no catch-all request type.", "Give `requestType`."),
    "StatusRequired": _code(400, "The status to set is not clear.", "Give `status`."),
    "TasksRequired": _code(400, "No task is given.", "Give `templates` or `tasks`."),
    "TicketsRequired": _code(400, "Neither numbers nor filters are given, or both.", "Give `ticketIds`, or filters."),
    "ChangeRequired": _code(400, "No change to the tickets is given.", "Give at least one change."),
    "TimeRequired": _code(400, "A time entry has no end.", "Give `endedAt` or `hours`."),
    "TimeImplausible": _code(400, "A time entry ends before it begins, or is too long.", "Correct the times."),
}
_REPEATS = {
    "OutcomeUnknown": _code(
        424, "DeskDirector may have done it, but did not respond.", "Check there before you repeat it.", LOOK
    ),
    "RepeatInProgress": _code(409, "The same request is under way.", "Send it again to get its result.", LATER),
    "IdempotencyKeyReused": _code(422, "The key was used for another request.", "Use a new key."),
    "ConfirmationUnknown": _code(422, "The token is of another operation or connection.", "Ask again without it."),
    "ConfirmationExpired": _code(410, "The token has expired.", "Make a new dry run."),
    "ConfirmationDiffers": _code(
        422, "The inputs differ from those that the token was made for.", "Send the token alone, or make a new dry run."
    ),
    "DryRunRequired": _code(400, "Changes by filters need a dry run first.", "Make a dry run, then send its token."),
    "TicketChanged": _code(409, "A ticket was changed since the dry run.", "Look at it, then make a new dry run."),
    "RecordChanged": _code(409, "Two calls changed the same thing.", "Try again.", LATER),
}
_UPSTREAM = {
    "RequestRefused": _code(400, "DeskDirector refused the request.", "The message has DeskDirector's own words."),
    "RouteNotFound": _code(
        404, "Neither the app nor the site has this route.", "Check the address; see docs/endpoints.md."
    ),
    "Conflict": _code(409, "It conflicts with the record in DeskDirector.", "Get the record again, then change it."),
    "Locked": _code(409, "It is locked in DeskDirector.", "Unlock it, or wait."),
    "Gone": _code(410, "It was removed from DeskDirector.", "Use another."),
    "TooLarge": _code(413, "DeskDirector refused the request as too large.", "Send less at once."),
    "RuleViolated": _code(422, "A rule of DeskDirector forbids it.", "The message has DeskDirector's own words."),
    "TooManyCalls": _code(429, "The connection or address makes more calls than the app allows.", "Wait.", LATER),
    "TooManyRequests": _code(429, "DeskDirector limits the rate of calls.", "Wait.", LATER),
    "AnswerNotText": _code(502, "The response to a raw call is a file.", "Choose another route."),
    "AnswerTooLarge": Explanation((413, 502), "The response is too large.", "Request less at once."),
    "UpstreamNotApi": _code(502, "The site returned a web page.", "Check that the host is a DeskDirector site."),
    "UpstreamNotJson": _code(502, "DeskDirector's response was cut off.", "Try again.", LATER),
    "UpstreamNotSupported": _code(502, "The site does not offer this call.", "Use another operation."),
    "UpstreamShapeUnknown": _code(
        502, "DeskDirector's response has an unknown form.", "The operator runs `python -m workbench doctor`."
    ),
    "UpstreamUnavailable": _code(503, "DeskDirector has a problem.", "Try again.", LATER),
    "UpstreamSilent": _code(503, "DeskDirector did not respond.", "Try again.", LATER),
    "SiteUnreachable": _code(503, "DeskDirector cannot be reached.", "Try again.", LATER),
    "BudgetSpent": _code(503, "The time for one call ran out.", "Try again.", LATER),
}
_EVENTS = {
    "CallbackMalformed": _code(400, "The callback URL cannot be used.", "The message says why."),
    "CallbackNotAllowed": _code(
        403, "Events may not be sent there.", "The operator allows hosts in `CONNECTOR_ALLOWED_CALLBACKS`."
    ),
    "AddressNotAllowed": _code(
        403,
        "Events cannot be sent to the address that the app was called at.",
        "The operator sets `CONNECTOR_PUBLIC_URL`.",
    ),
    "TriggerNotRegistered": _code(
        409, "DeskDirector accepts no more workflows.", "Remove a workflow that nobody needs."
    ),
    "RegistrationBusy": _code(503, "The trigger is being set up.", "Try again.", LATER),
    "RegistrationUnclear": _code(503, "It is unknown whether the trigger is registered.", "Try again.", LATER),
    "RegistrationUnreadable": _code(502, "DeskDirector gave no id for the webhook.", "Report it to the operator."),
    "DeskDirectorSlow": _code(503, "DeskDirector returned nothing within the time of a poll.", "Try again.", LATER),
    "FiltersTooLong": _code(400, "The filters do not fit into an address.", "Give ids, and a shorter search."),
    "PersonalKeyNeeded": _code(403, "Only members see who wrote last.", "Connect with a personal API key."),
    "NotesNotOffered": _code(403, "The site shows notes to members only.", "Use a personal API key."),
    "ChangesNotOffered": _code(
        400, "The site does not show which tickets changed.", "Use a personal API key, or the event trigger."
    ),
    "EventNotJson": _code(400, "An event is not valid JSON.", "Correct the webhook."),
    "EventNotUtf8": _code(400, "An event is in UTF-16 or UTF-32.", "Send JSON in UTF-8."),
    "EventEncodingUnknown": _code(400, "An event has an unknown compression.", "Use gzip or none."),
    "NotReplayable": _code(400, "A quarantined record cannot be processed again.", "Purge it, or see the reason."),
    "RegistrationNotRenewable": _code(400, "This registration cannot be renewed.", "The message says why."),
    "RegistrationNotFound": _code(404, "No registration has this id.", "List the registrations."),
    "AlertNotFound": _code(404, "No alert has this id now.", "List the alerts."),
    "GrantNotFound": _code(404, "No grant has this id.", "List the grants."),
    "ReplayNotFound": _code(404, "No replay has this id.", "List the replays."),
    "ConfirmationNeeded": _code(
        400, "A replay of more than 100 deliveries was not confirmed.", "Repeat their number in `confirm`."
    ),
    "ConsoleKeyNotSet": _code(401, "The console has no key.", "The operator sets `CONNECTOR_CONSOLE_KEY`."),
    "ConsoleKeyMissing": _code(401, "The call has no console key.", "Send it in `x-console-key`."),
    "ConsoleKeyWrong": _code(401, "The console key is wrong.", "Compare it with `CONNECTOR_CONSOLE_KEY`."),
    "ViewerMayNotWrite": _code(403, "A viewer's key was used to change something.", "Use the operator's key."),
    "ViewerMaySeeNoContent": _code(
        403, "A viewer's key was used to search the content of events.", "Leave `text` out, or use the operator's key."
    ),
    "QuarantinedNotFound": _code(404, "Nothing in the quarantine has this id.", "List the quarantine."),
    "SubscriptionEnded": _code(400, "The subscription to replay to has ended.", "Replay to the newer one."),
    "TooManyEvents": _code(413, "A request has too many events.", "Send fewer at once."),
    "ConditionNotForEvent": _code(
        400, "A condition does not apply to the chosen event.", "Choose an event that it applies to."
    ),
    "EventMalformed": _code(400, "An event is neither object nor list.", "Correct the webhook."),
    "InboundUnknown": _code(404, "No trigger has this address.", "Remove the webhook."),
    "InboundGone": _code(410, "The trigger of this address has ended.", "Remove the webhook."),
    "SignatureWrong": _code(403, "An event's signature does not match.", "Check the webhook's secret."),
    "WebhookSecretInvalid": _code(400, "A webhook's secret is too short or too long.", "Leave it out to get one."),
    "WebhookNameInvalid": _code(
        400, "A webhook's name is too long or has invalid characters.", "Choose a shorter one."
    ),
}
_APP = {
    "InternalError": _code(500, "The app has a fault.", "Report it with the request id."),
    "AppBusy": _code(503, "The app has reached one of its own limits.", "Try again, or ask for less.", LATER),
    "AppNotSetUp": _code(503, "A setting of the app is missing or wrong.", "The operator corrects it.", LATER),
    "FileNotFound": _code(404, "Neither the console nor the reference has such a file.", "Begin at /console."),
    "RecordTooLarge": _code(413, "The record is larger than the store allows.", "Send less."),
    "SecretsKeyMissing": _code(503, "A key that sealed a secret is gone.", "The operator adds it again.", LATER),
    "StorageTooNew": _code(503, "The store was made by a newer version.", "The operator updates the app.", LATER),
    "StorageUnavailable": _code(503, "The app's storage is unavailable.", "Try again.", LATER),
}

BY_NAME = (
    *("advanced action", "advanced action category", "advanced event category", "advanced event type", "board"),
    *("chat event", "company", "contact", "e-mail template", "form", "member", "priority", "request type", "source"),
    *("status", "task template", "ticket event", "user group", "webhook", "workflow", "workflow type"),
)
"""What inputs name. Each has two codes: `BoardNotFound` and `BoardAmbiguous`."""
BY_ID = (
    *("action", "attachment", "company", "contact", "e-mail template", "event", "event type", "field", "form"),
    *("function", "member"),
    *("result", "session", "subscription", "survey", "ticket", "type", "user", "webhook", "workflow"),
)
"""What addresses name by id. Each has a code: `TicketNotFound`."""


def code_of(noun: str, ending: Literal["NotFound", "Ambiguous"]) -> str:
    """The code about a kind of thing: `EmailTemplateNotFound`."""
    return "".join(word.capitalize() for word in noun.replace("-", "").split()) + ending


def _missing() -> Iterable[tuple[str, Explanation]]:
    for noun in sorted({*BY_NAME, *BY_ID}):
        statuses = tuple(status for status, nouns in ((400, BY_NAME), (404, BY_ID)) if noun in nouns)
        place = " or ".join({400: "name", 404: "id"}[status] for status in statuses)
        yield (
            code_of(noun, "NotFound"),
            Explanation(statuses, f"No {noun} with this {place} is visible to the connection.", f"Check the {place}."),
        )
        if noun in BY_NAME:
            when = f"The name matches more than one {noun}."
            yield code_of(noun, "Ambiguous"), _code(400, when, "Give the id of the one you mean.")


GROUPS: Mapping[str, Mapping[str, Explanation]] = {
    "The connection": _CONNECTION,
    "The input": _INPUT,
    "Things that are not found": dict(_missing()),
    "Repeats": _REPEATS,
    "DeskDirector": _UPSTREAM,
    "Events": _EVENTS,
    "The app": _APP,
}
ERROR_CODES: Mapping[str, Explanation] = {code: text for group in GROUPS.values() for code, text in group.items()}
