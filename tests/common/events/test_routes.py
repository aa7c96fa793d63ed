import importlib
import importlib.util

import pytest

from services.common.events.routes import SOURCES, consumers_of


@pytest.mark.req("EVT-11", "ARC-7")
def test_who_consumes_whose_events_is_what_the_architecture_says():
    assert {consumer: set(sources) for consumer, sources in SOURCES.items()} == {
        "consent": {"campaign", "delivery"},
        # Its own: contacts enter and leave segments; analytics': scores of contacts.
        "campaign": {"consent", "campaign", "delivery", "analytics"},
        "delivery": {"consent", "campaign", "delivery"},  # its own too: it tells partners of all
        "analytics": {"consent", "campaign", "delivery"},
    }
    assert consumers_of("delivery") == ("consent", "campaign", "delivery", "analytics")
    assert consumers_of("analytics") == ("campaign",)
    assert consumers_of("sample") == ()


@pytest.mark.req("EVT-11")
@pytest.mark.parametrize("service", SOURCES)
def test_a_service_consumes_only_from_sources_of_the_routes(service):
    if importlib.util.find_spec(f"services.{service}.events") is None:
        pytest.skip(f"{service} consumes nothing yet")
    sources = getattr(importlib.import_module(f"services.{service}.events"), "SOURCES", None)
    if sources is None:
        pytest.skip(f"{service} names no sources yet")
    assert set(sources) <= set(SOURCES[service])
