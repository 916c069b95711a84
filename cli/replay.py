"""`raak replay`: what was shown and why, made again from the decision log and compared."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recommender.errors import RaakError

if TYPE_CHECKING:
    from service.decision_log.parquet import Row
    from service.decision_log.reading import DecisionLog, Replayed

FACTORS = ("propensity", "value", "context", "lever")

AROUND = 40
"""How many bytes of two decisions are shown around the place where they part."""


@click.command()
@click.argument("decision_id", required=False)
@click.option(
    "--log",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="The decision log; default: where RAAK_DECISIONS_LOG_DIR or RAAK_EVENTS_LOG_DIR say.",
)
@click.option("--verify", is_flag=True, help="Verify that every file is the one that was written.")
@click.option("--head", help="With --verify: the head that was noted earlier must be there.")
@click.option("--all", "everything", is_flag=True, help="Make every decision again and count.")
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A policy file, or a whole catalogue: what would it have decided otherwise?",
)
def command(
    decision_id: str | None,
    directory: Path | None,
    verify: bool,  # noqa: FBT001  # click's signature
    head: str | None,
    everything: bool,  # noqa: FBT001
    policy: Path | None,
) -> None:
    """Show DECISION_ID as it was logged, make it again from its inputs and compare every byte.

    Ends with 0 only when they are equal, with 1 when they differ. With --policy it is made under
    those policies, with the model of then: 0 when nothing differs, 1 when something does.
    """
    if [decision_id is not None, verify, everything].count(True) != 1:
        raise RaakError("give a DECISION_ID, or --verify, or --all")
    if head is not None and not verify:
        raise RaakError("--head goes with --verify")
    if policy is not None and verify:
        raise RaakError("--policy goes with a DECISION_ID, or with --all")
    for package in ("pyarrow", "cryptography"):
        if importlib.util.find_spec(package) is None:
            raise RaakError(f"the decision log needs {package}: pip install 'raak[worker]'")
    root = directory or _configured()
    if verify:
        _verify(root, head)
    elif policy is not None:
        _with_log(root, partial(_under, policy, decision_id))
    elif everything:
        _replay_all(root)
    else:
        _replay(root, str(decision_id))


def _configured() -> Path:
    from cli.serve import read_settings
    from cli.worker import decision_log_dir

    found = decision_log_dir(read_settings())
    if found is None:
        raise RaakError("where is the decision log? Give --log, or set RAAK_DECISIONS_LOG_DIR")
    return found


def _verify(root: Path, head: str | None) -> None:
    from service.decision_log import chain

    if not (root / chain.CHAIN).is_file():
        raise RaakError(f"{root} is no decision log: it has no {chain.CHAIN}")
    verified = chain.verify(root, head)
    click.echo(f"{verified.files} files are as they were written; head {verified.head}")


def _replay(root: Path, decision_id: str) -> None:
    _with_log(root, lambda log: _replay_one(log, decision_id))


def _replay_one(log: DecisionLog, decision_id: str) -> None:
    row = _find(log, decision_id)
    for line in _told(row):
        click.echo(line)
    replayed = log.replay(row)
    for line in _why(replayed):
        click.echo(line)
    if replayed.equal:
        click.echo(f"made again: equal, all {len(replayed.decision_now)} bytes")
        return
    click.echo(_difference(replayed))
    sys.exit(1)


def _under(policy: Path, decision_id: str | None, log: DecisionLog) -> None:
    from cli.what_if import any_would_differ, one_would_differ
    from recommender.catalogue.proposal import proposed

    text = policy.read_text(encoding="utf-8")
    propose = partial(proposed, change=text, name=str(policy))
    if decision_id is None:
        differs = any_would_differ(log, propose)
    else:
        differs = one_would_differ(log, _find(log, decision_id), propose)
    sys.exit(int(differs))


def _find(log: DecisionLog, decision_id: str) -> Row:
    with click.progressbar(length=log.files, file=sys.stderr, label="looking") as bar:
        return log.find(decision_id, bar.update)


def _replay_all(root: Path) -> None:
    _with_log(root, _count_all)


def _count_all(log: DecisionLog) -> None:
    from service.decision_log.reading import Erased

    outcomes: Counter[str] = Counter()
    with click.progressbar(log.rows(), file=sys.stderr, label="replaying") as rows:
        for row in rows:
            try:
                outcomes["equal" if log.replay(row).equal else "different"] += 1
            except Erased:
                outcomes["erased"] += 1
            except RaakError as error:
                click.echo(f"error: {error}", err=True)
                outcomes["impossible"] += 1
    said = ", ".join(f"{outcomes[name]} {name}" for name in _OUTCOMES)
    click.echo(f"{outcomes.total()} decisions: {said}")
    if outcomes["different"] or outcomes["impossible"]:
        sys.exit(1)


_OUTCOMES = ("equal", "different", "erased", "impossible")


def _with_log(root: Path, do: Callable[[DecisionLog], None]) -> None:
    from service.decision_log.reading import DecisionLog

    log = DecisionLog(root)
    try:
        do(log)
    finally:
        log.close()


def _told(row: Row) -> list[str]:
    """What the log says of a decision without anybody's key."""
    asked = f"{row['placement']}, {row['channel']}, {row['language'] or 'own language'}"
    lines = [
        f"decision {row['decision_id']} for {row['pseudonym']}",
        f"decided {row['at'].isoformat()}, first shown {row['shown_at'].isoformat()}",
        f"asked for {asked}, at most {row['limit']}",
        f"in force {row['version']}",
        *(f"   {name} {row[name]}" for name in ("model", "policy", "catalogue")),
        "shown:",
        *map(_shown, row["shown"]),
    ]
    if row["withheld"]:
        lines += ["withheld:"]
        lines += [
            f"   {one['product_id']}: {one['stage']}, {one['rule']}" for one in row["withheld"]
        ]
    return lines


def _shown(one: dict[str, Any]) -> str:
    propensity = "-" if one["propensity"] is None else f"{one['propensity']:.6f}"
    probability = "unknown" if one["probability"] is None else f"{one['probability']:g}"
    return (
        f"{one['rank']:>3}. {one['action_id']}  propensity {propensity}  probability {probability}"
    )


def _why(replayed: Replayed) -> list[str]:
    """How the ranks came about, which only who has the account's key can see."""
    decision = json.loads(replayed.decision or replayed.decision_now)
    lines = []
    for one in decision["shown"]:
        terms = one["arbitration"]
        if terms is not None:
            factors = " x ".join(f"{terms[name]:.6g} ({name})" for name in FACTORS)
            lines.append(f"   {one['action_id']}: {terms['score']:.6g} = {factors}")
            lines += [f"      {token}" for token in one["tokens"]]
    return ["why:", *lines] if lines else []


def _difference(replayed: Replayed) -> str:
    """Where the two part, or that only the words around the decision do."""
    then, now = replayed.decision, replayed.decision_now
    if then is None or then == now:
        then, now = replayed.body or b"", replayed.body_now
        if not then:
            return "made again: the decision is equal, but other words than these were sent"
    place = next(i for i, (a, b) in enumerate(zip_longest(then, now)) if a != b)
    part = slice(max(0, place - AROUND), place + AROUND)
    return (
        f"made again: DIFFERENT from byte {place}\n"
        f"   then: {then[part].decode('utf-8', 'replace')}\n"
        f"   now:  {now[part].decode('utf-8', 'replace')}"
    )
