"""Dresses the e-mails of the platform: heading, greeting, whom to ask, the looks of their elements, and the layout.

Files say what a mail says, in plain elements. How these look stands in one table, and is written into each element,
because many mail clients know no style sheets; what depends on the reader's device is in the layout's style sheet.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).with_name("platform")
LAYOUT: Final = "default"
"""The layout of the platform's e-mails; a tenant's own of that name takes its place."""

SUPPORT: Final = "supportEmail"
"""The variable that tells whom to ask; an e-mail that has it says so at its end."""

_EXTENDS: Final = (
    f'{{{{% extends "{LAYOUT}" %}}}}\n{{{{% block content %}}}}\n{{html}}\n{{{{% endblock %}}}}\n'
)
_HELP: Final = (
    f'{{% if {SUPPORT} %}}<p class="note">{{{{ t("help.questions") }}}} {{{{ {SUPPORT} }}}}</p>{{% endif %}}'
)
# A list of terms is shown as two columns, which only tables are in all mail clients.
_TERMS: Final = (
    ("<dl>", '<table class="details" role="presentation" cellpadding="0" cellspacing="0">'),
    ("</dl>", "</table>"),
    ("<dt>", '<tr><td class="label">'),
    ("</dt>", "</td>"),
    ("<dd>", '<td class="value">'),
    ("</dd>", "</td></tr>"),
)
_CLASS: Final = re.compile(r'class="([a-z]+)"')


def page(part: Mapping[str, str], greets: Sequence[str] | None, *, has_support: bool) -> str:
    """Returns the html of an e-mail as the layout takes it; empty when the file says none.

    `greets` names the variables that may hold a reader's name, the best first; None greets nobody.
    """
    written = part.get("html", "").strip()
    if not written:
        return ""
    heading = part.get("heading", "")
    pieces = [f"<h1>{heading}</h1>" if heading else "", _greeting(greets), written]
    pieces.append(_HELP if has_support else "")
    return _EXTENDS.format(html=_styled("\n".join(filter(None, pieces))))


def _greeting(greets: Sequence[str] | None) -> str:
    if greets is None:
        return ""
    words, cases = '{{ t("greeting.hello") }}', []
    for number, name in enumerate((*greets, "contact.first_name")):
        cases.append(f"{{% {'elif' if number else 'if'} {name} %}}{words} {{{{ {name} }}}},")
    return f"<p>{''.join(cases)}{{% else %}}{words},{{% endif %}}</p>"


def _styled(html: str) -> str:
    for written, shown in _TERMS:
        html = html.replace(written, shown)
    styles = _styles()
    html = html.replace("<h1>", f'<h1 style="{styles["h1"]}">')
    return _CLASS.sub(lambda found: f'{found[0]} style="{styles[found[1]]}"', html)


@cache
def _styles() -> Mapping[str, str]:
    """Returns the declarations of each class, and of headings."""
    table: Mapping[str, str] = tomllib.loads((FOLDER / f"{LAYOUT}.styles.toml").read_text(encoding="utf-8"))
    return table


@cache
def layout_source(name: str) -> str:
    """Returns the page of a layout."""
    return (FOLDER / f"{name}.layout.html").read_text(encoding="utf-8")
