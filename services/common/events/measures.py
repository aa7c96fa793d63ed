"""What the transport of events counts (GEN-45)."""

from services.common import telemetry

published = telemetry.counter("events_published_total", "Events put into the stream.", ["source"])
outbox_lag = telemetry.gauge("outbox_lag_seconds", "Age of the oldest event not yet published.", ["source"])
outbox_pending = telemetry.gauge("outbox_pending", "Committed events not yet published.", ["source"])
stream_healed = telemetry.counter(
    "event_stream_healed_total", "Times the stream was rebuilt from the outbox.", ["source"]
)
stream_gap = telemetry.counter(
    "event_stream_gap_total", "Times events were gone from the outbox before a group had them.", ["source"]
)
group_lag = telemetry.gauge(
    "event_group_lag",
    "Events published that a consuming service has not acknowledged.",
    ["source", "consumer"],
)

applied = telemetry.counter("events_applied_total", "Events applied.", ["consumer", "source", "type"])
repeated = telemetry.counter(
    "events_repeated_total", "Events delivered again and recognised.", ["consumer", "source"]
)
unknown = telemetry.counter(
    "events_unknown_total",
    "Events acknowledged because the consumer has no use for their type.",
    ["consumer", "source"],
)
failed = telemetry.counter(
    "events_failed_total", "Failures of applying an event.", ["consumer", "source", "type"]
)
dead = telemetry.counter(
    "events_dead_total", "Events given up after the last attempt.", ["consumer", "source", "type"]
)
