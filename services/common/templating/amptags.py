"""Elements of AMP for mail (amp.dev: AMP for Email Supported HTML, Supported Components)."""

from typing import Final

ROOT_MARKS: Final = frozenset({"⚡4email", "⚡\ufe0f4email", "amp4email"})
HEAD_TAGS: Final = frozenset({"meta", "script", "style"})
VOID: Final = frozenset({"br", "col", "hr", "input", "meta", "wbr"})
HTML_TAGS: Final = frozenset(
    ["a", "abbr", "address", "article", "aside", "b", "bdo", "blockquote", "br", "button", "caption", "cite", "code", "col", "colgroup", "data", "datalist", "dd", "del", "details", "dfn", "div", "dl", "dt", "em", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "input", "ins", "kbd", "label", "legend", "li", "main", "mark", "meter", "nav", "ol", "optgroup", "option", "output", "p", "pre", "progress", "q", "rb", "rp", "rt", "ruby", "s", "samp", "section", "select", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "wbr"]
)
BUILT_IN: Final = frozenset({"amp-img", "amp-layout"})
SCRIPTS: Final = frozenset(
    ["amp-accordion", "amp-anim", "amp-autocomplete", "amp-bind", "amp-carousel", "amp-fit-text", "amp-form", "amp-image-lightbox", "amp-lightbox", "amp-list", "amp-selector", "amp-sidebar", "amp-timeago"]
)
"""Custom elements whose scripts a document may name."""

SCRIPTED: Final = {
    **{name: name for name in SCRIPTS - {"amp-bind", "amp-form"}},
    "amp-bind-macro": "amp-bind",
    "amp-state": "amp-bind",
    "form": "amp-form",
}
"""Which script an element needs."""

CONTENT_TAGS: Final = HTML_TAGS | BUILT_IN | SCRIPTED.keys()
INPUT_TYPES: Final = frozenset(
    ["checkbox", "color", "date", "datetime-local", "email", "hidden", "month", "number", "radio", "range", "reset", "search", "submit", "tel", "text", "time", "url", "week"]
)
