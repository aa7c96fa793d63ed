"""Small constructors for content under test."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any

from services.common.templating import (
    Budget,
    CompiledContent,
    ContentSource,
    Options,
    PlainTrail,
    Variable,
    compile_content,
)

TRAIL = PlainTrail("https://m.example/u/1", "https://m.example/p/1", "https://m.example/o/1")


@dataclass
class FakeTrail:
    """A trail that notes which links were asked for."""

    unsubscribe_url: str = "https://m.example/u/1"
    preferences_url: str = "https://m.example/p/1"
    pixel_url: str = "https://m.example/o/1"
    asked: list[tuple[int, str]] = field(default_factory=list)

    def click_url(self, index: int, url: str) -> str:
        self.asked.append((index, url))
        return f"https://m.example/c/{index}"


def sms(text: str, variables: Iterable[Variable] | None = None, **options: Any) -> CompiledContent:
    return compile_content(
        ContentSource(text=text), variables, Options("sms", options.pop("language", "en"), False, **options)
    )


def render(
    text: str,
    values: Mapping[str, Any] | None = None,
    variables: Iterable[Variable] | None = None,
    zone: tzinfo = UTC,
    **options: Any,
) -> str:
    """The text of a plain content."""
    options.setdefault("budget", Budget())
    content = compile_content(
        ContentSource(text=text),
        variables,
        Options("whatsapp", options.pop("language", "en"), False, **options),
    )
    return content.render(values or {}, TRAIL, zone)["text"]


def email(
    html: str | None,
    *,
    subject: str = "Hello",
    text: str | None = None,
    variables: Iterable[Variable] | None = None,
    marketing: bool = False,
    pixel: bool = False,
    **options: Any,
) -> CompiledContent:
    return compile_content(
        ContentSource(subject, text, html),
        variables,
        Options("email", options.pop("language", "en"), marketing, pixel=pixel, **options),
    )
