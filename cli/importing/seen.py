"""Which ids a file has named before, in twelve bytes each."""

from array import array

_SMALLEST = 1 << 12
_BITS = (1 << 64) - 1


class SeenIds:
    """Remembers ids by a hash of 64 bits and the line they stood on.

    A million ids take some 24 MB, a tenth of a set of strings. Two ids of a file share a hash once in a hundred
    thousand files of a million rows.
    """

    def __init__(self) -> None:
        self._hashes = array("Q", bytes(8 * _SMALLEST))
        self._lines = array("I", bytes(4 * _SMALLEST))
        self._count = 0

    def line_of(self, external_id: str, line: int) -> int:
        """Returns the line an id stood on before; 0 when it is new, and then remembers it."""
        # Python seeds its string hashes anew for each process, so nobody can write a file whose ids collide.
        wanted = hash(external_id) & _BITS or 1
        mask = len(self._hashes) - 1
        place = wanted & mask
        while (found := self._hashes[place]) != wanted:
            if not found:
                self._hashes[place], self._lines[place] = wanted, line
                self._count += 1
                if self._count * 2 > len(self._hashes):
                    self._grow()
                return 0
            place = (place + 1) & mask
        return self._lines[place]

    def _grow(self) -> None:
        hashes, lines = self._hashes, self._lines
        size = len(hashes) * 2
        self._hashes, self._lines = array("Q", bytes(8 * size)), array("I", bytes(4 * size))
        mask = size - 1
        for found, line in zip(hashes, lines, strict=True):
            if found:
                place = found & mask
                while self._hashes[place]:
                    place = (place + 1) & mask
                self._hashes[place], self._lines[place] = found, line
