"""Reflection that also knows methods, so that `grpcurl describe package.Service.Method` works."""

from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import FileDescriptor


class MethodPool:
    """The default descriptor pool; a symbol that it does not know is tried as a method of its service."""

    def __init__(self) -> None:
        self._pool: Any = descriptor_pool.Default()

    def __getattr__(self, name: str) -> Any:
        """Leaves everything else to the pool."""
        return getattr(self._pool, name)

    def FindFileContainingSymbol(self, symbol: str) -> FileDescriptor:
        """Returns the file that declares a symbol; KeyError when none does."""
        try:
            found: FileDescriptor = self._pool.FindFileContainingSymbol(symbol)
        except KeyError:
            service, _, method = symbol.rpartition(".")
            declared = self._pool.FindServiceByName(service)
            if method not in declared.methods_by_name:
                raise
            found = declared.file
        return found
