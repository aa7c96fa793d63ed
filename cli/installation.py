"""All roles of an installation on one machine, as data for the supervisor."""

import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType

from cli import secrets
from cli.embedded.stack import EmbeddedStack
from cli.embedded.state import socket_place
from cli.environment import Database, Environments, choose_ports, worker_name
from cli.secrets import SERVICES
from cli.state_folder import StateFolder
from cli.supervisor import AlreadyRunning, GrpcHealth, HttpOk, Program, Role, SaysReady, Supervisor
from cli.supervisor.pids import SUPERVISOR, PidFiles

_STORES = ("postgres", "valkey")
_STANDS_BACK: Mapping[str, str] = {"NICENESS": "10"}
"""Of roles that work on what nobody waits for, where the caller says nothing else: campaigns, and what is counted."""
_ORPHAN_GRACE = 10.0


class Installation:
    """PostgreSQL, Valkey, the services, workers, the gateway and the sandbox below one state folder.

    Making one draws the secrets and chooses the ports; `supervisor()` gives what starts and stops the roles. Addresses
    are known before the start, `database_url` and `redis_url` after it. AlreadyRunning when the folder is in use.
    """

    def __init__(
        self,
        state: StateFolder,
        *,
        workers: int = 1,
        sandbox: bool = True,
        fast_for_tests: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        state.make()
        pids = PidFiles(state.run)
        if running := pids.running().get(SUPERVISOR):
            raise AlreadyRunning(running.pid)
        # What a killed supervisor left behind would hold the ports that are to be used again.
        self.orphans = pids.end_orphans(_ORPHAN_GRACE)
        self.state = state
        self.workers = workers
        self.stack = EmbeddedStack(
            state.path, fast_for_tests=fast_for_tests, logs=state.logs, environment=environment
        )
        self.environments = Environments(
            state,
            secrets.load_or_draw(state.secrets),
            choose_ports(state, workers=workers),
            inherited=environment,
        )
        self.sandbox = sandbox

    @property
    def database_url(self) -> str:
        """Returns the owner's URL of the database."""
        return self.stack.database_url

    @property
    def redis_url(self) -> str:
        """Returns the URL of Valkey or Redis."""
        return self.stack.redis_url

    @property
    def gateway_url(self) -> str:
        """Returns the address of the public door on this machine."""
        return self.environments.gateway_url

    @property
    def sandbox_url(self) -> str:
        """Returns the address of the sandbox and its mailbox."""
        return self.environments.sandbox_url

    def address(self, service: str) -> str:
        """Returns the RPC address of a service."""
        return self.environments.address(service)

    def client_environment(self) -> dict[str, str]:
        """Returns what a program needs to call the services."""
        return self.environments.client()

    def supervisor(
        self,
        *,
        on_line: Callable[[str, str], None] | None = None,
        on_event: Callable[[str, str], None] | None = None,
    ) -> Supervisor:
        """Returns a supervisor of all roles."""
        return Supervisor(self.roles(), self.state.path, on_line=on_line, on_event=on_event)

    def roles(self) -> list[Role]:
        """Returns the roles in the order in which a person thinks of them."""
        stores = self._stores()
        names = tuple(role.name for role in stores)
        roles = [*stores, self._migrate(names)]
        roles += [
            self._service("consent", names),
            self._service("delivery", names, calls=("consent",), mode="serve"),
            self._service("campaign", names, calls=("consent", "delivery"), more=_STANDS_BACK),
            self._service("analytics", names, more=_STANDS_BACK),
            self._gateway(names),
        ]
        doors: tuple[str, ...] = ("gateway",)
        if self.sandbox:
            roles.append(self._emulators())
            doors = ("gateway", "sandbox")
        roles += [self._worker(number, names, doors) for number in range(1, self.workers + 1)]
        return roles

    def database(self) -> Database:
        """Returns where the services find PostgreSQL; embedded, that is its unix socket, a quarter faster."""
        postgres = self.stack.postgres
        socket = str(socket_place(postgres.folder)) if postgres else None
        return Database.of(self.database_url, socket=socket)

    def _stores(self) -> list[Role]:
        servers = zip(_STORES, (self.stack.postgres, self.stack.valkey), strict=True)
        return [Role(name, server) for name, server in servers if server is not None]

    def _migrate(self, stores: tuple[str, ...]) -> Role:
        environment = self.environments
        return Role(
            "migrate",
            _python("cli.migrations", lambda: environment.migrations(self.database())),
            after=stores,
            once=True,
        )

    def _service(
        self,
        name: str,
        stores: tuple[str, ...],
        *,
        calls: tuple[str, ...] = (),
        mode: str = "all",
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> Role:
        return Role(
            name,
            _python(
                f"services.{name}",
                lambda: {**more, **self.environments.service(name, self.database(), self.redis_url)},
                mode,
            ),
            ready=GrpcHealth(self.address(name)),
            after=("migrate",),
            calls=(*stores, *calls),
        )

    def _worker(self, number: int, stores: tuple[str, ...], doors: tuple[str, ...]) -> Role:
        role, duty = worker_name(number), self._duty(number)
        return Role(
            role,
            _python(
                "services.delivery",
                lambda: {
                    **(_STANDS_BACK if duty == "campaigns" else {}),
                    **self.environments.service("delivery", self.database(), self.redis_url, role=role),
                    "WORKER_DUTY": duty,
                },
                "work",
            ),
            ready=SaysReady(),
            after=("migrate",),
            calls=(*stores, *SERVICES, *doors),
        )

    def _duty(self, number: int) -> str:
        """Returns what a worker is there for: of several the last one keeps out of campaigns, one alone does everything."""
        if self.workers == 1:
            return "all"
        return "urgent" if number == self.workers else "campaigns"

    def _gateway(self, stores: tuple[str, ...]) -> Role:
        return Role(
            "gateway",
            _python("gateway", lambda: self.environments.gateway(self.redis_url)),
            ready=HttpOk(f"{self.gateway_url}/health"),
            after=("migrate",),
            calls=(*stores, *SERVICES),
        )

    def _emulators(self) -> Role:
        return Role(
            "sandbox",
            _python("sandbox", self.environments.sandbox),
            ready=HttpOk(f"{self.sandbox_url}/health"),
            calls=("gateway",),
        )


def _python(module: str, environment: Callable[[], Mapping[str, str]], *arguments: str) -> Program:
    # -P: a folder `services` where the command was called must not be taken for ours.
    return Program((sys.executable, "-P", "-m", module, *arguments), environment)
