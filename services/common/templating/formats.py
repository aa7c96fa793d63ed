"""Dates, times and amounts in the words of a language (CAM-91); babel is asked once per distinct value."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from babel.dates import format_date as babel_date
from babel.dates import format_time as babel_time
from babel.numbers import format_currency as babel_currency

from services.common.templating.errors import RenderError

CACHED: Final = 8192
NANOS: Final = Decimal(1_000_000_000)
LARGEST: Final = Decimal(10) ** 15


def format_date(value: Any, zone: tzinfo, locale: str) -> str:
    """Day, full month name and year; an instant is taken in the zone, a plain date as it stands."""
    if value is None:
        return ""
    moment = _moment(value, "formatDate")
    if isinstance(moment, datetime):
        moment = _local(moment, zone).date()
    if isinstance(moment, time):
        raise RenderError("formatDate needs a date")
    return _date(moment, locale)


def format_time(value: Any, zone: tzinfo, locale: str) -> str:
    """Hours and minutes of an instant in the zone, or of a plain time as it stands."""
    if value is None:
        return ""
    moment = _moment(value, "formatTime")
    if isinstance(moment, datetime):
        moment = _local(moment, zone).time()
    if not isinstance(moment, time):
        raise RenderError("formatTime needs a time of day")
    return _time(moment.replace(second=0, microsecond=0, tzinfo=None), locale)


def format_currency(value: Any, locale: str) -> str:
    """An amount with its own currency: a Money, or its JSON form {currency_code, units, nanos}."""
    if value is None:
        return ""
    try:
        if value.__class__ is dict and len(value) == 3:  # google.type.Money as JSON has exactly these three
            return _json_money(value["currency_code"], value["units"], value["nanos"], locale)
    except (KeyError, TypeError, RenderError):
        pass  # said again, with the right words, by the careful way
    return _shown(*_money(value), locale)


def _local(moment: datetime, zone: tzinfo) -> datetime:
    """The instant in a zone; the last day of all, by which some write `never`, stands as it is written."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


@lru_cache(CACHED)
def _date(value: date, locale: str) -> str:
    return babel_date(value, format="long", locale=locale)


@lru_cache(CACHED)
def _time(value: time, locale: str) -> str:
    return babel_time(value, format="short", locale=locale)


@lru_cache(CACHED)
def _json_money(currency: Any, units: Any, nanos: Any, locale: str) -> str:
    return _shown(*_money({"currency_code": currency, "units": units, "nanos": nanos}), locale)


def _shown(currency: str, amount: Decimal, locale: str) -> str:
    try:
        return _currency(amount, currency, locale)
    except (InvalidOperation, ValueError, LookupError):
        raise RenderError("formatCurrency cannot show this amount") from None


@lru_cache(CACHED)
def _currency(amount: Decimal, currency: str, locale: str) -> str:
    return babel_currency(amount, currency, locale=locale)


def _moment(value: Any, helper: str) -> date | datetime | time:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date | time):
        return value
    if isinstance(value, str) and len(value) <= 40:
        moment = _parsed(value)
        if moment is not None:
            return moment
    raise RenderError(f"{helper} needs a date or a time in ISO 8601")


@lru_cache(CACHED)
def _parsed(value: str) -> date | datetime | time | None:
    for read in (date.fromisoformat, datetime.fromisoformat, time.fromisoformat):
        try:
            moment = read(value)
        except ValueError:
            continue
        if isinstance(moment, datetime) and moment.tzinfo is None:
            return moment.replace(tzinfo=UTC)
        return moment
    return None


def _money(value: Any) -> tuple[str, Decimal]:
    try:
        if isinstance(value, Mapping):
            currency: Any = value.get("currency_code") or value.get("currencyCode") or value.get("currency")
            amount = _sum(value.get("amount"), value.get("units"), value.get("nanos"))
        else:
            currency = getattr(value, "currency", None) or getattr(value, "currency_code", None)
            amount = _sum(*(getattr(value, name, None) for name in ("amount", "units", "nanos")))
    except (TypeError, ValueError, OverflowError, InvalidOperation):
        raise RenderError("formatCurrency needs an amount with its currency") from None
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isalpha() and currency.isascii()):
        raise RenderError("formatCurrency needs an amount with its currency")
    if not (amount.is_finite() and abs(amount) < LARGEST):
        raise RenderError("formatCurrency needs an amount of ordinary size")
    return currency.upper(), amount


def _sum(amount: Any, units: Any, nanos: Any) -> Decimal:
    if amount is not None:
        return amount if isinstance(amount, Decimal) else Decimal(str(amount))
    if units is None and nanos is None:
        raise ValueError("no amount")
    whole = Decimal(int(units or 0))
    return whole + Decimal(int(nanos)) / NANOS if nanos else whole
