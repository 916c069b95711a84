"""Doing a log's part on a machine that has its directory, while no worker writes there.

A copy of a log is not the log: what was done there would be taken for done. So the directory has to
have all that Redis knows to be logged.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

from recommender import keyspace
from recommender.events.span import order
from service.decision_log.chain import GENESIS, read_chain
from service.decision_log.config import DecisionLogConfig
from service.decision_log.errors import DecisionLogError
from service.decision_log.stream import logged_head
from service.decision_log.writer import DecisionLogWriter
from service.events.config import EventsConfig
from service.events.log_files import LogError, last_logged
from service.events.log_writer import LogWriter
from service.events.stream import connect

_NOT_THE_LOG: Final = (
    "is not the log that this Redis knows, or an older copy of it: run the command where the log "
    "is, or unset its variable to leave it to the worker"
)


def erase_rows(url: str, directory: Path, config: EventsConfig) -> None:
    """Raises LogError, if a worker writes there say, which then does it, or a file is damaged; and
    RedisError.
    """
    with connect(url) as client:
        in_files, logged = client.mget([keyspace.EVENTS_IN_FILES, keyspace.EVENTS_LOGGED])
        known = logged if in_files is None else in_files  # a worker before this one told no files
        if known is not None and order(last_logged(directory)) < order(known.decode()):
            raise LogError(f"{directory} {_NOT_THE_LOG}")
        writer = LogWriter(client, directory, config)
        writer.open()
        with closing(writer):
            try:
                while not writer.erase():
                    pass
            except OSError as error:
                raise LogError(str(error)) from None


def forget_decisions(url: str, directory: Path, config: DecisionLogConfig) -> None:
    """Raises DecisionLogError, as above, and RedisError."""
    with connect(url) as client:
        head = logged_head(client)
        heads = {GENESIS, *(told.hash for told in read_chain(directory))}
        if head is not None and head not in heads:
            raise DecisionLogError(f"{directory} {_NOT_THE_LOG}")
        writer = DecisionLogWriter(client, directory, config)
        writer.open()
        with closing(writer):
            writer.erase()
