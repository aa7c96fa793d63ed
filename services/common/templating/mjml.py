"""MJML becomes html once, before anything else is done to an e-mail; expressions pass through it unharmed."""

import re
from typing import Final

from mjml import mjml2html

from services.common.templating.errors import TemplateInvalidError
from services.common.templating.protect import Protector, separated

PART: Final = "mjml"
MAXIMUM_DEPTH: Final = 50
LARGEST: Final = 512 * 1024
_ELEMENT: Final = re.compile(r"<(/?)[a-zA-Z][\w-]*(?:\"[^\"]*\"|'[^']*'|[^'\">])*?(/?)>")
_VOID: Final = re.compile(r"<(?:area|base|br|col|hr|img|input|link|meta|source|track|wbr)\b", re.IGNORECASE)
_POSITION: Final = re.compile(r"(?: in root template)? at position (\d+):\d+")
_INCLUDE: Final = re.compile(r"<mj-include\b", re.IGNORECASE)


def html_of(source: str) -> str:
    """Returns the html of an MJML source, with its expressions where they were.

    Fonts are not loaded from elsewhere, and nothing is included: mail shows what stands in it.

    Raises:
        TemplateInvalidError: It is no MJML, or an expression stands where MJML has no place for text.
    """
    found = _INCLUDE.search(source)
    if found:
        raise TemplateInvalidError(
            "mj-include is not offered: use a layout",
            part=PART,
            line=source.count("\n", 0, found.start()) + 1,
        )
    _refuse_depth(source)
    protector = Protector(separated(source, PART), PART)
    try:
        html = mjml2html(protector.html, disable_comments=False, fonts={})
    except ValueError as error:
        raise _refusal(str(error), protector) from None
    if len(html) > LARGEST:
        raise TemplateInvalidError(f"as html it is longer than {LARGEST} characters", part=PART)
    for number, expression in enumerate(protector.kept):
        if f"n{number}z" not in html:
            raise TemplateInvalidError(
                f"{expression} stands where MJML has no place for text; inside mj-body use mj-raw around blocks",
                part=PART,
                line=protector.line(protector.html.find(f"n{number}z")),
            )
    html = protector.comment.sub(lambda found: protector.kept[int(found[1])], html)
    return protector.word.sub(lambda found: protector.kept[int(found[1])], html)


def _refuse_depth(source: str) -> None:
    """Refuses a source nested absurdly deep before a parser that recurses reads it."""
    depth = 0
    for found in _ELEMENT.finditer(source):
        if found[2] or _VOID.match(found[0]):
            continue
        depth += -1 if found[1] else 1
        if depth > MAXIMUM_DEPTH:
            line = source.count("\n", 0, found.start()) + 1
            raise TemplateInvalidError(f"elements nested deeper than {MAXIMUM_DEPTH}", part=PART, line=line)


def _refusal(words: str, protector: Protector) -> TemplateInvalidError:
    found = _POSITION.search(words)
    line = protector.line(int(found[1])) if found else 0
    told = _POSITION.sub("", words).replace(" in root template", "")
    return TemplateInvalidError(f"is no valid MJML: {told}", part=PART, line=line)
