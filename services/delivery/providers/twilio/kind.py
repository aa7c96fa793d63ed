"""An account of Twilio."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from services.delivery.providers import checks
from services.delivery.providers.kinds import Credential, Credentials, Kind, Problem, Rules, Setting, together
from services.delivery.providers.phones import names_of_templates

HOSTS: Final = ("api.twilio.com", "api.dublin.ie1.twilio.com", "api.sydney.au1.twilio.com")
_CONTENT: Final = r"HX[0-9a-f]{32}"


def _sid(prefix: str) -> Setting:
    check = checks.matching(f"{prefix}[0-9a-f]{{32}}", f"must be an id of Twilio that begins with {prefix}")
    return Setting(check, optional=prefix != "AC")


def _seconds(value: Any, _rules: Rules) -> str | None:
    is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    return None if is_whole and 0 < value <= 36000 else "must be a number of seconds up to 36000"


def _sender(config: Mapping[str, Any]) -> Iterator[Problem]:
    given = [name for name in ("from", "messaging_service_sid") if config.get(name)]
    if len(given) != 1:
        yield "config.from", "is given, or messaging_service_sid, and never both"


def _key(credentials: Credentials) -> Iterator[Problem]:
    return together(credentials, ("api_key_sid", "api_key_secret"))


KIND: Final = Kind(
    name="twilio",
    channels=("sms", "whatsapp"),
    adapter="Twilio",
    settings={
        "base_url": Setting(checks.base_url(HOSTS), optional=True),
        "account_sid": _sid("AC"),
        "messaging_service_sid": _sid("MG"),
        "from": Setting(
            checks.matching(
                r"\+[1-9][0-9]{6,14}|[0-9]{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}",
                "must be a number of E.164, a short code or a name of at most 11 letters",
            ),
            optional=True,
        ),
        "content_sids": Setting(names_of_templates(_CONTENT, "an id that begins with HX"), optional=True),
        "validity_period": Setting(_seconds, optional=True),
    },
    credentials={
        "auth_token": Credential(),
        "api_key_sid": Credential(optional=True),
        "api_key_secret": Credential(optional=True),
    },
    whole=_key,
    config_whole=_sender,
    webhook_secret="auth_token",  # noqa: S106 - the name of a credential
    polls=True,
)
