"""Days as people write them."""

from datetime import date

from babel.dates import format_date

from services.common.languages import locale_of


def spelled(day: str, language: str) -> str:
    """Returns a day, given as YYYY-MM-DD, as people of a language write it; nothing for anything else."""
    try:
        return format_date(date.fromisoformat(day), "long", locale=locale_of(language))
    except ValueError:
        return ""
