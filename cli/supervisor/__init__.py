"""One supervisor for the roles of an installation: starts, watches, restarts and drains them."""

from cli.supervisor.readiness import Alive, GrpcHealth, HttpOk, Life, Readiness, SaysReady, serving
from cli.supervisor.role import Program, Role, RoleFailed, RoleState, RoleStatus, Server
from cli.supervisor.supervisor import AlreadyRunning, Supervisor

__all__ = [
    "Alive",
    "AlreadyRunning",
    "GrpcHealth",
    "HttpOk",
    "Life",
    "Program",
    "Readiness",
    "Role",
    "RoleFailed",
    "RoleState",
    "RoleStatus",
    "SaysReady",
    "Server",
    "Supervisor",
    "serving",
]
