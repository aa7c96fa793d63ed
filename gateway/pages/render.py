"""Renders the pages; every value is escaped, colours and logos are checked."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from angarium.campaign.v1 import feedback_service_pb2 as feedback_pb2
from angarium.consent.v1 import preference_service_pb2 as consent_pb2
from gateway.pages import colours, texts

_LOGO = re.compile(r"^https://[^\s\"'<>]+$")


Branding = consent_pb2.Branding | feedback_pb2.PageBranding


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(
    name: str,
    *,
    title: str,
    language: str,
    status: int = 200,
    tenant_name: str = "",
    branding: Branding | None = None,
    **values: Any,
) -> HTMLResponse:
    """Returns a page in a language, with the tenant's branding when there is one."""
    brand = branding or consent_pb2.Branding()
    html = (
        _environment()
        .get_template(f"{name}.html")
        .render(
            t=texts.of(language),
            title=title,
            language=texts.known(language),
            tenant_name=tenant_name,
            accent=colours.accent(brand.primary_color),
            logo_url=brand.logo_url if _LOGO.match(brand.logo_url) else "",
            footer_text=brand.footer_text,
            **values,
        )
    )
    return HTMLResponse(html, status_code=status)
