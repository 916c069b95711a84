"""Write-behind: fresh answers, and what is to be logged, ride along with the next read.

An answer can always be made again, so a write may be lost (Redis down, queue full) but never
keeps anyone waiting. Both are counted.
"""

from __future__ import annotations

from recommender import keyspace
from service.decision_log.outbox import Outbox

Command = tuple[str | bytes | int, ...]

# An answer is kept only beside the state that it was made from: of an account that was erased
# or removed meanwhile nothing is left behind.
_KEEP_ALL = """
local kept = 0
for i = 1, sets do
  if redis.call('EXISTS', string.match(KEYS[i], '^raak:{.-}:') .. 'state') == 1 then
    redis.call('SET', KEYS[i], ARGV[2 * i - 1], 'PX', ARGV[2 * i])
    kept = kept + 1
  end
end
"""

KEEP_ALL = f"local sets = #KEYS{_KEEP_ALL}return kept"
"""KEYS: finished answers'. ARGV: in turn an answer, and how many ms to keep it. How many were."""

# One command and one reply for any number of keys: reading a reply per SET would cost more
# than making the decision did. What is to be logged is one entry, in the same step.
WRITE_ALL = f"""
local sets = #KEYS - 2{_KEEP_ALL}
local served, most = ARGV[2 * sets + 1], tonumber(ARGV[2 * sets + 2])
if served == '' then return 1 end
if tonumber(redis.call('GET', KEYS[sets + 2]) or 0) + #served > most then return 0 end
redis.call('XADD', KEYS[sets + 1], '*', 'd', served)
redis.call('INCRBY', KEYS[sets + 2], #served)
return 1
"""

_LOG_KEYS = (keyspace.DECISIONS, keyspace.DECISIONS_BYTES)


class WriteBehind:
    """A bounded queue of SETs, the newest value per key. When full the new one is dropped."""

    def __init__(self, capacity: int, outbox: Outbox) -> None:
        self._capacity = capacity
        self._pending: dict[str, tuple[bytes, int]] = {}
        self._outbox = outbox
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._pending) + len(self._outbox)

    def add(self, key: str, value: bytes, ttl_ms: int) -> None:
        if len(self._pending) >= self._capacity and key not in self._pending:
            self.dropped += 1
            return
        self._pending[key] = (value, ttl_ms)

    def take(self, most: int) -> Command | None:
        """The oldest writes, at most `most`, as one command; None when there are none."""
        served = self._outbox.take()
        if not self._pending and not served:
            return None
        keys = list(self._pending)[:most]
        values: list[bytes | int] = []
        for key in keys:
            values += self._pending.pop(key)
        log = (served, self._outbox.backlog_bytes)
        return ("EVAL", WRITE_ALL, len(keys) + 2, *keys, *_LOG_KEYS, *values, *log)
