"""Write-behind: fresh decisions wait here and ride along with the next read.

A decision can always be made again, so a write may be lost (Redis down, queue full) but never
keeps anyone waiting. Both are counted.
"""

from __future__ import annotations

Command = tuple[str | bytes | int, ...]

# One command and one reply for any number of keys: reading a reply per SET would cost more
# than making the decision did.
SET_ALL = (
    "for i = 1, #KEYS do "
    "redis.call('SET', KEYS[i], ARGV[2 * i - 1], 'PX', ARGV[2 * i]) "
    "end return #KEYS"
)


class WriteBehind:
    """A bounded queue of SETs, the newest value per key. When full the new one is dropped."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._pending: dict[str, tuple[bytes, int]] = {}
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, key: str, value: bytes, ttl_ms: int) -> None:
        if len(self._pending) >= self._capacity and key not in self._pending:
            self.dropped += 1
            return
        self._pending[key] = (value, ttl_ms)

    def take(self, most: int) -> tuple[Command, ...]:
        """The oldest writes, at most `most`, as one command; none when there are none."""
        if not self._pending:
            return ()
        keys = list(self._pending)[:most]
        values: list[bytes | int] = []
        for key in keys:
            values += self._pending.pop(key)
        return (("EVAL", SET_ALL, len(keys), *keys, *values),)
