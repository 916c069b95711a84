"""`raak why`: why an account is shown what it is shown now, and why not something else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from cli.serve import read_settings
from recommender.errors import RaakError

if TYPE_CHECKING:
    from recommender.account import Account
    from recommender.answer import Answer, Recommendation, WithheldAnswer
    from recommender.live import Live

FACTORS = ("propensity", "value", "context", "lever")
MOST_TOKENS = 8
"""Of what moved a product; the others moved it less."""


@click.command()
@click.argument("account_id", metavar="ACCOUNT")
@click.argument("product_id", metavar="[PRODUCT]", required=False)
@click.option("--placement", default="home", show_default=True)
@click.option("--channel", default="web", show_default=True)
@click.option("--language", help="Default: the account's own.")
@click.option("--json", "as_json", is_flag=True, help="The answer as explain=true has it.")
def command(
    account_id: str,
    product_id: str | None,
    placement: str,
    channel: str,
    language: str | None,
    as_json: bool,  # noqa: FBT001  # click's signature
) -> None:
    """Decide for ACCOUNT as it stands in Redis now and say why; of PRODUCT alone if one is named.

    Nothing is shown to anybody, counted or logged. Reads RAAK_REDIS_URL.
    """
    from recommender.answer import answer, encode_answer
    from recommender.decide import decide
    from recommender.explanation import explained
    from service.errors import BadRequest
    from service.query import question_for

    account, live = _stored(account_id)
    if product_id is not None and product_id not in live.catalogue.products:
        raise RaakError(_unknown(product_id, live))
    try:
        question = question_for(live, placement=placement, channel=channel, language=language)
    except BadRequest as error:
        raise RaakError(str(error)) from None
    at = time.time()
    decision = decide(account, question.at(at), live)
    said = explained(answer(decision, live), decision, account, live)
    if as_json:
        click.echo(encode_answer(said))
        return
    for line in _told(said, product_id, datetime.fromtimestamp(at, UTC)):
        click.echo(line)


def _stored(account_id: str) -> tuple[Account, Live]:
    import redis

    from recommender import keyspace
    from recommender.account import unpack
    from recommender.conform import conform
    from recommender.live import read_bundle
    from service.events.stream import connect

    try:
        with connect(read_settings().redis.url.get_secret_value()) as client:
            pointer: Any = client.get(keyspace.LIVE)
            if pointer is None:
                raise RaakError("nothing is published yet: run `raak publish`")
            found: Any = client.mget(keyspace.bundle(pointer.decode()), keyspace.state(account_id))
    except redis.RedisError as error:
        raise RaakError(f"Redis failed: {error}") from error
    bundle, state = found
    if bundle is None:
        raise RaakError("what is in force was swapped just now; try again")
    if state is None:
        raise RaakError(f"no account {account_id!r} is published here")
    live = read_bundle(pointer.decode(), bundle)
    return conform(unpack(state), live.catalogue), live


def _unknown(product_id: str, live: Live) -> str:
    from recommender.rules.names import suggestion

    hint = suggestion(product_id, tuple(live.catalogue.products))
    return f"the catalogue has no product {product_id!r}" + (f"; {hint}" if hint else "")


def _told(said: Answer, product_id: str | None, at: datetime) -> Iterator[str]:
    where = f"{said.placement}, {said.channel}, {said.language}"
    yield f"account {said.account_id}, {where}, at {at:%Y-%m-%d %H:%M:%S} UTC"
    versions = said.versions
    yield f"model {versions.model}, policy {versions.policy}, catalogue {versions.catalogue}"
    shown = [
        one for one in said.recommendations if product_id is None or one.product_id == product_id
    ]
    if shown:
        yield "shown:"
        for one in shown:
            yield from _shown(one)
    withheld = said.withheld if isinstance(said.withheld, tuple) else ()
    stopped = [one for one in withheld if product_id is None or one.product_id == product_id]
    if stopped:
        yield "withheld:"
        for item in stopped:
            yield from _stopped(item)


def _shown(one: Recommendation) -> Iterator[str]:
    yield f"{one.rank:>3}. {one.action_id}  {one.title}"
    yield from (f"     {reason.text}" for reason in one.reasons)
    explanation = one.explanation
    if not explanation:
        return
    terms = explanation.arbitration
    if terms is not None:
        factors = " x ".join(f"{getattr(terms, name):.4g} ({name})" for name in FACTORS)
        yield f"     score {terms.score:.4g} = {factors}"
    if explanation.probability < 1:
        yield f"     drawn for this slot with probability {explanation.probability:.4g}"
    for moved in explanation.contributions[:MOST_TOKENS]:
        yield f"     {moved.log_odds:+.3f}  {moved.token}"


def _stopped(item: WithheldAnswer) -> Iterator[str]:
    yield f"   - {item.product_id}: {item.stage}, {item.rule}"
    yield f"     {item.text}"
    if item.nearest:
        yield f"     nearest: {item.nearest}"
