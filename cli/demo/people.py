"""Made-up people as a CSV file: the same seed gives the same file. `examples/contacts.csv` was made so.

Nobody in it exists: addresses end in domains that are reserved for examples (RFC 2606).
"""

import csv
import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TextIO

RECIPIENTS = 2_500
SEED = "angarium"
COLUMNS = (
    "external_id",
    "Email Address",
    "phone",
    "first name",
    "last_name",
    "language",
    "time_zone",
    "tags",
    "consent_email",
    "consent_sms",
    "consent_source",
    "consent_at",
    "consent_evidence",
    "suppressed",
    "attributes.plan",
    "attributes.city",
)


class Country(NamedTuple):
    """Where made-up people live."""

    language: str
    share: int
    domain: str
    cities: tuple[tuple[str, str], ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]


COUNTRIES = (
    Country(
        "en", 40, "example.com",
        (("London", "Europe/London"), ("New York", "America/New_York"), ("Chicago", "America/Chicago"),
         ("Mumbai", "Asia/Kolkata"), ("Sydney", "Australia/Sydney")),
        ("Maya", "Oliver", "Amelia", "Noah", "Isla", "Arjun", "Grace", "Henry", "Zoe", "Liam", "Priya", "Ruby"),
        ("Iyer", "Smith", "Walker", "Patel", "O'Brien", "Jones", "Carter", "Wright", "Hall", "Young", "Singh", "Reed"),
    ),
    Country(
        "de", 25, "example.org",
        (("Berlin", "Europe/Berlin"), ("Hamburg", "Europe/Berlin"), ("Wien", "Europe/Vienna"),
         ("Zürich", "Europe/Zurich")),
        ("Jürgen", "Anna", "Lukas", "Mia", "Felix", "Käthe", "Tom", "Lena", "Jonas", "Emilia", "Björn", "Greta"),
        ("Müller", "Schmidt", "Braun", "Weiß", "Krüger", "Vogel", "Schäfer", "Koch", "Richter", "Lang", "Groß", "Wolf"),
    ),
    Country(
        "fr", 20, "example.net",
        (("Paris", "Europe/Paris"), ("Lyon", "Europe/Paris"), ("Bruxelles", "Europe/Brussels"),
         ("Montréal", "America/Toronto")),
        ("Léa", "Hugo", "Chloé", "Jules", "Inès", "Louis", "Zoé", "Gaël", "Élise", "Théo", "Manon", "Noé"),
        ("Petit", "Lefèvre", "Moreau", "Girard", "Dubois", "Rousseau", "Fontaine", "Chevalier", "Noël", "Perrin",
         "Bénard", "Marchand"),
    ),
    Country(
        "es", 15, "example.edu",
        (("Madrid", "Europe/Madrid"), ("Sevilla", "Europe/Madrid"), ("Bogotá", "America/Bogota"),
         ("Ciudad de México", "America/Mexico_City")),
        ("Lucía", "Mateo", "Sofía", "Hugo", "Martín", "Inés", "Pablo", "Íñigo", "Valeria", "Nicolás", "Carmen", "José"),
        ("García", "Muñoz", "Peña", "Ibáñez", "Ramírez", "Castaño", "López", "Vega", "Núñez", "Ortiz", "Romero", "Soler"),
    ),
)  # fmt: skip
_SOURCES = ("newsletter form", "checkout", "trade fair, stand 12", "account page")
_TAGS = ("vip", "gold", "beta", "press", "regular")
_PLANS = ("free", "basic", "pro", "team")
# North America keeps 555-0100 to 555-0199 of every area code for fiction. Canadian codes are taken, because Canada sets no
# hours for texts: nobody has to wait for the morning. Numbers that the sandbox never reaches are left out.
_AREA_CODES = (
    *(
        204,
        226,
        236,
        249,
        250,
        263,
        289,
        306,
        343,
        354,
        365,
        367,
        368,
        382,
        403,
        416,
        418,
        428,
        431,
        437,
        438,
        450,
        468,
    ),
    *(
        474,
        506,
        514,
        519,
        548,
        579,
        581,
        584,
        587,
        604,
        613,
        639,
        647,
        672,
        683,
        705,
        709,
        742,
        753,
        778,
        780,
        782,
        807,
    ),
    *(819, 825, 867, 873, 879, 902, 905, 942),
)
_ENDINGS = (*range(101, 105), *range(113, 200))
_FIRST_CONSENT = datetime(2024, 1, 8, 7, 0, tzinfo=UTC)
_SUPPRESSIONS = ("hard_bounce", "complaint", "invalid_address", "customer_unsubscribe", "manual", "legal")


def people(count: int, seed: str = SEED) -> Iterator[dict[str, str]]:
    """Yields made-up people, each a row by column name; the first ones of a longer run are those of a shorter one."""
    drawn, phones = random.Random(seed), _phones(seed)
    for number in range(1, count + 1):
        yield _person(number, drawn, phones)


def _phones(seed: str) -> Iterator[tuple[str, bool]]:
    """Yields numbers, each once, with whether its owner wants texts; there are about 4,900."""
    drawn = random.Random(f"{seed} phones")
    for area_code in drawn.sample(_AREA_CODES, len(_AREA_CODES)):
        for ending in drawn.sample(_ENDINGS, len(_ENDINGS)):
            yield f"+1{area_code}555{ending:04d}", drawn.random() < 0.75


