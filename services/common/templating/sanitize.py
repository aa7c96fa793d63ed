"""What html of a tenant may hold in an e-mail (CAM-92): no scripts, handlers, forms or remote styles."""

import re
from typing import Final

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.common.templating.errors import TemplateInvalidError
from services.common.templating.protect import Protector
from services.common.templating.syntax import COLOURS

MAXIMUM_DEPTH: Final = 200
TAGS: Final = frozenset(
    [
        "a",
        "abbr",
        "address",
        "article",
        "aside",
        "b",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "font",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "main",
        "mark",
        "nav",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "section",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
COMMON: Final = frozenset(
    [
        "align",
        "bgcolor",
        "class",
        "dir",
        "height",
        "id",
        "lang",
        "role",
        "style",
        "title",
        "valign",
        "width",
        "aria-hidden",
        "aria-label",
    ]
)
ATTRIBUTES: Final = {
    "*": set(COMMON),
    "a": {"href", "name", "target", "data-untracked"},
    "img": {"src", "alt", "border", "hspace", "vspace"},
    "table": {"border", "cellpadding", "cellspacing", "summary", "background"},
    "td": {"colspan", "rowspan", "nowrap", "background"},
    "th": {"colspan", "rowspan", "nowrap", "scope", "background"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "hr": {"size", "noshade"},
    "col": {"span"},
    "colgroup": {"span"},
    "blockquote": {"cite"},
}
SCHEMES: Final = {"http", "https", "mailto", "tel", "sms", "cid"}
STRUCTURE: Final = frozenset(
    {"html", "head", "body", "title", "meta", "style", "-text", "-undef", "_em_comment"}
)
# A style that loads or runs something; the backslash hides the others.
UNSAFE_STYLE: Final = re.compile(
    r"url\s*\(|@import|@charset|expression\s*\(|javascript:|behavior\s*:|-moz-binding|\\|<", re.IGNORECASE
)
BODY: Final = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
HEAD: Final = re.compile(r"<head\b.*?</head\s*>", re.IGNORECASE | re.DOTALL)
SHELL: Final = re.compile(r"<!doctype[^>]*>|</?(?:html|body)\b[^>]*>", re.IGNORECASE)
LOADABLE: Final = re.compile(r"https?://|cid:", re.IGNORECASE)
DECLARATION: Final = re.compile(r"[^;]+")


class CleanHtml:
    """The clean body and styles of a protected source, and the names of what was removed."""

    def __init__(self, protector: Protector) -> None:
        self.protector = protector
        self.removed: dict[str, None] = {}
        self.refused = ""
        document = LexborHTMLParser(protector.html)
        self.language = (document.root.attributes.get("lang") if document.root else None) or ""
        self.styles = [style for node in document.css("style") if (style := self._style_sheet(node))]
        self.removed.update(dict.fromkeys(node.tag or "" for node in document.css("head script, head link")))
        self.body_attributes = self._attributes(document.body)
        # A parser moves comments before <body> and after </body> out of it: the content is given to it without both.
        content = LexborHTMLParser(f"<!DOCTYPE html><body>{self._content()}")
        if content.body is not None:
            self._inspect(content.body)
        self.body = nh3.clean(
            (content.body.inner_html if content.body is not None else "") or "",
            tags=set(TAGS),
            clean_content_tags={
                "script",
                "style",
                "title",
                "iframe",
                "object",
                "noscript",
                "svg",
                "math",
                "textarea",
            },
            attributes=ATTRIBUTES,
            attribute_filter=self._attribute,
            strip_comments=False,
            link_rel=None,
            url_schemes=SCHEMES,
        )
        if self.refused:  # an exception cannot leave the filter of the sanitiser
            raise TemplateInvalidError(self.refused, part=protector.part)

    def _attributes(self, body: LexborNode | None) -> dict[str, str]:
        found = body.attributes if body is not None else {}
        kept = {name: found.get(name) or "" for name in ("style", "bgcolor", "dir", "class")}
        kept["style"] = self._inline_style(kept["style"])
        return {name: value for name, value in kept.items() if value and not self.protector.holds(value)}

    def _content(self) -> str:
        """What stands in the body; the head must hold no expression, as nothing of it but styles is kept."""
        html = self.protector.html
        start = BODY.search(html)
        head = html[: start.end()] if start else "".join(HEAD.findall(html))
        if self.protector.holds(head):
            raise TemplateInvalidError("the head of the html holds no expressions", part=self.protector.part)
        inner = html[start.end() :] if start else HEAD.sub("", html)
        return SHELL.sub("", inner)

    def _inspect(self, body: LexborNode) -> None:
        """Notes what will be removed, drops foreign comments, and refuses a document nested absurdly deep."""
        depth = 0
        node: LexborNode | None = body.child
        while node is not None:
            following = node.child
            if node.is_element_node:
                name = node.tag or ""
                if name not in TAGS and name not in STRUCTURE:
                    self.removed[name] = None
                for attribute in node.attributes:
                    if attribute.startswith("on"):
                        self.removed[attribute] = None
            comment = node.is_comment_node and not self.protector.comment.fullmatch(node.html or "")
            if following is not None:
                depth += 1
                if depth > MAXIMUM_DEPTH:
                    raise TemplateInvalidError(
                        f"elements nested deeper than {MAXIMUM_DEPTH}", part=self.protector.part
                    )
            else:
                climber: LexborNode | None = node
                while climber is not None and climber.next is None and depth > 0:
                    climber, depth = climber.parent, depth - 1
                following = climber.next if climber is not None and climber.mem_id != body.mem_id else None
            if comment:
                node.decompose()
            node = following

    def _attribute(self, tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return self._inline_style(value) or None
        loads = name == "background" or (name == "src" and not self.protector.holds(value))
        if loads and not LOADABLE.match(value.strip()):
            self.removed[f"{tag} {name}"] = None
            return None
        return value

    def _inline_style(self, style: str) -> str:
        kept = []
        for found in DECLARATION.finditer(style):
            if UNSAFE_STYLE.search(found[0]):
                self.removed["remote style"] = None
            elif self.protector.holds(found[0]) and not self._is_brand_colour(found[0]):
                self.refused = "in a style only primary_color and primary_text_color can be used"
            else:
                kept.append(found[0].strip())
        return "; ".join(filter(None, kept))

    def _is_brand_colour(self, declaration: str) -> bool:
        words = self.protector.word.findall(declaration)
        return all(self.protector.kept[int(word)].strip("{} -") in COLOURS for word in words)

    def _style_sheet(self, node: LexborNode) -> str:
        style = node.text(deep=True)
        if not UNSAFE_STYLE.search(style):
            return style.strip()
        self.removed["remote style"] = None
        return ""
