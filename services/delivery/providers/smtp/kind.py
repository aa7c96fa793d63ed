"""An account at an SMTP relay."""

from collections.abc import Iterator
from typing import Any, Final

from services.delivery.providers import checks
from services.delivery.providers.kinds import (
    Credential,
    Credentials,
    Kind,
    Problem,
    Rules,
    Setting,
    together,
)

_SECURITIES: Final = ("starttls", "tls", "none")
_DKIM: Final = ("dkim_private_key", "dkim_selector", "dkim_domain")


def _security(value: Any, rules: Rules) -> str | None:
    wrong = checks.one_of(*_SECURITIES)(value, rules)
    return "must be starttls or tls" if value == "none" and rules.production else wrong


def _whole(credentials: Credentials) -> Iterator[Problem]:
    yield from together(credentials, ("username", "password"))
    yield from together(credentials, _DKIM)
    key, selector, domain = (credentials.get(name) for name in _DKIM)
    if key and selector and domain:
        # Late, because it loads the signing library.
        from services.delivery.mail.dkim import DkimKeyError, DkimSigner

        try:
            DkimSigner(domain, selector, key)
        except DkimKeyError as error:
            yield "credentials.dkim_private_key", str(error)


KIND: Final = Kind(
    name="smtp",
    channels=("email",),
    adapter="Smtp",
    settings={
        "host": Setting(checks.outside_host),
        "port": Setting(checks.port, optional=True),
        "security": Setting(_security, optional=True),
        "return_path_domain": Setting(checks.domain("bounces come back to")),
        "helo_name": Setting(checks.host_name, optional=True),
        "validate_certs": Setting(checks.flag, optional=True),
        "from_address": Setting(checks.email_address),
        "from_name": Setting(checks.line(100), optional=True),
        "amp_registered": Setting(checks.flag, optional=True),
    },
    credentials={
        "username": Credential(optional=True),
        "password": Credential(optional=True),
        "dkim_private_key": Credential(optional=True, lines=True),
        "dkim_selector": Credential(optional=True),
        "dkim_domain": Credential(optional=True),
    },
    whole=_whole,
    has_webhook=False,
)
