"""The page where a person agrees: plain HTML without any script, under a policy that lets nothing else in."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Final

from connector.serving.response import Response

_STYLE: Final = """
:root{color-scheme:light dark;--line:#8884;--accent:#0b62c4;--bad:#b3261e}
*{box-sizing:border-box}
body{margin:0;font:16px/1.5 system-ui,sans-serif;display:grid;min-height:100vh;place-items:center;padding:1rem}
main{width:100%;max-width:30rem;border:1px solid var(--line);border-radius:12px;padding:1.5rem 1.75rem 1.75rem}
h1{font-size:1.3rem;line-height:1.3;margin:0 0 .75rem}
.who{font-size:1.15rem;font-weight:600;overflow-wrap:anywhere}
.note{color:GrayText;font-size:.9rem;margin:.25rem 0 0}
.bad{border-left:4px solid var(--bad);padding:.5rem .75rem;margin:1rem 0 0;background:#b3261e18}
label{display:block;font-weight:600;margin-top:1rem}
input[type=text],input[type=password]{display:block;width:100%;font:inherit;padding:.5rem .6rem;margin-top:.25rem;
border:1px solid var(--line);border-radius:6px;background:Field;color:FieldText}
fieldset{border:0;margin:1rem 0 0;padding:0}legend{font-weight:600;padding:0}
fieldset label{font-weight:400;margin-top:.25rem}
.actions{display:flex;gap:.75rem;margin-top:1.5rem}
button{font:inherit;padding:.55rem 1.2rem;border-radius:6px;border:1px solid var(--line);background:ButtonFace;
color:ButtonText}
button[value=allow]{background:var(--accent);border-color:var(--accent);color:#fff;font-weight:600}
:focus-visible{outline:3px solid #0b62c488;outline-offset:2px}
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows. `site_fixed`: the address that the client connects to names the site."""

    client: str
    host: str
    is_local: bool
    sealed: str
    site: str = ""
    site_fixed: bool = False
    agent: str = ""
    may_write: bool = True
    writes: bool = True
    problem: str = ""


def consent_page(shown: Shown, headers: dict[str, str], status: int = 200) -> Response:
    """The form. A key that was entered is never part of it."""
    local = (
        '<p class="note">This is a program on your own machine. Go on only if you have just started to connect it.</p>'
        if shown.is_local
        else ""
    )
    problem = f'<p class="bad" role="alert">{escape(shown.problem)}</p>' if shown.problem else ""
    fixed = " readonly" if shown.site_fixed else ""
    body = f"""<h1>Let this program use DeskDirector</h1>
<p class="who">{escape(shown.client)}</p>
<p class="note">The answer goes to <strong>{escape(shown.host)}</strong>. The name is the program's own word; that
address is not.</p>{local}{problem}
<form method="post" action="/authorize" autocomplete="off">
<input type="hidden" name="request" value="{escape(shown.sealed)}">
<label for="site">Site host</label>
<input type="text" id="site" name="site" required maxlength="253" placeholder="support.deskdirector.com"
 value="{escape(shown.site)}"{fixed} spellcheck="false" autocapitalize="off">
<label for="key">API key</label>
<input type="password" id="key" name="key" required maxlength="8192" autocomplete="off" spellcheck="false">
<p class="note">From DeskDirector's Admin Portal. It is sealed into the token that the program gets,
and kept nowhere else.</p>
<label for="agent">Member id (optional)</label>
<input type="text" id="agent" name="agent" inputmode="numeric" maxlength="10" value="{escape(shown.agent)}">
{_choice(shown)}
<div class="actions">
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny" formnovalidate>Deny</button>
</div>
</form>"""
    return _page("Connect to DeskDirector", body, headers, status)


def error_page(sentence: str, status: int = 400) -> Response:
    """An error that cannot be sent back to a program is shown to the person."""
    return _page("Not connected", f"<h1>This cannot go on</h1><p>{escape(sentence)}</p>", {}, status)


def _choice(shown: Shown) -> str:
    if not shown.may_write:
        return '<input type="hidden" name="access" value="read"><p class="note">It will only read.</p>'
    write, read = (" checked", "") if shown.writes else ("", " checked")
    return f"""<fieldset><legend>It may</legend>
<label><input type="radio" name="access" value="write"{write}> read and write, also what customers see</label>
<label><input type="radio" name="access" value="read"{read}> only read</label></fieldset>"""


def _page(title: str, body: str, headers: dict[str, str], status: int) -> Response:
    document = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
        f"<style>{_STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )
    return Response(
        status,
        document.encode(),
        {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Security-Policy": _policy(),
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cache-Control": "no-store",
            **headers,
        },
    )


@cache
def _policy() -> str:
    """No `form-action`: browsers apply it to the redirect after the form too, which leads to the client."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; frame-ancestors 'none'; base-uri 'none'"
