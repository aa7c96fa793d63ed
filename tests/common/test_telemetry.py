"""Metrics hold numbers and no names; traces go on without a recorder."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from services.common import telemetry

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_metric_is_made_once_and_counts() -> None:
    one = telemetry.counter("test_sends_total", "Sends.", ("channel",))
    assert telemetry.counter("test_sends_total", "Sends.", ("channel",)) is one
    one.labels("email").inc(3)
    assert REGISTRY.get_sample_value("angarium_test_sends_total", {"channel": "email"}) == 3

    telemetry.gauge("test_depth", "Depth.").set(7)
    assert REGISTRY.get_sample_value("angarium_test_depth") == 7

    telemetry.histogram("test_seconds", "Time.", buckets=(0.1, 1.0)).observe(0.5)
    assert REGISTRY.get_sample_value("angarium_test_seconds_bucket", {"le": "1.0"}) == 1


def test_a_name_belongs_to_one_kind() -> None:
    telemetry.counter("test_kind_total", "x")
    with pytest.raises(TypeError, match="another kind"):
        telemetry.gauge("test_kind_total", "x")


@pytest.mark.req("GEN-45")
@pytest.mark.parametrize(
    "label", ["contact_id", "tenant_id", "email", "to_address", "recipient", "id", "target_url"]
)
def test_a_label_that_would_hold_an_id_or_an_address_is_refused(label: str) -> None:
    with pytest.raises(ValueError, match="id or an address"):
        telemetry.counter("test_refused_total", "x", ("channel", label))


def test_a_stored_trace_is_current_inside_the_step_that_continues_it() -> None:
    assert telemetry.current_traceparent() == ""
    with telemetry.span("apply receipt", kind="consumer", parent=TRACE) as step:
        step.set_attribute("items", 3)
        assert telemetry.current_traceparent() == TRACE
        with telemetry.span("inner"):
            assert telemetry.current_traceparent() == TRACE
        with telemetry.span("another message", parent=""):
            assert telemetry.current_traceparent() == ""
    assert telemetry.current_traceparent() == ""


@pytest.mark.parametrize(
    "text", ["", "x", TRACE + "0", TRACE.replace("00-", "ff-", 1), "00-" + "0" * 32 + TRACE[35:]]
)
def test_a_malformed_trace_is_dropped(text: str) -> None:
    with telemetry.span("step", parent=text):
        assert telemetry.current_traceparent() == ""
