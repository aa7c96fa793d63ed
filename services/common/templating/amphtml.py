"""Checks an AMP document of mail and prepares it: complete as AMP4EMAIL wants it, with checked addresses (DEL-99, CAM-92).

The rules are those of amp.dev/documentation/guides-and-tutorials/learn/email-spec, but for templates of the mail client
(`amp-mustache`), whose braces are those of the template language: they are refused. Links are not exchanged for counted
ones; the addresses that variables make are checked as in html.
"""

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from itertools import accumulate
from typing import Final, NoReturn

from services.common.templating.amptags import (
    CONTENT_TAGS,
    HEAD_TAGS,
    INPUT_TYPES,
    ROOT_MARKS,
    SCRIPTED,
    SCRIPTS,
    VOID,
)
from services.common.templating.errors import RenderError, TemplateInvalidError
from services.common.templating.mailhtml import Treatment, html_footer
from services.common.templating.plaintext import PLATFORM_LINK
from services.common.templating.protect import Protector, separated
from services.common.templating.sanitize import UNSAFE_STYLE
from services.common.templating.syntax import COLOURS
from services.common.templating.values import check_url

PART: Final = "amp"
LARGEST: Final = 200_000
LARGEST_STYLE: Final = 75_000
RUNTIME: Final = "https://cdn.ampproject.org/v0.js"
_SCRIPT: Final = re.compile(r"https://cdn\.ampproject\.org/v0/(amp-[a-z-]+)-(?:\d\.\d|latest)\.js")
_BOILERPLATE: Final = "body{visibility:hidden}"
_BLANK: Final = re.compile(r"[\s;]")
_REACHED: Final = re.compile(r"mailto:|tel:", re.IGNORECASE)
_WEB: Final = re.compile(r"https?://", re.IGNORECASE)
_SAFE: Final = re.compile(r"https://", re.IGNORECASE)
_ADDRESSES: Final = frozenset({"href", "src", "action-xhr", "srcset", "xhr", "verify-xhr"})
_ATTRIBUTE: Final = re.compile(r"""([^\s/>=]+)(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]*))?""")


def prepare_amp(source: str, treatment: Treatment) -> str:
    """The document as template source in the internal dialect; TemplateInvalidError names what is not valid, and the line."""
    if len(source.encode("utf-8", "replace")) > LARGEST:
        raise TemplateInvalidError(f"larger than {LARGEST} bytes", part=PART, line=1)
    protector = Protector(separated(source, PART), PART)
    document = _Document(protector)
    added, _ = html_footer(protector.html, protector, treatment)
    if treatment.pixel:
        pixel = protector.keep("{{ __pixel_0 }}")
        added += f'<amp-img src="{pixel}" width="1" height="1" alt=""></amp-img>'
    return protector.restored(document.changed(added))


