"""Templates of business accounts: taken as Meta takes them, and decided when somebody asks where they stand.

What is decided shows in a name: `rejected…`, `paused…` and `disabled…` end so, `waiting…` never ends, all else is approved.
"""

import re
import secrets
from typing import Any

from sandbox.meta.errors import RefusedError

NAME = re.compile(r"[a-z0-9_]{1,512}")
PLACES = re.compile(r"\{\{(\d+)\}\}")
CATEGORIES = frozenset({"MARKETING", "UTILITY", "AUTHENTICATION"})
DECISIONS = {"rejected": "REJECTED", "paused": "PAUSED", "disabled": "DISABLED", "waiting": "PENDING"}


class Templates:
    """What was handed in, by business account, name and language."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], dict[str, Any]] = {}

    def submit(self, business: str, order: dict[str, Any]) -> dict[str, Any]:
        """Takes a template, or refuses it as Meta would."""
        name, language = str(order.get("name", "")), str(order.get("language", ""))
        if not NAME.fullmatch(name) or not language or order.get("category") not in CATEGORIES:
            raise RefusedError(400, 100, "Invalid parameter")
        _check_body(order.get("components"))
        if (business, name, language) in self._known:
            raise RefusedError(400, 100, "Content in this language already exists")
        template_id = str(10**14 + secrets.randbelow(10**14))
        self._known[business, name, language] = {
            "id": template_id,
            "name": name,
            "language": language,
            "status": "PENDING",
            "rejected_reason": "NONE",
        }
        return {"id": template_id, "status": "PENDING", "category": order["category"]}

    def reviews(self, business: str) -> list[dict[str, Any]]:
        """Returns where the templates of a business account stand, decided by now."""
        found = [one for key, one in self._known.items() if key[0] == business]
        for one in found:
            decided = DECISIONS.get(one["name"].partition("_")[0], "APPROVED")
            one |= {
                "status": decided,
                "rejected_reason": "INCORRECT_CATEGORY" if decided == "REJECTED" else "NONE",
            }
        return found

    def check(self, order: dict[str, Any]) -> None:
        """Refuses a message by a template that was handed in and is not approved."""
        template = order.get("template") or {}
        name, language = template.get("name"), (template.get("language") or {}).get("code")
        standing = [
            one["status"]
            for one in self._known.values()
            if (one["name"], one["language"]) == (name, language)
        ]
        if standing and "APPROVED" not in standing:
            raise RefusedError(404, 132001, "Template name does not exist in the translation")


def _check_body(components: Any) -> None:
    bodies = [one for one in components or () if isinstance(one, dict) and one.get("type") == "BODY"]
    text = str(bodies[0].get("text", "")) if len(bodies) == 1 else ""
    places = {int(found) for found in PLACES.findall(text)}
    examples = (bodies[0].get("example") or {}).get("body_text") or [[]] if bodies else [[]]
    if not text or places != set(range(1, len(places) + 1)) or len(examples[0]) != len(places):
        raise RefusedError(400, 100, "Invalid parameter")
