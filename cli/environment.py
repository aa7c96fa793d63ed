"""The environment of every role: where it listens, what it may open, whom it calls."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from cli.embedded.ports import HOST
from cli.secrets import SERVICES, password_variable
from cli.state_folder import Ports, StateFolder

# What a newcomer finds in the documentation; other ports are chosen when these are taken.
PREFERRED_PORTS: Mapping[str, int] = {
    "gateway": 8080,
    "gateway-bounces": 2526,
    "sandbox": 8090,
    "sandbox-smtp": 2525,
    "sandbox-apns": 8091,
    "consent": 9101,
    "campaign": 9102,
    "delivery": 9103,
    "analytics": 9104,
    "metrics-consent": 9201,
    "metrics-campaign": 9202,
    "metrics-delivery": 9203,
    "metrics-analytics": 9204,
    "metrics-gateway": 9205,
}
_FIRST_WORKER_METRICS = 9210

_DEVELOPMENT: Mapping[str, str] = {
    "ENVIRONMENT": "development",
    "JWT_ISSUER": "angarium",
    "JWT_AUDIENCE": "angarium",
    "JWT_ALGORITHM": "HS256",
    "SUPPORT_EMAIL": "support@angarium.example",
    "CS_TEAM_EMAIL": "team@angarium.example",
    "LOG_LEVEL": "info",
}
# Keys that only one service holds.
_OWN_KEYS: Mapping[str, tuple[str, ...]] = {"consent": ("RECEIPT_KEYS",)}
# Chosen by the stack for each role; the caller's own values would send a role to a stranger's door.
_OURS = frozenset(
    {
        *("BIND_ADDRESS", "METRICS_PORT", "SERVICE_NAME"),
        *("DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD"),
        *(f"{service.upper()}_ADDRESS" for service in SERVICES),
    }
)


@dataclass(frozen=True, slots=True)
class Database:
    """Where the services find PostgreSQL."""

    owner_url: str
    host: str
    port: int
    name: str
    options: Mapping[str, str]

    @classmethod
    def of(cls, url: str, *, socket: str | None = None) -> "Database":
        """Reads the owner's URL; a unix socket, when given, is what the services use."""
        parts = urlsplit(url)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        host = socket or unquote(parts.hostname or "") or query.get("host", HOST)
        ssl = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
        options = {ssl[name]: value for name, value in query.items() if name in ssl}
        return cls(
            url, host, parts.port or int(query.get("port", 5432)), unquote(parts.path.lstrip("/")), options
        )


def choose_ports(state: StateFolder, *, workers: int) -> dict[str, int]:
    """Returns a free port for everything that listens: the one of the last start, the documented one, or another."""
    wanted = dict(PREFERRED_PORTS)
    for number in range(1, workers + 1):
        wanted[f"metrics-{worker_name(number)}"] = _FIRST_WORKER_METRICS + number
    ports = Ports(state)
    chosen = {name: ports.choose(name, preferred) for name, preferred in wanted.items()}
    ports.save()
    return chosen


def known_ports(state: StateFolder) -> dict[str, int]:
    """Returns the ports of the installation that runs or ran here, the documented ones where none was chosen."""
    return {**PREFERRED_PORTS, **Ports(state).all()}


