"""By which words notices are known: each one of its kind, and found again by what it is about."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from services.campaign.rules.domain import Key, Rule
from services.campaign.rules.sources import dig

LONGEST: Final = 200
PERSON: Final = "person"
"""Field that stands for the contact an event is about."""


def notice_key(rule: Rule, fact: str, values: Sequence[str], ident: str) -> str:
    """Returns what makes a rule's notice to one reader one of its kind (EVT-6, DEL-59)."""
    parts = [*(values if rule.once else (fact,)), ident]
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return f"{rule.once_name or rule.name}/{digest[:40]}"


def correlation(word: str, values: Sequence[str]) -> str:
    """Returns the key by which notices are cancelled and moved."""
    found = f"{word}:{'/'.join(values)}"
    if len(found) <= LONGEST:
        return found
    return f"{word}:{hashlib.sha256(found.encode()).hexdigest()}"


def values_of(fields: Sequence[str], data: Mapping[str, Any], person: str) -> list[str]:
    """Returns the values of fields; those that the data does not have are empty."""
    return [person if name == PERSON else str(dig(data, name) or "") for name in fields]


def subjects(key: Key, data: Mapping[str, Any], person: str) -> Iterator[list[str]]:
    """Yields what an event is about, in the words of a correlation; nothing where it does not say.

    An event about a whole group is about the group, and about each of its members.
    """
    values = values_of(key.fields, data, person)
    if all(values):
        yield values
    elif key.fields[-1] == "member_id" and all(values[:-1]):
        yield values[:-1]
        for one in data.get("members") or ():
            if isinstance(one, Mapping) and one.get("member_id"):
                yield [*values[:-1], str(one["member_id"])]
