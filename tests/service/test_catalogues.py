"""Another catalogue is put in force while the service runs: the next answers come by it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from cli.embedded import EmbeddedValkey
from recommender import keyspace
from recommender.catalogue import parse_catalogue
from recommender.errors import CatalogueError
from recommender.features import FeatureSpec
from recommender.live import Bundle, pack_bundle
from service.publish import Publication, Published, Roll, publish
from tests.recommender.bank import CATALOGUE_FILE, vocabulary_of
from tests.recommender.models import artefact_files
from tests.service.bank import person, publish_bank
from tests.service.served import served

TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")
BUS_PASS = """products:
  bus_pass:
    domain: mobility
    type: lease
    partner: Reiswijs
    title: {en: Bus pass, nl: Busabonnement}
    message: {en: Every bus for one price., nl: Elke bus voor één prijs.}
    url: /mobility/bus
    suitable:
      - {id: has_job, when: {occupation: {is: employed}}}
      - {id: no_car, when: {car: {not_in: [lease]}}}
"""
CAR = """  car:
    type: category
    values: [none, own, lease]
    uses: [model, policy]
    label: {en: car, nl: auto}
    value_labels:
      none: {en: none, nl: geen}
      own: {en: own, nl: eigen}
      lease: {en: leased, nl: lease}
  gender:"""
DRIVES = "has_car: {is: true}"


def second() -> str:
    """The demo bank with a product more, and `car` of three kinds where `has_car` was yes or no."""
    before, _, rest = TEXT.partition("  has_car:\n")
    text = before + CAR + rest.partition("  gender:")[2]
    text = text.replace(DRIVES, "car: {in: [own, lease]}")
    return text.replace("products:\n", BUS_PASS, 1).replace('version: "2026-11"', 'version: "next"')


def put_second_in_force(url: str) -> Published:
    """With a model that was trained for it, and bob; ann stays as the first catalogue read her."""
    text = second()
    catalogue = parse_catalogue(text, "next.yaml")
    files = artefact_files(
        vocabulary_of(catalogue),
        tuple(catalogue.products),
        features_digest=FeatureSpec.from_catalogue(catalogue).digest,
    )
    bob = person("bob", declares=catalogue.declares, attributes={"occupation": "employed"})
    with redis.Redis.from_url(url) as client:
        roll = Roll.call(["bob"], frozenset({"ann"}))
        return publish(client, [bob], pack_bundle(text, files), Publication(), roll=roll)


def spoken_of(said: dict[str, Any]) -> dict[str, str]:
    """Every product of an explained answer, and what was said of it."""
    shown = {one["product_id"]: "shown" for one in said["recommendations"] if one["product_id"]}
    return shown | {one["product_id"]: one["rule"] or one["stage"] for one in said["withheld"]}


def test_the_next_answers_come_by_a_second_catalogue(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    drives = {"occupation": "employed", "household": "single", "has_car": True}
    publish_bank(valkey.url, [person("ann", attributes=drives), person("bob")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            first = await service.ask("ann")
            explained = spoken_of(await service.ask("ann", "?explain=true"))
            assert "bus_pass" not in explained
            assert explained["car_insurance"] != "car_insurance.drives"

            published = put_second_in_force(valkey.url)
            await service.sees(published.version)

            for account_id in ("ann", "bob"):
                said = await service.ask(account_id)
                assert said["versions"]["catalogue"].startswith("next-")
                assert said["versions"] != first["versions"]
                assert said["degraded"] is False
                assert len(said["recommendations"]) == len(first["recommendations"])
            # of ann's car nothing is known any more: what is unknown passes no rule
            ann = spoken_of(await service.ask("ann", "?explain=true"))
            assert ann["car_insurance"] == "car_insurance.drives"
            assert ann["bus_pass"] == "bus_pass.no_car"
            assert service.decisions.tally.conformed > 0
            assert service.decisions.tally.unreadable == 0
            catalogue = await service.get("/v1/catalogue", service.key())
            assert "bus_pass" in catalogue.json()["products"]

    asyncio.run(scenario())


def test_an_answer_by_the_first_catalogue_is_never_served_again(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    publish_bank(valkey.url, [person("ann"), person("bob")])

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            first = await service.ask("ann")
            assert service.decisions.tally.cached == 1
            published = put_second_in_force(valkey.url)
            with redis.Redis.from_url(valkey.url) as client:
                kept = list(client.scan_iter(match="raak:{ann}:decision:*"))
                assert kept  # it is still there, for a worker that has yet to change over
            await service.sees(published.version)
            assert (await service.ask("ann"))["versions"] != first["versions"]
            assert service.decisions.tally.cached == 1
            assert keyspace.version_of(kept[0].decode()) != published.version

    asyncio.run(scenario())


def test_a_restarted_service_answers_from_what_an_older_version_put_in_force(
    valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    """Its levers are bare numbers, which nobody may publish any more."""
    lever = "{factor: 1.0, until: 2027-12-31, owner: marketing}"
    assert lever in TEXT
    text = TEXT.replace(lever, "1.5")
    first = publish_bank(valkey.url, [person("ann")])
    with redis.Redis.from_url(valkey.url) as client:
        content = msgspec.msgpack.decode(client.get(keyspace.bundle(first.version)), type=Bundle)
        version, old = pack_bundle(text, content.artefact)
        with pytest.raises(CatalogueError, match="a lever needs its last day"):
            publish(client, [person("ann")], (version, old), Publication())
        assert client.get(keyspace.LIVE) == first.version.encode()
        client.set(keyspace.bundle(version), old)
        client.set(keyspace.LIVE, version)

    async def scenario() -> None:
        async with served(valkey.url, tmp_path) as service:
            said = await service.ask("ann")
            assert said["degraded"] is False
            assert service.decisions.in_force().version == version
            assert said["recommendations"]

    asyncio.run(scenario())
