"""Puts delivery together; the only place of the service that constructs."""

from services.delivery.bootstrap.build import NAME, Neighbours, build

__all__ = ["NAME", "Neighbours", "build"]
