"""One supervisor for the roles of an installation: starts, watches, restarts and drains them."""

from cli.supervisor.readiness import Alive, GrpcHealth, HttpOk, Readiness
from cli.supervisor.role import Program, Role, RoleFailed, RoleState, RoleStatus, Server
from cli.supervisor.supervisor import AlreadyRunning, Supervisor

__all__ = [
    "Alive",
    "AlreadyRunning",
    "GrpcHealth",
    "HttpOk",
    "Program",
    "Readiness",
    "Role",
    "RoleFailed",
    "RoleState",
    "RoleStatus",
    "Server",
    "Supervisor",
]
