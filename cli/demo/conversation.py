"""`--once`: ask the running service the README's questions and print what it answers."""

from __future__ import annotations

from collections.abc import Iterable

import click

from cli.demo.access import Access
from cli.demo.api import Api, Reply, path
from cli.demo.questions import Body, Question


def converse(base: str, access: Access, questions: Iterable[Question]) -> bool:
    """Ask every question of the service at `base`; True when every answer is as it must be."""
    right = True
    refusals: list[Reply] = []
    for question in questions:
        reply = _asker(base, access, question).recommendations(
            question.account_id, **question.parameters
        )
        click.secho(f"\n{question.asked}", bold=True)
        click.echo(f"GET {path(question.account_id, **question.parameters)}")
        if reply.status == 200:
            print_answer(reply.body)
        else:
            refusals.append(reply)
            click.echo(f"  {reply.status} {reply.body.get('title')}: {reply.body.get('detail')}")
        for words, holds in question.verdicts(reply):
            right &= verdict(words, holds=holds)
    return right & verdict(
        "a foreign account looks exactly like a missing one",
        holds=len({(reply.status, str(reply.body)) for reply in refusals}) == 1,
    )


def _asker(base: str, access: Access, question: Question) -> Api:
    if question.browser_of is None:
        return Api(base, {"X-API-Key": access.api_key})
    return Api(base, {"Authorization": f"Bearer {access.token(question.browser_of)}"})


def verdict(words: str, *, holds: bool) -> bool:
    click.secho(f"  {'ok  ' if holds else 'NOT '} {words}", fg="green" if holds else "red")
    return holds


def print_answer(body: Body) -> None:
    for shown in body["recommendations"]:
        chance = share(shown["propensity"])
        because = "; ".join(reason["text"] for reason in shown["reasons"])
        click.echo(f"  {shown['rank']}. {shown['title']:<32} {chance:>4}  {because}")
    for alert in body["alerts"]:
        click.echo(f"  !  {alert['title']}: {alert['message']}")
    for item in body.get("withheld", ()):
        if item["product_id"] == "mortgage":
            click.echo(
                f"  -  {item['product_id']} ({item['stage']}, {item['rule']}): {item['text']}"
            )


def share(propensity: float | None) -> str:
    """As a person reads it: what is unlikely is not impossible."""
    if propensity is None:
        return ""
    return "<1%" if propensity < 0.01 else f"{propensity:.0%}"
