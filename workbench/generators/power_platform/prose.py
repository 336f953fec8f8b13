"""`readme.md` and `intro.md`, with the sections that certification asks for.

The readme is for those who deploy and review the connector; the intro is shown to makers on Microsoft's site, where it
must not list the operations (the site does).
"""

from collections.abc import Iterable, Mapping

from connector.operations.operation import Operation
from connector.operations.paging import MAX_TAKE
from workbench.generators import identity

_OPENING = """\
DeskDirector is a service portal for the customers and technicians of managed service providers. This connector brings
its tickets, conversations, people and forms into your flows, apps and agents. Everything is typed, so the fields that
you need are there to pick in the next step. Names work wherever ids do, and a request that is repeated is carried out
once. It runs on an app in your own Azure subscription, so your data passes through no third party."""

_PREREQUISITES = """\
- A DeskDirector site, and its host name, such as `support.deskdirector.com`.
- A DeskDirector API key (see below).
- The app behind this connector, running in an Azure subscription of your organisation.
- A plan that includes premium connectors."""

_CREDENTIALS = """\
An administrator of the DeskDirector site makes the key.

With Tokity:

1. Open the Admin Portal and go to **Advanced**, then **API Keys**.
2. Choose **Create API Key**, name it and give it the permissions that your flows need.
3. The portal shows a username, a password and a base64 text. Copy the base64 text; it is not shown again.

With ConnectWise or Autotask:

1. Open the Admin Portal and go to **Advanced**, then **Developer Corner**.
2. Copy the API key. **Regenerate** makes a new one and ends the old one, for everything that uses it.

The connection takes the key in every form that the portal shows: the base64 text, `username:password`, the key of a
PSA edition, or any of them with the word in front (`Basic …`, `DdApi …`). A personal API key works as `Basic …`."""

_GETTING_STARTED = """\
1. Add a step of this connector to a flow and create a connection: the site host, the API key, and a function key if the
   administrator of the app gave you one. The connection is tested at once.
2. Fill in boards, statuses, priorities, companies and members from the drop-downs, or write their names: `Support`,
   `Closed`, `Acme Ltd`. Contacts and members go by their e-mail address too.
3. Use the fields of the answer in later steps; they are the same for every site.
4. To get more than one page of results, turn on **Pagination** in the step's settings, or give `Continuation` back
   while `Has More` is true."""

_LIMITATIONS = f"""\
- One page holds at most {MAX_TAKE} results. An answer that would grow too large is cut at a whole result and says so in
  `Notice`; ask for fewer fields, or for the next page.
- Every board has its own statuses: once a board is chosen, the drop-down shows its statuses only.
- Contacts have no drop-down, because there are too many of them; give the e-mail address, the name or the id.
- A contact cannot write internal notes, so neither can a step that acts on behalf of one.
- When DeskDirector gives no answer to a request that creates something, the step fails and is not tried again, because
  the work may have been done. Look before you run it again.
- One connection takes up to 500 requests a minute; the platform refuses more."""

_ERRORS = """\
| Status | What it means | What to do |
| --- | --- | --- |
| 400 | A value is missing, wrong or ambiguous. | Read the message: it names the field and lists what it takes. |
| 401 | The site host or the key is refused. | Correct the connection; make a new key if the old one was replaced. |
| 403 | The key may not do this. | Give the key the permission, or use another key. |
| 404 | There is nothing with this id. | Check the id; it may have been removed. |
| 409 | The same request is still running. | Wait a moment and try again. |
| 422 | The idempotency key belongs to another request. | Use a new key for a new request. |
| 424 | It is not known whether the request was carried out. | Look in DeskDirector before you run it again. |
| 429 | Too many requests. | The platform tries again by itself; ask for less at once. |
| 502, 503 | DeskDirector gave no usable answer. | The platform tries again by itself; ask for help if it stays. |

Every error comes with a request id; have it at hand when you ask for help."""

_FAQ = """\
**Can a flow that runs twice create two tickets?** A step that the platform repeats does not: the first answer is given
again. Give `Idempotency Key` to have the same across runs.

**Do I have to look up ids?** No. Wherever an id is taken, a name is taken too; a name that fits several things is
refused with a list of them.

**Can I write as somebody else?** Yes. A note, for example, takes `On Behalf Of`: the e-mail address of a contact or
member.

**Which editions of DeskDirector does it work with?** With Tokity, ConnectWise and Autotask."""

_DEPLOYMENT = f"""\
1. Deploy the app to Azure Functions (see the README of the project) and note its host name.
2. Run `make export HOST=<host name>` so that these files name it.
3. Install the command line with `pip install paconn`, sign in with `paconn login`, and run

   ```
   paconn create --api-def apiDefinition.swagger.json --api-prop apiProperties.json --icon icon.png
   ```

   `apiProperties.multi-auth.json` in the place of `apiProperties.json` lets makers choose the kind of key.
4. Share the connector **{identity.TITLE}** with the makers of your environment.

`make package` builds the files for certification, and the same files without `stackOwner` for `paconn update`."""


def readme(operations: Mapping[str, Operation]) -> str:
    """The readme, with every operation that makers see."""
    return _document(
        f"# {identity.TITLE}\n\n{identity.DESCRIPTION}",
        (f"Publisher: {identity.publisher().name}", f"Write to {identity.publisher().email} for help."),
        ("Prerequisites", _PREREQUISITES),
        ("Supported Operations", _supported(operations)),
        ("Obtaining Credentials", _CREDENTIALS),
        ("Getting Started", _GETTING_STARTED),
        ("Known Issues and Limitations", _LIMITATIONS),
        ("Frequently Asked Questions", _FAQ),
        ("Deployment Instructions", _DEPLOYMENT),
    )


def intro() -> str:
    """The introduction on the connector's public page."""
    return _document(
        _OPENING,
        ("Prerequisites", _PREREQUISITES),
        ("How to get credentials", _CREDENTIALS),
        ("Get started with your connector", _GETTING_STARTED),
        ("Known issues and limitations", _LIMITATIONS),
        ("Common errors and remedies", _ERRORS),
        ("FAQ", _FAQ),
    )


def _supported(operations: Mapping[str, Operation]) -> str:
    offered = [operation for operation in operations.values() if operation.is_offered]
    groups = dict.fromkeys(operation.group for operation in offered)
    return "\n\n".join(
        f"### {operation.title}\n\n{operation.description}"
        for group in groups
        for operation in offered
        if operation.group == group
    )


def _document(opening: str, *sections: tuple[str, str]) -> str:
    return "\n\n".join([opening, *_headed(sections)]) + "\n"


def _headed(sections: Iterable[tuple[str, str]]) -> list[str]:
    return [f"## {title}\n\n{text}" for title, text in sections]
