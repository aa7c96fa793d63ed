"""Carries template expressions unharmed through html tools, which know nothing of them.

In text an expression becomes a comment, since comments stay where they are even inside tables; in a quoted attribute
value it becomes a word. Anywhere else (tag names, bare attributes, scripts, styles) an expression is refused.
"""

import hashlib
import re
from bisect import bisect
from collections.abc import Iterator
from operator import itemgetter
from typing import Final

from jinja2 import TemplateSyntaxError

from services.common.templating.errors import TemplateInvalidError
from services.common.templating.syntax import PARSER

TEXT: Final = "text"
COMMENT: Final = "comment"
TAG: Final = "tag"
RAW: Final = "raw"
OPENING: Final = re.compile(r"<(!--|/?[a-zA-Z])")
TAG_NAME: Final = re.compile(r"/?([a-zA-Z][^\s/>]*)")
RAW_ELEMENTS: Final = frozenset(
    {"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"}
)
STYLE: Final = re.compile(r"<style\b[^>]*>.*?(?:</style|\Z)", re.IGNORECASE | re.DOTALL)


def separated(source: str, part: str = "html") -> str:
    """The source in which braces of style sheets cannot be read as the template language (`{#id` begins no comment)."""

    def style(found: re.Match[str]) -> str:
        if "{{" in found[0]:
            line = source.count("\n", 0, found.start() + found[0].index("{{")) + 1
            raise TemplateInvalidError("a style sheet holds no expressions", part=part, line=line)
        return found[0].replace("{#", "{ #").replace("{%", "{ %")

    return STYLE.sub(style, source)


class Protector:
    """Replaces the expressions of one `separated` html source and puts them, or others, back."""

    def __init__(self, source: str, part: str = "html") -> None:
        self.part = part
        seed = hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()
        self.nonce = next(
            seed[start : start + 12] for start in range(50) if seed[start : start + 12] not in source
        )
        self.kept: list[str] = []
        self.word = re.compile(rf"zq{self.nonce}n(\d+)z")
        self.comment = re.compile(rf"<!--zq{self.nonce}n(\d+)z-->")
        # Where each piece of `html` begins, and the line of the source it comes from.
        self._starts: list[tuple[int, int]] = []
        self.html = "".join(self._protected(source))

    def keep(self, expression: str) -> str:
        """The word that stands for an expression from now on."""
        self.kept.append(expression)
        return f"zq{self.nonce}n{len(self.kept) - 1}z"

    def restored(self, html: str) -> str:
        """Template source again; braces that came from the text can no longer be read as an expression."""
        html = html.replace("{", "&#123;")
        html = self.comment.sub(self._kept, html)
        return self.word.sub(self._kept, html)

    def plain(self, text: str, brace: str = '{{ "{" }}') -> str:
        """A plain text or attribute value with its expressions, as template source."""
        return self.word.sub(self._kept, text.replace("{", brace))

    def holds(self, text: str) -> bool:
        return self.word.search(text) is not None

    def line(self, position: int) -> int:
        """The line of the source that a place in `html` comes from."""
        if not self._starts:
            return 1
        start, line = self._starts[bisect(self._starts, position, key=itemgetter(0)) - 1]
        return line + self.html.count("\n", start, position)

    def _kept(self, found: re.Match[str]) -> str:
        number = int(found[1])
        return self.kept[number] if number < len(self.kept) else ""

    def _protected(self, source: str) -> Iterator[str]:
        scanner, length = _Scanner(), 0
        for line, is_data, written in self._chunks(source):
            text = written
            if is_data:
                scanner.feed(text)
            elif scanner.state == TEXT:
                text = f"<!--{self.keep(text)}-->"
            elif scanner.state == TAG and scanner.quote:
                text = self.keep(text)
            else:
                raise TemplateInvalidError(
                    "in html an expression stands in text or in a quoted attribute value",
                    part=self.part,
                    line=line,
                )
            self._starts.append((length, line))
            length += len(text)
            yield text

    def _chunks(self, source: str) -> Iterator[tuple[int, bool, str]]:
        """The source cut into data and whole expressions; comments of the template language are left out."""
        held: list[str] = []
        started = 1
        try:
            for line, kind, text in PARSER.lex(source):
                if kind in ("variable_begin", "block_begin"):
                    held, started = [text], line
                elif kind in ("variable_end", "block_end"):
                    yield started, False, "".join([*held, text])
                    held = []
                elif held:
                    held.append(text)
                elif kind == "data":
                    yield line, True, text
                elif kind.startswith("raw"):
                    raise TemplateInvalidError(
                        "raw is not part of the template language", part=self.part, line=line
                    )
        except TemplateSyntaxError as error:
            raise TemplateInvalidError(
                error.message or "syntax error", part=self.part, line=error.lineno
            ) from None


class _Scanner:
    """Knows in which part of an html source the text fed so far has ended."""

    def __init__(self) -> None:
        self.state = TEXT
        self.quote = ""
        self._element = ""
        self._after_equals = False

    def feed(self, text: str) -> None:
        position = 0
        while position < len(text):
            position = {TEXT: self._text, COMMENT: self._comment, RAW: self._raw, TAG: self._tag}[self.state](
                text, position
            )

    def _text(self, text: str, position: int) -> int:
        found = OPENING.search(text, position)
        if found is None:
            return len(text)
        if found[1] == "!--":
            self.state = COMMENT
            return found.end()
        name = TAG_NAME.match(text, found.start() + 1)
        self._element = name[1].lower() if name and not found[1].startswith("/") else ""
        self.state, self.quote, self._after_equals = TAG, "", False
        return name.end() if name else found.end()

    def _comment(self, text: str, position: int) -> int:
        end = text.find("-->", position)
        if end < 0:
            return len(text)
        self.state = TEXT
        return end + 3

    def _raw(self, text: str, position: int) -> int:
        found = re.compile(rf"</{self._element}[\s/>]", re.IGNORECASE).search(text, position)
        if found is None:
            return len(text)
        self._element, self.state, self.quote = "", TAG, ""
        return found.end() - 1

    def _tag(self, text: str, position: int) -> int:
        if self.quote:
            end = text.find(self.quote, position)
            if end < 0:
                return len(text)
            self.quote = ""
            return end + 1
        character = text[position]
        if character == ">":
            self.state = RAW if self._element in RAW_ELEMENTS else TEXT
        elif character in "\"'" and self._after_equals:
            self.quote = character
        if not character.isspace():
            self._after_equals = character == "="
        return position + 1
