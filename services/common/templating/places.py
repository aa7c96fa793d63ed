"""Where in a source something stands: the lines of variables, translations and links, for those who must mend it."""

import re
from collections.abc import Iterator
from typing import Final

from jinja2 import TemplateSyntaxError, nodes

from services.common.templating.protect import separated
from services.common.templating.syntax import HELPERS, PARSER

_ADDRESS: Final = re.compile(r"""\b(href|src)\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)


def variables(source: str) -> Iterator[tuple[str, int]]:
    """Yields the dotted path of each variable a source names, with its line; nothing of what cannot be parsed."""
    for node in _nodes(source):
        path = _path(node)
        if path and path not in HELPERS:
            yield path, node.lineno


def translations(source: str) -> Iterator[tuple[str, int]]:
    """Yields the key of each translation a source shows, with its line."""
    for node in _nodes(source):
        found: nodes.Node | None = None
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name == "t":
            found = node.args[0] if node.args else None
        elif isinstance(node, nodes.Filter) and node.name == "t":
            found = node.node
        if isinstance(found, nodes.Const) and isinstance(found.value, str):
            yield found.value, node.lineno


def addresses(source: str) -> Iterator[tuple[str, str, int]]:
    """Yields attribute (href or src), address and line of what a source links or shows."""
    for found in _ADDRESS.finditer(source):
        yield found[1].lower(), found[2][1:-1].strip(), source.count("\n", 0, found.start()) + 1


def _nodes(source: str) -> Iterator[nodes.Node]:
    try:
        template = PARSER.parse(separated(source))
    except (TemplateSyntaxError, RecursionError, ValueError):
        return
    yield from template.find_all((nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Call, nodes.Filter))


def _path(node: nodes.Node) -> str:
    keys: list[str] = []
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        if isinstance(node, nodes.Getattr):
            keys.append(node.attr)
        elif isinstance(node.arg, nodes.Const):
            keys.append(str(node.arg.value))
        else:
            return ""
        node = node.node
    return ".".join([node.name, *reversed(keys)]) if isinstance(node, nodes.Name) else ""
