"""Reads the platform's templates from their files: one version of one name, on each of its channels and in each language.

A file says `name`, `description`, `category`, `version`, its `variables` (name, kind, sample; `required = false` and
`default` where it may lack), and under `contents`, language and channel what is written: `subject`, `preheader`,
`heading`, `html`, `text`. `greets` names the variables that may hold the reader's name, `same_as` gives a channel the
words of another, `parts` of a variable names what loops read of its items.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from services.campaign.templates import dressing
from services.campaign.templates.domain import PLAIN_FIELDS, Content, DeclaredVariable, VariableKind
from services.campaign.templates.dressing import FOLDER

SHORTENED: Final = frozenset({"sms", "whatsapp"})
"""Channels whose texts show short links, where a file says `shorten_links`."""
NUMBERED: Final = "whatsapp"
"""The channel whose approved texts have numbered places: everything that they show, in their order."""

_EXPRESSION: Final = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}|\{%-?\s*(.*?)\s*-?%\}", re.DOTALL)
_STRING: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_PATH: Final = re.compile(r"(?<![\w.])[A-Za-z]\w*(?:\.[A-Za-z]\w*)*")


def files() -> list[Mapping[str, Any]]:
    """Returns what all files say, by name and version."""
    found = [tomllib.loads(path.read_text(encoding="utf-8")) for path in FOLDER.rglob("*.toml")]
    return sorted(
        (data for data in found if "contents" in data), key=lambda data: (data["name"], data["version"])
    )


def layouts() -> list[str]:
    """Returns the names of all layouts."""
    return sorted(path.name.removesuffix(".layout.html") for path in FOLDER.glob("*.layout.html"))


def channels(data: Mapping[str, Any]) -> list[str]:
    """Returns the words of a file's channels."""
    written = {channel for parts in data["contents"].values() for channel in parts}
    return sorted(written | data.get("same_as", {}).keys())


def contents(data: Mapping[str, Any], channel: str) -> tuple[Content, ...]:
    """Returns what a file says on a channel, in all its languages."""
    source = data.get("same_as", {}).get(channel, channel)
    return tuple(
        _content(data, language, channel, parts[source])
        for language, parts in sorted(data["contents"].items())
        if source in parts
    )


def variables(data: Mapping[str, Any], made: Sequence[Content]) -> tuple[DeclaredVariable, ...]:
    """Returns the variables that contents use; a channel that shows less has fewer."""
    roots = {path.partition(".")[0] for path in paths(made)}
    return tuple(
        DeclaredVariable(
            one["name"],
            VariableKind[one["kind"].upper()],
            required=one.get("required", True),
            default=one.get("default"),
            sample=one["sample"],
        )
        for one in data.get("variables", ())
        if one["name"] in roots
    )


def used(
    data: Mapping[str, Any], made: Sequence[Content], declared: Sequence[DeclaredVariable]
) -> tuple[str, ...]:
    """Returns every path that contents use, those of the items of their lists included."""
    names = {one.name for one in declared}
    parts = {one["name"]: one.get("parts", ()) for one in data.get("variables", ())}
    plain = {path for path in paths(made) if path in PLAIN_FIELDS or path.partition(".")[0] in names}
    return tuple(sorted(plain | {f"{name}.{part}" for name in names for part in parts[name]}))


def paths(made: Sequence[Content]) -> set[str]:
    """Returns every name and dotted path in the expressions of contents; words of the language are among them."""
    found: set[str] = set()
    for one in made:
        page = f"{one.body_html}\n{dressing.layout_source(dressing.LAYOUT)}" if one.body_html else ""
        for expression in _EXPRESSION.findall(f"{one.subject}\n{one.preheader}\n{one.body_text}\n{page}"):
            found.update(_PATH.findall(_STRING.sub("", "".join(expression))))
    return found


def _content(data: Mapping[str, Any], language: str, channel: str, part: Mapping[str, str]) -> Content:
    names = {one["name"] for one in data.get("variables", ())}
    greets = data.get("greets")
    text = part.get("text", "").strip()
    return Content(
        language_code=language,
        subject=part.get("subject", ""),
        preheader=part.get("preheader", ""),
        body_text=text,
        body_html=dressing.page(part, greets, has_support=dressing.SUPPORT in names),
        variable_order=tuple(_places(text)) if channel == NUMBERED else (),
    )


def _places(text: str) -> Iterator[str]:
    """Yields what a text shows, in its order: each once, as it is written there."""
    yield from dict.fromkeys(shown for shown, _ in _EXPRESSION.findall(text) if shown)
