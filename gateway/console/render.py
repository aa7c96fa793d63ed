"""Renders the console's pages; every value is escaped, nothing comes from elsewhere, no script or style is inside."""

from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from gateway.console import assets, charts, tables, words

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    # Forms of our own pages must be able to say that they are.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

_FILTERS: Final = {
    words: ("amounts", "instant", "lasting", "money", "number", "percent", "plain", "said", "spoken"),
    tables: ("amount", "between", "hour", "indented"),
}


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update({name: getattr(module, name) for module, names in _FILTERS.items() for name in names})
    made.globals.update(charts=charts, tables=tables, words=words, asset=assets.path)
    return made


def page(name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Returns a page; `session` says whose, and none means nobody's."""
    known = {"session": None, "told": "", "live": ""}
    html = _environment().get_template(f"{name}.html").render(**{**known, **values})
    return HTMLResponse(html, status_code=status, headers=HEADERS)


def part(name: str, **values: Any) -> str:
    """Returns one part of a page, as the page itself has it."""
    return _environment().get_template(f"parts/{name}.html").render(**values)