class Environments:
    """Builds the environment of each role of one installation."""

    def __init__(
        self,
        state: StateFolder,
        secrets: Mapping[str, str],
        ports: Mapping[str, int],
        *,
        inherited: Mapping[str, str] | None = None,
    ) -> None:
        """Takes what was drawn and chosen; `inherited` (the caller's) wins where the stack has no reason to insist."""
        self._state = state
        self._secrets = dict(secrets)
        self._inherited = {
            name: value for name, value in (os.environ if inherited is None else inherited).items() if value
        }
        self.ports = dict(ports)

    @property
    def gateway_url(self) -> str:
        """Returns the address of the public door on this machine."""
        return f"http://{HOST}:{self.ports['gateway']}"

    @property
    def sandbox_url(self) -> str:
        """Returns the address of the sandbox: provider emulators and the mailbox."""
        return f"http://{HOST}:{self.ports['sandbox']}"

    def address(self, service: str) -> str:
        """Returns the RPC address of a service."""
        return f"{HOST}:{self.ports[service]}"

    def migrations(self, database: Database) -> dict[str, str]:
        """Returns what migrations need: the owner's URL and the passwords to set."""
        passwords = {name: self._secrets[name] for name in map(password_variable, SERVICES)}
        own = {**passwords, "DATABASE_URL": database.owner_url, "SERVICE_NAME": "migrate"}
        return self._merge(_DEVELOPMENT, ours=own)

    def service(
        self, name: str, database: Database, redis_url: str, *, role: str | None = None
    ) -> dict[str, str]:
        """Returns the environment of a service, or of one of its workers when `role` names it."""
        role = role or name
        own = {
            "SERVICE_NAME": role,
            "BIND_ADDRESS": self.address(name),
            "METRICS_PORT": str(self.ports[f"metrics-{role}"]),
            "DB_HOST": database.host,
            "DB_PORT": str(database.port),
            "DB_NAME": database.name,
            "DB_USER": f"angarium_{name}",
            "DB_PASSWORD": self._secrets[password_variable(name)],
            "REDIS_URL": redis_url,
            **database.options,
        }
        made = {**self._shared(), **self._keys(name), **self._openings(name)}
        return self._merge(made, ours={**self._addresses(), **own})

    def gateway(self, redis_url: str) -> dict[str, str]:
        """Returns the environment of the gateway, which sees no database."""
        own = {
            "SERVICE_NAME": "gateway",
            "BIND_ADDRESS": self.address("gateway"),
            "METRICS_PORT": str(self.ports["metrics-gateway"]),
            "BOUNCE_ADDRESS": f"{HOST}:{self.ports['gateway-bounces']}",
            "REDIS_URL": redis_url,
        }
        keys = {name: self._keys()[name] for name in ("SERVICE_TOKEN_SECRET", "TOKEN_KEYS")}
        return self._merge({**self._shared(), **keys}, ours={**self._addresses(), **own})

    def sandbox(self) -> dict[str, str]:
        """Returns the environment of the sandbox, which holds no secret of the installation."""
        own = {
            "SANDBOX_HTTP": self.address("sandbox"),
            "SANDBOX_SMTP": f"{HOST}:{self.ports['sandbox-smtp']}",
            "SANDBOX_APNS": f"{HOST}:{self.ports['sandbox-apns']}",
            "SANDBOX_DATABASE": str(self._state.sandbox_database),
            "GATEWAY_URL": self.gateway_url,
            "BOUNCE_SMTP": f"{HOST}:{self.ports['gateway-bounces']}",
        }
        return self._merge(_DEVELOPMENT, ours=own)

    def client(self) -> dict[str, str]:
        """Returns what a command needs to call the services; addresses and secrets of the caller's environment win."""
        return {**self._shared(), **self._keys(), **self._inherited}

    def _keys(self, service: str = "") -> dict[str, str]:
        names = ("JWT_SECRET", "SERVICE_TOKEN_SECRET", "ENCRYPTION_KEYS", "HASH_KEYS", "TOKEN_KEYS")
        own = _OWN_KEYS.get(service, ())
        return {name: self._secrets[name] for name in (*names, *own)}

    def _openings(self, service: str) -> dict[str, str]:
        """Returns what lets webhooks reach the sandbox; a production process refuses it."""
        is_own = self._inherited.get("ENVIRONMENT", "development") == "development"
        return {"OUTBOUND_ALLOW_LOCAL": "true"} if service == "delivery" and is_own else {}

    def _addresses(self) -> dict[str, str]:
        return {f"{service.upper()}_ADDRESS": self.address(service) for service in SERVICES}

    def _shared(self) -> dict[str, str]:
        return {
            **_DEVELOPMENT,
            **self._addresses(),
            "PUBLIC_BASE_URL": self.gateway_url,
            "FRONTEND_URL": self.gateway_url,
        }

    def _merge(self, made: Mapping[str, str], *, ours: Mapping[str, str]) -> dict[str, str]:
        """Lays what must hold over what the caller says, and that over what is made up."""
        said = {name: value for name, value in self._inherited.items() if name not in _OURS}
        # Programs read the files, people read what the console makes of them.
        return {**made, **said, **ours, "LOG_FORMAT": "json", "PYTHONUNBUFFERED": "1"}


def worker_name(number: int) -> str:
    """Returns the role's name of the n-th delivery worker."""
    return f"delivery-worker-{number}"
