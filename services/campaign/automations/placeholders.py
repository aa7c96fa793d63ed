"""Texts that name values: `{{ contact.name }}`, `{{ data.order_id }}`, `{{ run.run_id }}` (LIF-69). Standard library only."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from services.campaign.automations.filters import lookup

ROOTS: Final = ("contact", "data", "run")
_NAME: Final = re.compile(r"\{\{\s*([A-Za-z0-9_.-]{1,200})\s*\}\}")


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """Returns a value with what its texts name; a text that is one name alone is the value itself.

    What there is not is an empty text inside a text, and None where the text is nothing else.
    """
    if isinstance(value, str):
        alone = _NAME.fullmatch(value.strip())
        if alone:
            return lookup(known, alone[1])
        return _NAME.sub(lambda match: _text(lookup(known, match[1])), value)
    if isinstance(value, Mapping):
        return {name: filled(one, known) for name, one in value.items()}
    return [filled(one, known) for one in value] if isinstance(value, (list, tuple)) else value


def wrong(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yields places whose texts name what there cannot be, with what is wrong."""
    if isinstance(value, str):
        names = _NAME.findall(value)
        if any(name.partition(".")[0] not in ROOTS for name in names):
            yield place, f"may name values of {', '.join(ROOTS)} alone"
        elif "{{" in _NAME.sub("", value) or "{%" in value:
            yield place, "has braces that name no value, as in {{ contact.name }}"
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from wrong(one, f"{place}.{name}")
    elif isinstance(value, (list, tuple)):
        for index, one in enumerate(value):
            yield from wrong(one, f"{place}[{index}]")


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
