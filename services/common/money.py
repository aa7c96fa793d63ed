"""Money: a decimal amount of one currency; binary floating point never touches it (GEN-17 to GEN-20)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from types import MappingProxyType

from google.type import money_pb2

NANO = Decimal("0.000000001")
MICRO = Decimal("0.000001")

# ISO 4217 currencies whose minor unit is not a hundredth.
_WITHOUT_MINOR_UNIT = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"),
    *("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
)
_EXPONENTS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(_WITHOUT_MINOR_UNIT, 0),
        **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
        **dict.fromkeys(("CLF", "UYW"), 4),
    }
)
_CODE = re.compile(r"[A-Z]{3}")


class CurrencyMismatchError(ValueError):
    """Amounts of two currencies were added or compared (GEN-20)."""


def currency_code(text: str) -> str:
    """Returns a currency of ISO 4217, present or past; ValueError for anything else."""
    from babel.numbers import is_currency  # what counts money need not load the languages of the world

    if not is_currency(text):
        raise ValueError("must be a currency of ISO 4217, such as EUR")
    return text


def exponent(currency: str) -> int:
    """Returns how many decimal places the minor unit of a currency has."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in major units, with its currency."""

    currency: str
    amount: Decimal

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.currency):
            raise ValueError("currency must be three capital letters (ISO 4217)")
        amount: object = self.amount  # types alone do not keep a float out
        if not isinstance(amount, Decimal) or not amount.is_finite():
            raise ValueError("amount must be a finite decimal")

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Returns nothing of a currency."""
        return cls(currency, Decimal(0))

    @classmethod
    def of_minor(cls, currency: str, minor_units: int) -> Money:
        """Returns an amount given in minor units."""
        return cls(currency, Decimal(minor_units).scaleb(-exponent(currency)))

    @classmethod
    def from_proto(cls, message: money_pb2.Money) -> Money:
        """Returns the amount of a message; ValueError when units and nanos contradict each other."""
        units, nanos = message.units, message.nanos
        if abs(nanos) > 999_999_999 or (units > 0 > nanos) or (units < 0 < nanos):
            raise ValueError("units and nanos must have one sign, and nanos less than a unit")
        return cls(message.currency_code, Decimal(units) + Decimal(nanos).scaleb(-9))

    def to_proto(self) -> money_pb2.Money:
        """Returns the amount as a message; ValueError for more than 9 decimal places."""
        scaled = self.amount.scaleb(9)
        whole = int(scaled)
        if whole != scaled:
            raise ValueError("amount has more than 9 decimal places")
        sign = -1 if whole < 0 else 1
        units, nanos = divmod(abs(whole), 1_000_000_000)
        return money_pb2.Money(currency_code=self.currency, units=sign * units, nanos=sign * nanos)

    def __add__(self, other: Money) -> Money:
        return Money(self._same(other), self.amount + other.amount)

    def __sub__(self, other: Money) -> Money:
        return Money(self._same(other), self.amount - other.amount)

    def __neg__(self) -> Money:
        return Money(self.currency, -self.amount)

    def __mul__(self, factor: int | Decimal) -> Money:
        return Money(self.currency, self.amount * factor)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def round_half_up(self) -> Money:
        """Returns the amount in whole minor units, halves away from zero (GEN-19)."""
        return Money(self.currency, self.amount.quantize(self._minor_unit(), ROUND_HALF_UP))

    def round_up_minor(self) -> int:
        """Returns the minor units that surely cover the amount; for comparing costs with a budget (GEN-18)."""
        rounded = self.amount.quantize(self._minor_unit(), ROUND_CEILING)
        return int(rounded.scaleb(exponent(self.currency)))

    def minor_units(self) -> int:
        """Returns the amount in minor units; ValueError when it is not a whole number of them."""
        scaled = self.amount.scaleb(exponent(self.currency))
        if scaled != int(scaled):
            raise ValueError("amount is not a whole number of minor units")
        return int(scaled)

    def split(self, parts: int | Sequence[int]) -> list[Money]:
        """Returns parts that add up to exactly this amount, by largest remainder (GEN-19).

        Args:
            parts: A number of equal parts, or one weight (zero or more) for each part.

        An amount in whole minor units is split into whole minor units, a finer one into millionths.
        """
        weights = [1] * parts if isinstance(parts, int) else list(parts)
        if not weights or min(weights) < 0 or sum(weights) == 0:
            raise ValueError("a split needs parts, with weights of zero or more that are not all zero")
        places = exponent(self.currency)
        if self.amount.scaleb(places) != int(self.amount.scaleb(places)):
            places = 6
        quanta = self.amount.scaleb(places)
        if quanta != int(quanta):
            raise ValueError("amount is finer than a millionth")
        shares = _largest_remainder(abs(int(quanta)), weights)
        sign = -1 if quanta < 0 else 1
        return [Money(self.currency, Decimal(sign * share).scaleb(-places)) for share in shares]

    def _same(self, other: Money) -> str:
        if self.currency != other.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency} cannot be added or compared")
        return self.currency

    def _minor_unit(self) -> Decimal:
        return Decimal(1).scaleb(-exponent(self.currency))


def _largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares
