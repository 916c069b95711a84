"""`raak publish`: from tables on disk to answers in Redis; one clear line for each bad input."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import redis
from click.testing import CliRunner, Result

import cli.publish
from cli.embedded import EmbeddedValkey, free_port
from cli.main import main
from recommender import keyspace
from recommender.artefact import ARRAYS, MANIFEST
from recommender.features import FeatureSpec
from recommender.live import read_bundle
from recommender.tombstone import FILE, digest, write_tombstones
from tests.recommender.bank import CATALOGUE_FILE, bank, vocabulary
from tests.recommender.models import artefact_files
from training.tables import write_tables
from training.world import generate

ACCOUNTS = 200


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    today = datetime.now(UTC).date()
    world = generate(bank(), accounts=ACCOUNTS, months=2, seed=1, until=today)
    write_tables(folder, world.frames())
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    digest = FeatureSpec.from_catalogue(bank()).digest
    files = artefact_files(vocabulary(), tuple(bank().products), features_digest=digest)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def publish(url: str, tables: Path, model: Path, *more: str) -> Result:
    rejects = model.parent / "rejects.csv"
    arguments = ["publish", "--tables", tables, "--model", model, "--rejects", rejects]
    if "--catalogue" not in more:
        arguments += ["--catalogue", CATALOGUE_FILE]
    return CliRunner(env={"RAAK_REDIS_URL": url}).invoke(main, [*map(str, arguments), *more])


def test_tables_become_accounts_and_answers_in_force(
    valkey: EmbeddedValkey, tables: Path, model: Path
) -> None:
    said = publish(valkey.url, tables, model, "--channel", "web", "--channel", "app")
    assert said.exit_code == 0, said.output
    with redis.Redis.from_url(valkey.url) as client:
        version = client.get(keyspace.LIVE)
        assert isinstance(version, bytes)
        assert f"in force: {version.decode()}" in said.output
        states = list(client.scan_iter(match="raak:{*}:state"))
        assert len(states) >= ACCOUNTS
        assert client.exists(keyspace.state("demo-student"))
        answers = list(client.scan_iter(match="raak:{demo-student}:decision:*"))
        assert len(answers) == 2


def test_a_rollback_while_it_works_is_not_undone_and_one_line_says_so(
    valkey: EmbeddedValkey, tables: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.set(keyspace.LIVE, "before")

        look_ahead = cli.publish.looked_ahead

        def looked_ahead(*told: Any) -> Any:
            client.set(keyspace.LIVE, "rolled-back-to")
            return look_ahead(*told)

        monkeypatch.setattr(cli.publish, "looked_ahead", looked_ahead)
        said = publish(valkey.url, tables, model)
        assert said.exit_code == 2, said.output
        (line,) = (one for one in said.output.splitlines() if one.startswith("error:"))
        assert "raak:live went from before to rolled-back-to while" in line
        assert client.get(keyspace.LIVE) == b"rolled-back-to"


def frames(tables: Path) -> dict[str, pd.DataFrame]:
    return {file.stem: pd.read_parquet(file) for file in tables.glob("*.parquet")}


def keep(made: dict[str, pd.DataFrame], accounts: Iterable[str], folder: Path) -> Path:
    """The same tables with these accounts only."""
    kept = set(accounts)
    left = {name: frame[frame["account_id"].isin(kept)] for name, frame in made.items()}
    write_tables(folder, left)
    return folder


def stored(client: redis.Redis) -> set[str]:
    return {keyspace.account_of(key.decode()) for key in client.scan_iter(match="raak:{*}:state")}


def test_tables_that_still_have_an_erased_account_are_published_without_it(
    valkey: EmbeddedValkey, tables: Path, model: Path, tmp_path: Path
) -> None:
    lagging = keep(frames(tables), ["demo-student", "demo-parents"], tmp_path / "lagging")
    (lagging / FILE).write_text(write_tombstones([digest("demo-student")]))
    said = publish(valkey.url, lagging, model)
    assert said.exit_code == 0, said.output
    assert "rows left out, their accounts being erased: accounts 1, holdings " in said.output
    with redis.Redis.from_url(valkey.url) as client:
        assert not client.exists(keyspace.state("demo-student"))
        assert client.exists(keyspace.state("demo-parents"))


def test_a_publication_of_far_fewer_accounts_writes_nothing_until_it_is_allowed(
    valkey: EmbeddedValkey, tables: Path, model: Path, tmp_path: Path
) -> None:
    assert publish(valkey.url, tables, model).exit_code == 0
    made = frames(tables)
    fewer = made["accounts"]["account_id"].tolist()[: ACCOUNTS // 2]
    # whoever is left speaks another language now, which must not be written
    made["accounts"]["language"] = made["accounts"]["language"].map({"en": "nl", "nl": "en"})
    half = keep(made, fewer, tmp_path / "half")
    with redis.Redis.from_url(valkey.url) as client:
        before = {key: client.dump(key) for key in client.scan_iter()}
        refused = publish(valkey.url, half, model)
        fails(refused, "nothing was written", "--allow-shrink")
        assert {key: client.dump(key) for key in client.scan_iter()} == before
        allowed = publish(valkey.url, half, model, "--allow-shrink")
        assert allowed.exit_code == 0, allowed.output
        assert stored(client) == set(fewer)


def test_whose_row_is_rejected_stays_while_those_who_left_go(
    valkey: EmbeddedValkey, tables: Path, model: Path, tmp_path: Path
) -> None:
    assert publish(valkey.url, tables, model).exit_code == 0
    made = frames(tables)
    everyone = made["accounts"]["account_id"].tolist()
    spoilt, gone = everyone[5], everyone[6]
    given = made["accounts"]["consent_marketing"].astype("boolean")
    made["accounts"]["consent_marketing"] = given.mask(given.index == 5)
    for name in made.keys() - {"accounts"}:
        made[name] = made[name][made[name]["account_id"] != spoilt]
    said = publish(valkey.url, keep(made, set(everyone) - {gone}, tmp_path / "less"), model)
    assert said.exit_code == 0, said.output
    assert "accounts that stay as they were, their rows being rejected: 1" in said.output
    with redis.Redis.from_url(valkey.url) as client:
        assert stored(client) == set(everyone) - {gone}


def test_a_rejected_row_that_does_not_say_whose_it_is_lets_nobody_go(
    valkey: EmbeddedValkey, tables: Path, model: Path, tmp_path: Path
) -> None:
    assert publish(valkey.url, tables, model).exit_code == 0
    made = frames(tables)
    everyone = made["accounts"]["account_id"].tolist()
    less = keep(made, everyone[2:], tmp_path / "less")
    nameless = made["accounts"].iloc[1:].assign(account_id=["", *everyone[2:]])
    write_tables(less, {"accounts": nameless})
    said = publish(valkey.url, less, model)
    assert said.exit_code == 0, said.output
    assert (
        "every absent account stays: rejected rows of accounts that do not say whose they are: 1"
        in said.output
    )
    with redis.Redis.from_url(valkey.url) as client:
        assert stored(client) == set(everyone)


def fails(said: Result, *words: str) -> None:
    """One clear line a mistake, no traceback, and an exit code for bad input."""
    assert said.exit_code == 2, said.output
    assert "Traceback" not in said.output
    for word in words:
        assert word in said.output


def test_a_tampered_artefact_is_named(valkey: EmbeddedValkey, tables: Path, model: Path) -> None:
    arrays = model / ARRAYS
    content = arrays.read_bytes()
    arrays.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    fails(publish(valkey.url, tables, model), ARRAYS, "sha256")


def test_a_truncated_artefact_is_named(valkey: EmbeddedValkey, tables: Path, model: Path) -> None:
    arrays = model / ARRAYS
    arrays.write_bytes(arrays.read_bytes()[:100])
    fails(publish(valkey.url, tables, model), ARRAYS, "truncated")


def test_an_artefact_of_another_schema_is_refused(
    valkey: EmbeddedValkey, tables: Path, model: Path
) -> None:
    manifest = model / MANIFEST
    manifest.write_text(manifest.read_text().replace('"schema":2', '"schema":99'))
    fails(publish(valkey.url, tables, model), "schema 99")


def test_a_missing_artefact_file_is_named(
    valkey: EmbeddedValkey, tables: Path, model: Path
) -> None:
    (model / ARRAYS).unlink()
    fails(publish(valkey.url, tables, model), str(model / ARRAYS))


def test_a_missing_table_is_named(valkey: EmbeddedValkey, tmp_path: Path, model: Path) -> None:
    (tmp_path / "empty").mkdir()
    fails(publish(valkey.url, tmp_path / "empty", model), "accounts")


def test_mistakes_in_the_catalogue_carry_the_files_own_name(
    valkey: EmbeddedValkey, tables: Path, model: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "mine.yaml"
    wrong.write_text(
        CATALOGUE_FILE.read_text(encoding="utf-8").replace("domain: housing", "domain: hosing")
    )
    said = publish(valkey.url, tables, model, "--catalogue", str(wrong))
    fails(said, "mine.yaml:", "did you mean 'housing'?")


def test_an_unknown_placement_is_told_before_the_tables_are_read(
    valkey: EmbeddedValkey, tmp_path: Path, model: Path
) -> None:
    said = publish(valkey.url, tmp_path, model, "--placement", "hoem")
    fails(said, "unknown placement 'hoem'", "did you mean 'home'?")


def test_a_redis_that_is_not_there_is_one_line(tables: Path, model: Path) -> None:
    said = publish(f"redis://127.0.0.1:{free_port()}/0", tables, model)
    fails(said, "Redis failed while publishing")


MORTGAGE = "applies_to: {products: [mortgage]}"
BAD_POLICIES = {
    "a circle of named rules": (
        "rules:\n  a: {when: {rule: b}}\n  b: {when: {not: {rule: a}}}\n",
        ":2 rules.a.when.rule: a rule cannot rest on itself: a -> b -> a",
    ),
    "a product that nobody can get": (
        f"policies:\n  - {{id: minors, stage: eligible, {MORTGAGE}, when: {{age: {{below: 18}}}}}}",
        ":2 policies[0]: nobody can ever get 'mortgage': mortgage.adult and policy.minors",
    ),
    "a name that nobody knows": (
        "policies:\n  - {id: a, stage: suitable, applies_to: all, when: {open_case: complain}}\n",
        ":2 policies[0].when.open_case: unknown case kind 'complain'; did you mean 'complaint'?",
    ),
    "an attribute for audit": (
        "policies:\n  - {id: a, stage: suitable, applies_to: all, when: {gender: {is: f}}}\n",
        ":2 policies[0].when.gender: attribute 'gender' may not be used by a rule",
    ),
    "a lever out of bounds": (
        "levers:\n  product:\n    mortgage: {factor: 11, until: 2099-12-31, owner: us}\n",
        ":3 levers.product.mortgage.factor: input should be less than or equal to 10",
    ),
    "a lever that nobody answers for": (
        "levers:\n  product: {mortgage: 1.5}\n",
        ":2 levers.product.mortgage: a lever needs its last day and who answers for it",
    ),
    "a policy set that has ended": (
        "policy_set: {owner: risk, valid_to: 2026-01-31}\n",
        ":1 policy_set.valid_to: this policy set ended on 2026-01-31",
    ),
    "an assertion that is not true": (
        "assertions:\n  - never: {product: savings_account, when: {age: {below: 18}}}\n",
        ":2 assertions[0].never: product 'savings_account' is possible for somebody",
    ),
}


def test_a_bad_policy_is_refused_with_file_path_and_reason_and_nothing_changes(
    valkey: EmbeddedValkey, tables: Path, model: Path, tmp_path: Path
) -> None:
    assert publish(valkey.url, tables, model).exit_code == 0
    file = tmp_path / "new.yaml"
    with redis.Redis.from_url(valkey.url) as client:
        before = {key: client.dump(key) for key in client.scan_iter()}
        for policies, said in BAD_POLICIES.values():
            file.write_text(policies)
            fails(publish(valkey.url, tables, model, "--policy", str(file)), f"{file}{said}")
            assert {key: client.dump(key) for key in client.scan_iter()} == before


def test_a_policy_file_is_put_in_force_with_the_catalogue_as_one_text(
    valkey: EmbeddedValkey, tables: Path, model: Path, tmp_path: Path
) -> None:
    file = tmp_path / "new.yaml"
    file.write_text(
        "policy_set: {owner: risk}\n"
        "policies:\n  - {id: closed, stage: eligible, applies_to: all, when: {age: {is: 130}}}\n"
        "assertions:\n  - never: {product: savings_account, when: {age: {below: 100}}}\n"
    )
    said = publish(valkey.url, tables, model, "--policy", str(file))
    assert said.exit_code != 0  # nobody of 130 may have a student account, a pension ...
    file.write_text(file.read_text().replace("applies_to: all", "applies_to: {domains: [saving]}"))
    said = publish(valkey.url, tables, model, "--policy", str(file))
    assert said.exit_code == 0, said.output
    with redis.Redis.from_url(valkey.url) as client:
        version = client.get(keyspace.LIVE)
        content = client.get(keyspace.bundle(version.decode())) if version else b""
    assert isinstance(version, bytes)
    assert isinstance(content, bytes)
    live = read_bundle(version.decode(), content)
    assert [policy.id for policy in live.catalogue.policies] == ["closed"]
    assert live.catalogue.policy_set.owner == "risk"
