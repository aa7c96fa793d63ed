"""Layouts: a source that extends one fills its blocks; what comes of it is one source without either.

Only the platform's lexer reads them here. Blocks are put together as text before anything is parsed, so a layout can do
nothing that the template language itself could not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from jinja2 import TemplateSyntaxError

from services.common.templating.errors import TemplateInvalidError
from services.common.templating.protect import separated
from services.common.templating.syntax import PARSER

MAXIMUM_BLOCKS: Final = 50
_OPENING, _CLOSING = "block_begin", "block_end"


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between the tags of a block, and the line where it begins."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Extension:
    """A source that extends a layout: its name, and the blocks that it fills."""

    layout: str
    blocks: Mapping[str, Block]


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag of the language about blocks: word and argument."""

    word: str
    argument: str


def extension(source: str, part: str) -> Extension | None:
    """Returns what a source fills of which layout; None when it extends none.

    Raises:
        TemplateInvalidError: It extends twice, holds something outside its blocks, or its blocks do not close.
    """
    layout, blocks = "", {}
    for tag, text, line in _pieces(source, part):
        if tag is None:
            if text.strip():
                if not layout:
                    return None
                raise TemplateInvalidError(
                    "outside of its blocks a content that extends a layout is empty", part=part, line=line
                )
        elif tag.word == "extends":
            if layout:
                raise TemplateInvalidError("a content extends one layout", part=part, line=line)
            layout = tag.argument
        elif not layout:
            return None
        elif tag.argument in blocks:
            raise TemplateInvalidError(f"the block {tag.argument} is filled twice", part=part, line=line)
        else:
            blocks[tag.argument] = Block(text, line)
    return Extension(layout, blocks) if layout else None


def composed(layout: str, filling: Mapping[str, Block], part: str) -> str:
    """Returns a layout with its blocks filled; those that nobody fills show what the layout has in them.

    Raises:
        TemplateInvalidError: A block is filled that the layout has not, or the layout is none.
    """
    written: list[str] = []
    known: set[str] = set()
    for tag, text, line in _pieces(layout, part):
        if tag is not None and tag.word == "extends":
            raise TemplateInvalidError("a layout extends no other", part=part, line=line)
        if tag is not None:
            known.add(tag.argument)
        written.append(filling[tag.argument].text if tag is not None and tag.argument in filling else text)
    if strange := next((name for name in filling if name not in known), None):
        names = ", ".join(sorted(known)) or "none"
        raise TemplateInvalidError(
            f"the layout has no block {strange}; it has {names}", part=part, line=filling[strange].line
        )
    return "".join(written)


def holds_blocks(source: str) -> bool:
    """Returns whether a source has tags of blocks or layouts at all."""
    return "block" in source or "extends" in source


def _pieces(source: str, part: str) -> Iterator[tuple[_Tag | None, str, int]]:
    """Yields the source in pieces: text as it stands, a block with what it holds, and what it extends."""
    open_tag: _Tag | None = None
    opened, count = 1, 0
    text: list[str] = []
    started = 1
    for token, written, line in _tokens(separated(source, part), part):
        if token is None:
            text.append(written)
            continue
        if token.word == "endblock":
            if open_tag is None:
                raise TemplateInvalidError("endblock closes no block", part=part, line=line)
            yield open_tag, "".join(text), opened
            open_tag, text, started = None, [], line
            continue
        if open_tag is not None:
            raise TemplateInvalidError(f"{token.word} stands inside a block", part=part, line=line)
        yield None, "".join(text), started
        text = []
        if token.word == "extends":
            yield token, "", line
            started = line
        else:
            open_tag, opened = token, line
            count += 1
            if count > MAXIMUM_BLOCKS:
                raise TemplateInvalidError(f"more than {MAXIMUM_BLOCKS} blocks", part=part, line=line)
    if open_tag is not None:
        raise TemplateInvalidError(f"the block {open_tag.argument} is not closed", part=part, line=opened)
    yield None, "".join(text), started


def _tokens(source: str, part: str) -> Iterator[tuple[_Tag | None, str, int]]:
    """Yields each tag about blocks by itself, and everything else as it was written."""
    held: list[tuple[str, str]] | None = None
    started = 1
    try:
        for line, kind, written in PARSER.lex(source):
            if kind == _OPENING:
                held, started = [(kind, written)], line
            elif held is not None:
                held.append((kind, written))
                if kind == _CLOSING:
                    yield _tag(held, part, started), "".join(text for _, text in held), started
                    held = None
            else:
                yield None, written, line
    except TemplateSyntaxError as error:
        raise TemplateInvalidError(error.message or "syntax error", part=part, line=error.lineno) from None


def _tag(held: list[tuple[str, str]], part: str, line: int) -> _Tag | None:
    words = [(kind, text) for kind, text in held[1:-1] if kind != "whitespace"]
    first = words[0][1] if words else ""
    if first not in ("block", "endblock", "extends"):
        return None
    rest = words[1:]
    if first == "endblock" and len(rest) <= 1:
        return _Tag(first, "")
    wanted = "string" if first == "extends" else "name"
    if len(rest) != 1 or rest[0][0] != wanted:
        told = '{% extends "name" %}' if first == "extends" else "{% block name %}"
        raise TemplateInvalidError(f"it is written {told}", part=part, line=line)
    return _Tag(first, rest[0][1].strip("\"'"))