def _person(number: int, drawn: random.Random, phones: Iterator[tuple[str, bool]]) -> dict[str, str]:
    country = drawn.choices(COUNTRIES, [one.share for one in COUNTRIES])[0]
    city, zone = drawn.choice(country.cities)
    first, last = drawn.choice(country.first_names), drawn.choice(country.last_names)
    phone, wants_texts = next(phones, ("", False)) if drawn.random() < 0.3 else ("", False)
    row = dict.fromkeys(COLUMNS, "")
    row |= {
        "external_id": f"c-{number:06d}",
        "Email Address": f"{_ascii(first)}.{_ascii(last)}.{number}@{country.domain}",
        "phone": phone,
        "first name": first,
        "last_name": last,
        "language": country.language,
        "time_zone": zone,
        "tags": ";".join(sorted(drawn.sample(_TAGS, drawn.choice((0, 0, 1, 1, 2))))),
        "attributes.plan": drawn.choices(_PLANS, (50, 25, 20, 5))[0],
        "attributes.city": city,
    }
    answer = drawn.choices(("yes", "no", "revoked", ""), (85, 5, 5, 5))[0]
    given = _FIRST_CONSENT + timedelta(minutes=drawn.randrange(60 * 24 * 700))
    row["consent_email"] = answer
    if answer in ("yes", "revoked"):
        row["consent_at"] = given.strftime("%Y-%m-%dT%H:%M:%SZ")
    if answer == "yes":
        row["consent_sms"] = "yes" if wants_texts else ""
        row["consent_source"] = drawn.choice(_SOURCES)
        row["consent_evidence"] = (
            f"wording v{drawn.randrange(1, 5)}, box ticked" if drawn.random() < 0.5 else ""
        )
    if drawn.random() < 0.015:
        row["suppressed"] = drawn.choice(_SUPPRESSIONS)
    return row


def _ascii(name: str) -> str:
    folded = name.lower().replace("ß", "ss").replace("'", "")
    return folded.translate(str.maketrans("äöüéèêëïíñóáâçú", "aoueeeeiinoaacu"))


class Spoiled(NamedTuple):
    """A row that must be refused: as cells, or as raw text where no CSV writer would write it."""

    cells: dict[str, str] | None
    raw: bytes = b""


# Each is a way in which real files are broken.
_CHANGES: tuple[dict[str, str], ...] = (
    {"external_id": ""},
    {"external_id": "c-000001"},
    {"external_id": "x" * 101},
    {"Email Address": "maya@"},
    {"Email Address": "no-at-sign.example.com"},
    {"Email Address": "two@example.com, more@example.com"},
    {"Email Address": "Maya Iyer <maya@example.com>"},
    {"Email Address": "a..b@example.com"},
    {"phone": "call me"},
    {"phone": "+12"},
    {"phone": "+999999999999999999"},
    {"first name": "Ma\nya"},
    {"first name": "x" * 101},
    {"last_name": "Iy\ter"},
    {"language": "english"},
    {"language": "xx"},
    {"time_zone": "Mars/Olympus"},
    {"time_zone": "GMT+2"},
    {"tags": "t" * 51},
    {"consent_email": "maybe"},
    {"consent_email": "yes", "consent_source": "", "consent_at": "2026-03-01T09:30:00Z"},
    {"consent_email": "yes", "consent_source": "checkout", "consent_at": ""},
    {"consent_email": "yes", "consent_source": "checkout", "consent_at": "01.03.2026"},
    {"consent_email": "yes", "consent_source": "checkout", "consent_at": "2026-03-01 09:30"},
    {"consent_email": "yes", "consent_source": "checkout", "consent_at": "2099-01-01T00:00:00Z"},
    {"suppressed": "because"},
    {"suppressed": "sms_stop", "phone": ""},
)
_RAW: tuple[bytes, ...] = (
    b"c-bad-1,only.three@example.com,\n",
    b'c-bad-2,quote"d@example.com,,"Ann"a,Wolf,de,Europe/Berlin,,,,,,,free,Berlin\n',
    b"c-bad-3,too.many@example.com,,Anna,Wolf,de,Europe/Berlin,,,,,,,free,Berlin,one,two\n",
    "c-bad-4,latin1@example.com,,Jürgen,Wolf,de,Europe/Berlin,,,,,,,free,Berlin\n".encode("latin-1"),
)


def spoiled(count: int, seed: str = SEED) -> Iterator[Spoiled]:
    """Yields rows that an import must refuse, every kind in turn."""
    drawn = random.Random(f"{seed} spoiled")
    kinds: list[dict[str, str] | bytes] = [*_CHANGES, *_RAW]
    for number in range(count):
        kind = kinds[number % len(kinds)]
        if isinstance(kind, bytes):
            yield Spoiled(None, kind.replace(b"c-bad-", f"c-bad-{number}-".encode()))
        else:
            row = _person(900_000 + number, drawn, iter(())) | {
                "suppressed": "",
                "external_id": f"c-bad-{number}",
            }
            yield Spoiled(row | kind)


def write(path: Path, *, recipients: int = RECIPIENTS, bad: int = 0, seed: str = SEED) -> None:
    """Writes a file of people, with rows to be refused spread evenly over it."""
    broken = list(spoiled(bad, seed))
    every = max(1, recipients // (bad + 1))
    with path.open("wb") as file:
        file.write(_line(COLUMNS))
        for number, person in enumerate(people(recipients, seed), 1):
            file.write(_line(person[name] for name in COLUMNS))
            if broken and number % every == 0:
                file.write(_bytes(broken.pop(0)))
        for row in broken:
            file.write(_bytes(row))


def _bytes(row: Spoiled) -> bytes:
    return row.raw if row.cells is None else _line(row.cells[name] for name in COLUMNS)


def _line(cells: Any) -> bytes:
    text: TextIO = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    text.seek(0)
    return text.read().encode()


KINDS = len(_CHANGES) + len(_RAW)
"""In how many ways a row can be spoiled."""
