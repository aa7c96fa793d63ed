"""Translations: words by key and language. Standard library only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime


class TranslationsInvalid(Exception):
    """Translations that cannot be written; each violation names its field."""

    reason = "VALIDATION_FAILED"

    def __init__(self, violations: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(text for _, text in violations[:3]))
        self.violations = violations


@dataclass(frozen=True, slots=True)
class Translation:
    """Words in one language."""

    key: str
    language_code: str
    value: str
    is_system: bool = False
    updated_at: datetime | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Returns where it stands in lists: by key, then language."""
        return self.key, self.language_code


def canonical(language_code: str) -> str:
    """Returns a language tag as translations keep it: lower case, hyphenated (GEN-23)."""
    return language_code.replace("_", "-").lower()


def problems(translations: Sequence[Translation]) -> Iterator[tuple[str, str]]:
    """Yields what is wrong with translations that are to be written together."""
    seen: set[tuple[str, str]] = set()
    for index, one in enumerate(translations):
        if one.place in seen:
            yield f"translations[{index}].key", f"{one.key} is given twice in {one.language_code}"
        seen.add(one.place)
        if "{{" in one.value or "{%" in one.value:
            yield f"translations[{index}].value", "is plain text: variables stand in the template, beside it"
