"""The text part of an e-mail that has none: its html read aloud, with the address of each link behind its words."""

import re
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.common.templating.protect import Protector

PARAGRAPHS: Final = frozenset(["address", "article", "aside", "blockquote", "div", "dl", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "main", "nav", "ol", "p", "pre", "section", "table", "ul"])  # fmt: skip
LINES: Final = frozenset(["caption", "dd", "dt", "figcaption", "li", "tr"])
HEADINGS: Final = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
SPACES: Final = re.compile(r"[ \t\n\r\f\u00a0\u200b-\u200d\u2060\ufeff\u00ad]+")
PLATFORM_LINK: Final = re.compile(r"\{\{-?\s*(?:unsubscribe_url|preferences_url)\s*-?\}\}\Z")
_BLOCKS: Final = r"(?:\{%(?:(?!%\})[^\n])*%\}[ ]*)+"
BLOCK_LINE: Final = re.compile(rf"(?:(?<=\n\n)|\A)({_BLOCKS})\n\n+(?=.)", re.DOTALL)
WORDS_AND_BLOCK: Final = re.compile(rf"^((?!{_BLOCKS}$)[^\n]*%\}})\n(?=.)", re.MULTILINE | re.DOTALL)
RULE: Final = "-" * 40


def derive_text(body: str, protector: Protector) -> str:
    """The text of a clean html body as template source: expressions of the html stand in it too."""
    return _Reader(protector).read(LexborHTMLParser(f"<!DOCTYPE html><body>{body}</body>"))


def visible_text(html: str) -> str:
    """The words a reader of an html source sees, for counting."""
    parser = LexborHTMLParser(html)
    parser.strip_tags(["script", "style", "title", "head"])
    body = parser.body
    return SPACES.sub(" ", body.text(separator=" ")).strip() if body is not None else ""


class _Reader:
    def __init__(self, protector: Protector) -> None:
        self.protector = protector
        self.out: list[str] = []

    def read(self, document: LexborHTMLParser) -> str:
        # Walked with a stack of its own: a document may be nested deeper than Python likes to recurse.
        stack: list[tuple[LexborNode, bool]] = [(document.body, False)] if document.body is not None else []
        while stack:
            node, leaving = stack.pop()
            if leaving:
                self.leave(node)
                continue
            self.enter(node)
            stack.append((node, True))
            children = []
            child = node.child
            while child is not None:
                children.append((child, False))
                child = child.next
            stack.extend(reversed(children))
        return self.tidy("".join(self.out))

    def enter(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if node.is_text_node:
            self.out.append(self.protector.plain(SPACES.sub(" ", node.text(deep=False))))
        elif node.is_comment_node:
            self.out.append(
                self.protector.comment.sub(lambda found: self.protector.kept[int(found[1])], node.html or "")
            )
        elif tag in PARAGRAPHS:
            self.out.append("\n\n")
        elif tag in LINES:
            self.out.append("\n- " if tag == "li" else "\n")
        elif tag in ("br", "hr"):
            self.out.append("\n" if tag == "br" else f"\n\n{RULE}\n\n")
        elif tag in ("td", "th"):
            self.out.append(" ")
        elif tag == "img" and node.attributes.get("alt"):
            self.out.append(self.protector.plain(SPACES.sub(" ", node.attributes["alt"] or "")))

    def leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in PARAGRAPHS:
            self.out.append("\n\n")
        elif tag in LINES:
            self.out.append("\n")
        elif tag == "a":
            address = (node.attributes.get("href") or "").strip()
            words = node.text(deep=True).strip()
            if address and not address.startswith("#") and words != address:
                self.out.append(self.address(address, words))

    def address(self, address: str, words: str) -> str:
        address = address.removeprefix("mailto:").removeprefix("tel:")
        source = self.protector.plain(address, brace="%7B")
        if self.protector.holds(address) and not PLATFORM_LINK.fullmatch(source):
            source = f"{{{{ __bare_0 }}}}{source}{{{{ __close_0 }}}}"
        return f" ({source})" if words != address else ""

    @staticmethod
    def tidy(text: str) -> str:
        lines = [re.sub(r" {2,}", " ", line).strip() for line in text.split("\n")]
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
        # A newline behind a block is the block's own: a line of words keeps one more, one of blocks, between paragraphs, none.
        text = BLOCK_LINE.sub(r"\1\n", text)
        return WORDS_AND_BLOCK.sub(r"\1\n\n", text)