class _Document(HTMLParser):
    """Reads a protected document from its first to its last tag, and refuses what AMP for mail does not take."""

    def __init__(self, protector: Protector) -> None:
        super().__init__()
        self._protector = protector
        lines = protector.html.split("\n")
        self._line_starts = [0, *accumulate(len(line) + 1 for line in lines)]
        self._place = "start"
        self._element = ""
        self._style = self._kind = ""
        self._had: set[str] = set()
        self._scripts: set[str] = set()
        self._needed: dict[str, int] = {}
        self._edits: list[tuple[int, int, str]] = []
        self._end = 0
        self.feed(protector.html)
        if self.rawdata.strip():
            self._refuse("the document ends within a tag, a comment or a style")
        self._complete()

    def changed(self, added: str) -> str:
        """The protected document with its addresses marked, and `added` at the end of its body."""
        html, pieces, position = self._protector.html, [], 0
        for start, end, text in [*self._edits, (self._end, self._end, added)]:
            pieces += [html[position:start], text]
            position = end
        return "".join([*pieces, html[position:]])

    # The order of the document

    def handle_decl(self, decl: str) -> None:
        if self._place != "start" or decl.lower() != "doctype html":
            self._refuse("a document begins with <!doctype html> and has no other declaration")
        self._place = "doctype"

    def handle_pi(self, data: str) -> None:  # noqa: ARG002 - any is one too many
        self._refuse("AMP for mail has no processing instructions")

    def unknown_decl(self, data: str) -> None:  # noqa: ARG002 - any is one too many
        self._refuse("AMP for mail has no sections of this kind")

    def handle_comment(self, data: str) -> None:
        if self._protector.holds(data) and self._place != "body":
            self._refuse("expressions stand in the body")
        if data.lstrip().lower().startswith("[if"):
            self._refuse("AMP for mail has no conditional comments")

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self._refuse(f"<{tag}> needs an end tag of its own")
        self.handle_starttag(tag, attrs)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if len(given) < len(attrs):
            self._refuse(f"<{tag}> names an attribute twice")
        if self._place != "body" and any(map(self._protector.holds, given.values())):
            self._refuse("expressions stand in the body")
        if tag in ("html", "head", "body"):
            self._shell(tag, given)
        elif self._place == "head" and tag in HEAD_TAGS:
            self._in_head(tag, given)
        elif self._place == "body" and tag in CONTENT_TAGS:
            self._in_body(tag, given)
        elif tag in HEAD_TAGS or tag in CONTENT_TAGS:
            self._refuse(f"<{tag}> does not stand here")
        else:
            self._refuse(f"AMP for mail has no <{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._element:
            self._element = ""
            if tag == "style":
                self._style_ended()
        places = {("head", "head"): "between", ("body", "body"): "after", ("after", "html"): "end"}
        if (self._place, tag) == ("body", "body"):
            self._end = self._position()
        if tag in ("html", "head", "body"):
            place = places.get((self._place, tag))
            if place is None:
                self._refuse(f"</{tag}> does not stand here")
            self._place = place

    def handle_data(self, data: str) -> None:
        if self._element == "style":
            start = self._position()
            self._style += data
            # Braces of a style sheet stay as they are.
            self._edits.append((start, start + len(data), self._protector.keep(data)))
        elif data.strip() and (self._place != "body" or self._element):
            self._refuse("a script is empty" if self._element else "text stands in the body")

    def _shell(self, tag: str, given: Mapping[str, str]) -> None:
        order = {"html": "doctype", "head": "html", "body": "between"}
        if self._place != order[tag]:
            self._refuse(f"<{tag}> does not stand here: doctype, html, head and body follow each other")
        if tag == "html" and not ROOT_MARKS & given.keys():
            self._refuse("<html> bears the mark ⚡4email or amp4email")
        self._attributes(tag, given)
        self._place = tag

    # Head

    def _in_head(self, tag: str, given: Mapping[str, str]) -> None:
        if not self._had and (tag != "meta" or given.get("charset", "").lower() != "utf-8"):
            self._refuse('<meta charset="utf-8"> comes first in the head')
        if tag == "meta":
            self._attributes(tag, given)
            if "http-equiv" in given or ("charset" in given and "charset" in self._had):
                self._refuse("a meta of this kind is not part of AMP for mail")
            self._had.add("charset")
            return
        self._element = tag
        if tag == "script":
            self._script(given)
        elif given.keys() == {"amp-custom"} or given.keys() == {"amp4email-boilerplate"}:
            (kind,) = given
            self._once(kind, f"<style {kind}>")
            self._style, self._kind = "", kind
        else:
            self._refuse("a style is amp-custom or amp4email-boilerplate")

    def _script(self, given: Mapping[str, str]) -> None:
        source, element = given.get("src", ""), given.get("custom-element", "")
        if source == RUNTIME and given.keys() == {"async", "src"}:
            self._once("runtime", "the script of the runtime")
            return
        found = _SCRIPT.fullmatch(source)
        if (
            given.keys() != {"async", "custom-element", "src"}
            or found is None
            or found[1] != element
            or element not in SCRIPTS
        ):
            self._refuse(
                "a script is the runtime of AMP or a custom element of AMP for mail, from cdn.ampproject.org"
            )
        if element in self._scripts:
            self._refuse(f"the script of {element} stands twice")
        self._scripts.add(element)

    def _style_ended(self) -> None:
        if self._kind == "amp4email-boilerplate":
            if _BLANK.sub("", self._style) != _BOILERPLATE:
                self._refuse(f"the boilerplate is {_BOILERPLATE}")
        elif len(self._style.encode("utf-8", "replace")) > LARGEST_STYLE:
            self._refuse(f"the custom style is larger than {LARGEST_STYLE} bytes")
        else:
            self._check_style(self._style)

    # Body

    def _in_body(self, tag: str, given: Mapping[str, str]) -> None:
        if script := SCRIPTED.get(tag):
            self._needed.setdefault(script, self._line())
        if tag == "form":
            if (
                "action" in given
                or "action-xhr" not in given
                or given.get("method", "").lower() not in ("get", "post")
            ):
                self._refuse("a form has a method and action-xhr, and no action")
        elif tag == "input" and given.get("type", "text").lower() not in INPUT_TYPES:
            self._refuse("an input of this type is not part of AMP for mail")
        self._attributes(tag, given)

    def _attributes(self, tag: str, given: Mapping[str, str]) -> None:
        text = self.get_starttag_text() or ""
        marked = text
        for name, value in given.items():
            if name.startswith("on") and name != "on":
                self._refuse(f"{name} is not an attribute of AMP")
            if "i-amphtml-" in value.lower() or name.startswith("i-amp"):
                self._refuse("names that begin with i-amphtml- are those of AMP itself")
            if name.startswith(("[", "data-amp-bind-")) or name == "on":
                if self._protector.holds(value):
                    self._refuse(f"{name} holds no expressions")
            elif name == "style":
                self._check_style(value)
            elif name in _ADDRESSES:
                marked = self._address(tag, name, value.strip(), marked)
        if marked != text:
            start = self._position()
            self._edits.append((start, start + len(text), marked))

    def _address(self, tag: str, name: str, value: str, text: str) -> str:
        """Checks an address; one that variables make is marked in the text of the tag, to be checked with its values."""
        plain = self._protector.plain(value, brace="%7B")
        if not self._protector.holds(value):
            wanted = _WEB if name == "href" else _SAFE
            candidates = [one.strip() for one in value.split(",")] if name == "srcset" else [value]
            if not all(map(wanted.match, candidates)) and not (name == "href" and _REACHED.match(value)):
                self._refuse(f"the {name} of <{tag}> is a whole address with https")
            if name != "srcset" and _WEB.match(value):
                try:
                    check_url(value, f"the address {value[:100]}", allow_http=True)
                except RenderError as error:
                    self._refuse(str(error))
            return text
        if name == "srcset":
            self._refuse("srcset holds no expressions")
        if (name == "href" and _REACHED.match(value)) or PLATFORM_LINK.fullmatch(plain):
            return text
        word = self._protector.keep(f"{{{{ __bare_0 }}}}{plain}{{{{ __close_0 }}}}")

        def exchanged(found: re.Match[str]) -> str:
            return f'{found[1]}="{word}"' if found[1].lower() == name else found[0]

        return _ATTRIBUTE.sub(exchanged, text)

    def _check_style(self, style: str) -> None:
        if UNSAFE_STYLE.search(style) or "!important" in style.lower():
            self._refuse("a style loads nothing, escapes nothing and has no !important")
        words = self._protector.word.findall(style)
        if any(self._protector.kept[int(word)].strip("{} -") not in COLOURS for word in words):
            self._refuse("in a style only primary_color and primary_text_color can be used")

    # The whole

    def _complete(self) -> None:
        if self._place not in ("after", "end"):
            self._refuse("a document has a doctype, <html>, <head> and <body>, which end")
        for name, words in (
            ("runtime", "the script of the runtime is missing"),
            ("amp4email-boilerplate", "the boilerplate style is missing"),
        ):
            if name not in self._had:
                raise TemplateInvalidError(words, part=PART, line=1)
        for script, line in self._needed.items():
            if script not in self._scripts:
                raise TemplateInvalidError(f"the script of {script} is missing", part=PART, line=line)

    def _once(self, name: str, words: str) -> None:
        if name in self._had:
            self._refuse(f"{words} stands twice")
        self._had.add(name)

    def _position(self) -> int:
        line, column = self.getpos()
        return self._line_starts[line - 1] + column

    def _line(self) -> int:
        return self._protector.line(self._position())

    def _refuse(self, message: str) -> NoReturn:
        raise TemplateInvalidError(message, part=PART, line=self._line())
