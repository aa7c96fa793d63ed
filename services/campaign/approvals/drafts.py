"""What is handed in: the text of a content with numbered places, and what reviewers see in them."""

import re
from collections.abc import Mapping
from typing import Any

from services.campaign.templates.domain import (
    PLAIN_FIELDS,
    Content,
    TemplateInvalid,
    Version,
    may_use_undeclared,
    parameters_of,
    variable_of,
)

LONGEST = 1024
_EXPRESSION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_EDGES = re.compile(r"^\s*\{\{\d+\}\}|\{\{\d+\}\}\s*$")


def body_of(version: Version, content: Content) -> str:
    """Returns the text with `{{1}}`, `{{2}}` … in place of variables; TemplateInvalid when WhatsApp would not take it."""
    order = parameters_of(version, content)
    problems: list[str] = []
    named: set[str] = set()

    def numbered(found: re.Match[str]) -> str:
        name = found[1]
        if name is None and found[0].startswith("{#"):
            return ""
        if name not in order:
            problems.append(
                f"{found[0]} stands in the text, where WhatsApp takes plain variables of the order only"
            )
            return ""
        named.add(name)
        return f"{{{{{order.index(name) + 1}}}}}"

    body = _EXPRESSION.sub(numbered, content.text).strip()
    problems += [
        f"{name} has a place in the order and none in the text" for name in order if name not in named
    ]
    if not body:
        problems.append("the text is empty")
    if len(body) > LONGEST:
        problems.append(f"the text is longer than {LONGEST} characters")
    if _EDGES.search(body):
        problems.append("WhatsApp takes no text that begins or ends with a variable")
    if problems:
        index = version.contents.index(content)
        field = f"version.contents[{index}].body_text"
        raise TemplateInvalid([(field, f"{content.language_code}: {one}") for one in problems])
    return body


def examples_of(version: Version, content: Content, values: Mapping[str, Any]) -> list[str]:
    """Returns a value for each place, in order."""
    return [_shown(values, variable_of(name)) for name in parameters_of(version, content)]


def _shown(values: Mapping[str, Any], path: str) -> str:
    found: Any = values
    for key in path.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    if isinstance(found, Mapping):
        found = " ".join(str(found[key]) for key in ("amount", "currency_code") if key in found)
    if found is None or found == "":
        return path.rpartition(".")[2] if path in PLAIN_FIELDS or may_use_undeclared(path) else path
    return str(found)
