import pytest

from services.common.templating import choose_language, fallback_order, locale_of


@pytest.mark.req("GEN-23")
@pytest.mark.parametrize(
    ("wanted", "available", "tenant", "version", "chosen"),
    [
        ("pt-BR", ["pt-BR", "pt", "en"], "es", None, "pt-BR"),
        ("pt-BR", ["pt", "en"], "es", None, "pt"),
        ("pt_br", ["pt-BR"], None, None, "pt-BR"),
        ("fr", ["es", "en"], "es", None, "es"),
        ("fr", ["hi", "en"], "es", None, "en"),
        (None, ["hi", "en"], "hi", None, "hi"),
        ("fr", ["ja"], "es", "ja", "ja"),
        ("fr", ["ja"], "es", None, None),
    ],
)
def test_the_nearest_language_is_chosen(
    wanted: str | None, available: list[str], tenant: str | None, version: str | None, chosen: str | None
) -> None:
    assert choose_language(wanted, available, tenant, version) == chosen


@pytest.mark.req("GEN-23")
def test_order_and_locales() -> None:
    assert fallback_order("de-AT", "hi") == ("de-at", "de", "hi", "en")
    assert [locale_of(tag) for tag in ("en", "pt-PT", "xx")] == ["en_US", "pt_BR", "en_US"]
