"""All tables of analytics, for the comparison of migrations with metadata."""

from services.analytics.directory import tables as directory
from services.analytics.facts import tables as facts
from services.analytics.rollups import tables as rollups
from services.analytics.schema import META

__all__ = ["META", "directory", "facts", "rollups"]
