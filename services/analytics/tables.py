"""All tables of analytics, for the comparison of migrations with metadata."""

from services.analytics.compliance import tables as compliance
from services.analytics.conversions import tables as conversions
from services.analytics.directory import tables as directory
from services.analytics.facts import tables as facts
from services.analytics.rollups import tables as rollups
from services.analytics.schema import META
from services.analytics.scores import tables as scores
from services.analytics.spend import tables as spend
from services.analytics.timeline import tables as timeline

__all__ = [
    "META",
    "compliance",
    "conversions",
    "directory",
    "facts",
    "rollups",
    "scores",
    "spend",
    "timeline",
]
