"""Values for the fields of a message: mostly what their rules allow, sometimes what nobody ought to send."""

from __future__ import annotations

import re
from random import Random
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

ODD_TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "%s %(x)s {0} {{ x }} ${y}",
    "'; SELECT 1 --",
    "\\",
    "../../etc",
    "\u202ecba",
    "\ufeff",
    "😀",
    "İı\u0307ßﬁ",
    "e\u0301" * 20,
    "\r\nBcc: x@example.com",
    "<script>",
    "9" * 40,
    "-1",
    "1e400",
    "NaN",
    "null",
    "[" * 500,
    "\U0010ffff",
    "\x1b[2J",
)
TEXTS = (
    "Ada",
    "Spring",
    "spring_sale",
    "SAVE10",
    "x",
    "Blumen für Ada",
    "3.50",
    "2026-11-21",
    "12:30",
    "true",
)
BY_WORD: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("email", ("ada@example.com", "ADA@Example.com", "a@b", "münchen@exämple.de", "@")),
    ("address", ("ada@example.com", "+4915112345678", "+12025550199", "inbox:7")),
    ("phone", ("+4915112345678", "015112345678", "+12025550199")),
    ("time_zone", ("Europe/Berlin", "UTC", "America/Sao_Paulo", "Mars/Olympus", "../UTC")),
    ("language", ("en", "de", "pt-BR", "zz", "en_US")),
    ("region", ("DE", "US", "ZZ")),
    ("currency", ("EUR", "JPY", "USD", "ZZZ", "KWD")),
    ("url", ("https://shop.example/x?y=1", "http://127.0.0.1:1/", "https://[::1", "javascript:1", "//x")),
    ("domain", ("shop.example", "xn--", ".")),
    ("token", ("A" * 40, "AAAA.BBBB", "not-a-token")),
    ("etag", ("1", "2", "0", "x", "99999999999999999999")),
    ("ip", ("192.0.2.7", "2001:db8::1")),
    ("date", ("2026-11-21", "2026-02-30", "0001-01-01", "9999-12-31")),
    ("rule", ("{}", '{"all": []}', "[]")),
    ("cron", ("0 9 * * 1", "* * * * *", "61 * * * *")),
    ("month", ("2026-11", "2026-13")),
    ("time", ("09:30", "24:00", "00:00")),
)
SEVERAL = ("", "*", "name", "a.b.c", "etag", "nothing", "..", "name.", "tenant_id")
_EXTREMES = {
    "int32": (0, 1, -1, 2, 10, 2**31 - 1, -(2**31)),
    "uint32": (0, 1, 2, 10, 2**31, 2**32 - 1),
    "int64": (0, 1, -1, 2, 1000, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)),
    "uint64": (0, 1, 2, 1000, 2**63, 2**64 - 1),
}
FLOATS = (0.0, -0.0, 0.5, 1.0, 100.0, -1.0, 1e-320, 1e308, float("inf"), float("-inf"), float("nan"))
SECONDS = (
    0,
    1,
    -1,
    1_790_000_000,
    1_795_000_000,
    -62_135_596_800,
    253_402_300_799,
    253_402_300_800,
    2**62,
    -(2**62),
)
NANOS = (0, 0, 0, 1, 999_999_999, -1, 10**9)


def text(random: Random, name: str, rules: Any) -> str:
    """A text for a field of this name, by its rules (`buf.validate`), if it has any."""
    if random.random() < 0.06:
        return random.choice(ODD_TEXTS)
    if rules is not None:
        if rules.pattern:
            return matching(random, rules.pattern)
        if rules.uuid:
            return uuid(random)
        if rules.ip:
            return random.choice(("192.0.2.7", "2001:db8::1"))
    for word, choices in BY_WORD:
        if word in name and random.random() < 0.9:
            found = random.choice(choices)
            break
    else:
        found = (
            random.choice(TEXTS) if random.random() < 0.9 else "ä" * random.choice((1, 63, 255, 256, 2000))
        )
    if rules is not None and rules.min_len and len(found) < rules.min_len:
        found += "x" * (rules.min_len - len(found))
    if rules is not None and rules.max_len and random.random() < 0.97:
        found = "y" * rules.max_len if random.random() < 0.03 else found[: rules.max_len]
    return found


def uuid(random: Random) -> str:
    """An id that nothing has; sometimes spelt as only some readers take it."""
    digits = f"{random.getrandbits(128):032x}"
    plain = f"{digits[:8]}-{digits[8:12]}-7{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"
    return plain.upper() if random.random() < 0.1 else plain


def integer(random: Random, kind: str, rules: Any) -> int:
    """A number of a field's type, mostly within its rules."""
    extremes = _EXTREMES[kind]
    if rules is None or random.random() < 0.05:
        return random.choice(extremes)
    low = next(
        (getattr(rules, one) + (one == "gt") for one in ("gte", "gt") if rules.HasField(one)), min(extremes)
    )
    high = next(
        (getattr(rules, one) - (one == "lt") for one in ("lte", "lt") if rules.HasField(one)), max(extremes)
    )
    near = [one for one in (low, low + 1, high, *extremes) if low <= one <= high]
    return random.choice(near or [low])


def matching(random: Random, pattern: str) -> str:
    """A text that a pattern of the contract describes."""
    return "".join(_parts(random, _parser.parse(pattern)))


def _parts(random: Random, tree: Any) -> list[str]:
    found: list[str] = []
    for kind, value in tree:
        if kind is _constants.LITERAL:
            found.append(chr(value))
        elif kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            least, most, inner = value
            most = least + 12 if most is _constants.MAXREPEAT else most
            times = random.choice((least, min(most, least + 3), most if random.random() < 0.1 else least))
            for _ in range(times):
                found += _parts(random, inner)
        elif kind is _constants.SUBPATTERN:
            found += _parts(random, value[-1])
        elif kind is _constants.BRANCH:
            found += _parts(random, random.choice(value[1]))
        elif kind is _constants.IN:
            found.append(_one_of(random, value))
        elif kind is _constants.ANY:
            found.append("x")
        elif kind is not _constants.AT:
            raise ValueError(f"nothing is made for {kind}")
    return found


def _one_of(random: Random, choices: Any) -> str:
    if choices[0][0] is _constants.NEGATE:
        banned = re.compile(
            "[" + re.escape("".join(chr(v) for k, v in choices if k is _constants.LITERAL)) + "]?$"
        )
        return next(one for one in "xyz_ 1" if not banned.match(one))
    kind, value = random.choice(choices)
    if kind is _constants.LITERAL:
        return chr(value)
    if kind is _constants.RANGE:
        return chr(random.randint(*value))
    return {"CATEGORY_DIGIT": "7", "CATEGORY_WORD": "w", "CATEGORY_SPACE": " "}.get(str(value), "x")
