"""What the rollups count of themselves (ANA-77)."""

from services.common import telemetry

dirty = telemetry.gauge("analytics_dirty_buckets", "Buckets and tenants that wait for a recount.", [])
lag = telemetry.gauge(
    "analytics_ingestion_lag_seconds", "Age of the newest events when they were folded in.", ["type"]
)
late = telemetry.gauge(
    "analytics_ingestion_late",
    "1 while events are folded in more than 5 minutes after they happened.",
    ["type"],
)
