"""Countries of phone numbers."""

from functools import lru_cache


@lru_cache(maxsize=65_536)
def country_of(number: str) -> str:
    """Returns the country of a number in E.164 (ISO 3166-1 alpha-2); empty when it has none."""
    # Late: its tables are large, and most deployments never ask.
    import phonenumbers

    try:
        return str(phonenumbers.region_code_for_number(phonenumbers.parse(number)) or "")
    except phonenumbers.NumberParseException:
        return ""
