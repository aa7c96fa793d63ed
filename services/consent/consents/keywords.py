"""Reading texts: which words stop, start or ask for help, in the languages of the product (CON-61)."""

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

Meaning = Literal["stop", "stop_all", "start", "help"]

_FILE: Final = Path(__file__).with_name("keywords.toml")
_OUTER: Final = frozenset("ZPSC")
"""Classes of characters that say nothing around a word: spaces, punctuation, signs and emoji, invisible ones."""
_EMOJI_STYLE: Final = "\ufe0e\ufe0f"


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the list knows it."""

    text: str
    meaning: Meaning
    languages: tuple[str, ...]
    """Languages it belongs to; empty for one that is understood everywhere."""

    def language(self, preferred: str) -> str:
        """Returns the language somebody who sends it speaks; empty when it does not tell."""
        if not self.languages:
            return ""
        base = preferred.partition("-")[0].lower()
        return base if base in self.languages else self.languages[0]


def read(text: str) -> Word | None:
    """Returns the word a message is; None when it is not one of the list and nothing besides."""
    return _words().get(normal(text))


def normal(text: str) -> str:
    """Returns the form in which messages are compared.

    Compatibility forms and letter case are folded (NFKC), runs of spaces are one, and what stands around the words
    without being a letter, a mark or a digit is cut off: quotes, full stops, emoji.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    start, end = 0, len(folded)
    while start < end and _is_outer(folded[start]):
        start += 1
    while end > start and _is_outer(folded[end - 1]):
        end -= 1
    return " ".join(folded[start:end].split())


def _is_outer(character: str) -> bool:
    return unicodedata.category(character)[0] in _OUTER or character in _EMOJI_STYLE


@cache
def _words() -> Mapping[str, Word]:
    """Returns the list by the compared form; ValueError for a word with two meanings."""
    found: dict[str, Word] = {}
    for text, meaning, language in _listed(tomllib.loads(_FILE.read_text(encoding="utf-8"))):
        key = normal(text)
        known = found.get(key)
        if known is not None and (known.meaning != meaning or not known.languages or not language):
            raise ValueError(f"{text} stands twice in {_FILE.name}")
        languages = (*(known.languages if known else ()), language) if language else ()
        found[key] = Word(key, meaning, languages)
    return found


def _listed(data: Mapping[str, Any]) -> Iterator[tuple[str, Meaning, str]]:
    lists = {"": data["everywhere"], **data["languages"]}
    for language, meanings in lists.items():
        for meaning in get_args(Meaning):
            for text in meanings[meaning]:
                yield text, meaning, language
