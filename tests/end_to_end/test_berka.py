"""The whole chain on a real bank: Berka's tables in, recommendations out of a live API."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from bench.berka import load
from bench.figures import Skipped, shared_data
from cli.demo.access import Access
from cli.demo.api import Api
from cli.demo.build import newest_model
from cli.demo.service import HOST, running_service
from cli.embedded import EmbeddedValkey, free_port
from cli.main import main
from training.tables import write_tables


class Trained(NamedTuple):
    tables: Path
    catalogue: Path
    model: Path
    frames: dict[str, pd.DataFrame]


def raak(*arguments: object, **settings: str) -> None:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], env=settings)
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    try:
        catalogue, frames = load(shared_data("berka"))
    except Skipped as absent:
        pytest.skip(str(absent))
    folder = tmp_path_factory.mktemp("berka")
    file = folder / "catalogue.yaml"
    declared = catalogue.model_dump(mode="json", by_alias=True, exclude_unset=True)
    file.write_text(yaml.safe_dump(declared, sort_keys=False), encoding="utf-8")
    write_tables(folder / "tables", frames)
    models = folder / "models"
    raak(
        "train", "--tables", folder / "tables", "--catalogue", file, "--out", models, "--no-report"
    )
    return Trained(folder / "tables", file, newest_model(models), frames)


def test_every_account_asked_gets_offers_it_does_not_hold(
    trained: Trained, valkey: EmbeddedValkey, tmp_path: Path
) -> None:
    source = ("--tables", trained.tables, "--model", trained.model)
    raak("publish", *source, "--catalogue", trained.catalogue, RAAK_REDIS_URL=valkey.url)
    access, port = Access.fresh(tmp_path), free_port()
    held = trained.frames["holdings"].groupby("account_id")["product_id"].agg(set)
    with running_service(port, {"RAAK_REDIS_URL": valkey.url} | access.settings()):
        back_end = Api(f"http://{HOST}:{port}", {"X-API-Key": access.api_key})
        for account_id in held.index[:50]:
            reply = back_end.recommendations(account_id, channel="branch", language="en")
            assert reply.status == 200
            assert reply.body["degraded"] is False
            shown = reply.body["recommendations"]
            offered = {item["product_id"] for item in shown if item["kind"] == "offer"}
            assert offered
            assert offered.isdisjoint(held[account_id])
            assert all(0 < item["propensity"] < 1 for item in shown if item["kind"] == "offer")
