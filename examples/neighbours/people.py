"""The people of the day; made up, at addresses that lead nowhere (RFC 2606)."""

from dataclasses import dataclass
from typing import Any, Final

_NAMES: Final = (
    "Ada Lind", "Bela Horvat", "Chidi Okoro", "Dana Weiss", "Emil Rask", "Farah Aziz", "Goran Ilic", "Hana Sato",
    "Ines Prado", "Jonas Berg", "Kavya Rao", "Luca Ferri", "Mira Novak", "Nils Holm", "Olga Petrova", "Pablo Ruiz",
    "Qadir Khan", "Rosa Lima", "Sven Dahl", "Tara Singh", "Uma Nair", "Vera Kraus", "Wim de Boer", "Xenia Vidal",
    "Yara Haddad", "Zoe Martin",
)  # fmt: skip
_LANGUAGES: Final = ("en", "en", "es", "hi")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who goes to concerts."""

    user_id: str
    name: str
    email: str
    phone: str = ""
    language: str = "en"

    def told(self) -> dict[str, Any]:
        """Returns them as events name a person."""
        first, _, last = self.name.partition(" ")
        given = {
            "user_id": self.user_id,
            "name": self.name,
            "first_name": first,
            "last_name": last,
            "email": self.email,
            "language": self.language,
            "time_zone": "Europe/Berlin",
        }
        return {**given, "phone": self.phone} if self.phone else given


def crowd(count: int) -> list[Person]:
    """Returns people; every third has no telephone."""
    return [
        Person(
            user_id=f"u-{number}",
            name=_NAMES[number % len(_NAMES)],
            email=f"guest{number}@example.com",
            phone="" if number % 3 == 2 else f"+49151{20000000 + number}",
            language=_LANGUAGES[number % len(_LANGUAGES)],
        )
        for number in range(count)
    ]
