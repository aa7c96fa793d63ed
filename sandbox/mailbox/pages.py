"""How pages for people are made: one frame, one style, no script, nothing from elsewhere."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.responses import HTMLResponse, Response

_HERE = Path(__file__).with_name("templates")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Pages:
    """Templates that extend base.html: the mailbox's, and those of another folder."""

    def __init__(self, *folders: Path) -> None:
        self._templates = Environment(
            loader=FileSystemLoader([_HERE, *folders]),
            autoescape=select_autoescape(),
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """Returns a page."""
        html = self._templates.get_template(template).render(values)
        return HTMLResponse(html, status, headers=_HEADERS)
