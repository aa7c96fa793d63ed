"""How commands call the services: addresses and secrets of the state folder, or of the environment."""

import os
import time
from datetime import timedelta
from typing import TypeVar, overload
from uuid import UUID

from pydantic import SecretStr

from cli import secrets
from cli.environment import Environments, known_ports
from cli.output import CommandError
from cli.state_folder import StateFolder
from services.common.rpc.client import Channels
from services.common.security.jwt import PERSON_TTL, issue_person
from services.common.security.permissions import PLATFORM_ADMIN
from services.common.settings import (
    Algorithm,
    CallingSettings,
    Keys,
    LongSecret,
    SettingsError,
    Word,
    read,
)

TOKEN_VARIABLE = "ANGARIUM_TOKEN"  # noqa: S105 - the name of a variable


class ClientSettings(CallingSettings):
    """What a command needs to call services and to sign tokens."""

    service_name: str = "cli"
    jwt_issuer: Word
    jwt_audience: Word
    jwt_algorithm: Algorithm = "HS256"
    jwt_secret: LongSecret | None = None
    jwt_public_key: SecretStr | None = None

    @property
    def jwt_verification_key(self) -> str:
        """Returns what verifies people's tokens: the shared secret, or the public key."""
        key = self.jwt_secret if self.jwt_algorithm.startswith("HS") else self.jwt_public_key
        return key.get_secret_value() if key else ""

    @property
    def can_issue(self) -> bool:
        """Returns whether people's tokens can be signed here, or come from an issuer elsewhere."""
        return self.jwt_algorithm.startswith("HS") and self.jwt_secret is not None


class ConsoleSettings(ClientSettings):
    """What signing in to the console needs besides: the keys that seal its tickets."""

    token_keys: Keys


Settings = TypeVar("Settings", bound=ClientSettings)


def given_token() -> str:
    """Returns the token that the environment says to use, empty when it says none."""
    return os.environ.get(TOKEN_VARIABLE, "")


@overload
def client_settings(state: StateFolder) -> ClientSettings: ...


@overload
def client_settings(state: StateFolder, kind: type[Settings]) -> Settings: ...


def client_settings(state: StateFolder, kind: type[ClientSettings] = ClientSettings) -> ClientSettings:
    """Returns the settings of the installation in a state folder; variables of the environment win.

    Raises:
        CommandError: There is neither an installation nor enough in the environment.
    """
    made: dict[str, str] = {}
    if state.exists:
        made = Environments(state, secrets.load(state.secrets), known_ports(state)).client()
    known = {name: made[name.upper()] for name in kind.model_fields if name.upper() in made}
    given = {name for name in known if os.environ.get(name.upper()) or os.environ.get(f"{name.upper()}_FILE")}
    known.pop("service_name", None)
    try:
        return read(kind, **{name: value for name, value in known.items() if name not in given})
    except SettingsError as error:
        if state.exists:
            raise CommandError(
                f"The settings cannot be used:\n{error}", "Set or unset the variables named."
            ) from None
        raise CommandError(
            f"There is no installation in {state.path}, and the environment does not name one.",
            "Start one: angarium up – or set CONSENT_ADDRESS, CAMPAIGN_ADDRESS, DELIVERY_ADDRESS, ANALYTICS_ADDRESS, "
            "SERVICE_TOKEN_SECRET, JWT_ISSUER, JWT_AUDIENCE, JWT_SECRET and PUBLIC_BASE_URL"
            + (" and TOKEN_KEYS" if "token_keys" in kind.model_fields else ""),
        ) from None


class PersonChannels(Channels):
    """Channels whose calls are made by a person with one role, as an operator's commands are."""

    def __init__(
        self,
        settings: ClientSettings,
        *,
        tenant_id: UUID | None = None,
        role: str = PLATFORM_ADMIN,
        subject: str = "cli",
    ) -> None:
        """Signs short tokens as they are needed; ANGARIUM_TOKEN, when set, is sent instead."""
        super().__init__(settings, name="cli")
        self._client_settings = settings
        self._person = tenant_id, subject, (role,)
        self._given = given_token()
        self._bearer = ""
        self._sign_again_at = 0.0
        if not self._given and not settings.can_issue:
            raise CommandError(
                f"Tokens of this installation are issued elsewhere (JWT_ALGORITHM {settings.jwt_algorithm}).",
                f"Give the command one of its issuer: export {TOKEN_VARIABLE}=…",
            )

    def credential(self) -> str:
        """Returns the bearer header, renewed at half its life."""
        if self._given:
            return f"Bearer {self._given}"
        now = time.monotonic()
        if now >= self._sign_again_at:
            tenant_id, subject, roles = self._person
            self._bearer = f"Bearer {issue_person(self._client_settings, tenant_id, subject, roles)}"
            self._sign_again_at = now + PERSON_TTL / timedelta(seconds=2)
        return self._bearer
