"""What is in force: catalogue, policies and model, each with its version, bound together.

A bundle is that same thing as bytes: one value to publish, verify and swap.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

import msgspec

from recommender.account import Account
from recommender.alerts.lookout import Lookout
from recommender.arbitration import Stake, stakes
from recommender.artefact import read_artefact
from recommender.cards import Card, cards_of
from recommender.catalogue import Catalogue, Rule, read_again
from recommender.catalogue.alerts import zone_of
from recommender.catalogue.terms import on_day, turning_days
from recommender.days import Days
from recommender.decision import Versions
from recommender.errors import ArtefactError
from recommender.features import FeatureSpec
from recommender.funnel import Funnel
from recommender.journeys import Journeys
from recommender.model import Model
from recommender.reasons import Gains, Reason, gains_of, sayable_tokens
from recommender.rules import why_not
from recommender.rules.facts import Facts
from recommender.situation import facts_at
from recommender.tokens import Remembered, Tokens
from recommender.words import built_in

SHORT = 16
"""Hex digits of a digest that make a version: short enough for a key, far too many to collide."""


class Bundle(msgspec.Struct, frozen=True, array_like=True):
    """The catalogue as people wrote it, and the artefact's files by name."""

    catalogue: str
    artefact: dict[str, bytes]

    def pack(self) -> bytes:
        return msgspec.msgpack.encode(self, order="sorted")

    @staticmethod
    def unpack(content: bytes) -> Bundle:
        """Raises msgspec.DecodeError."""
        return _decoder.decode(content)


_decoder = msgspec.msgpack.Decoder(Bundle)


@dataclass(frozen=True, eq=False)
class Live:
    """Catalogue, model and their compiled funnel. `version` is the digest of all of it."""

    version: str
    catalogue: Catalogue
    model: Model
    versions: Versions
    features: FeatureSpec
    funnel: Funnel

    @classmethod
    def assemble(cls, catalogue: Catalogue, model: Model, version: str | None = None) -> Live:
        """Bind a catalogue and a model.

        Raises:
            ArtefactError: the model was trained on other feature declarations, or knows products
                that the catalogue does not have.
        """
        features = FeatureSpec.from_catalogue(catalogue)
        if features.digest != model.features_digest:
            raise ArtefactError(
                f"model {model.version} was trained on other features than catalogue "
                f"{catalogue.name} {catalogue.version} declares; train again with this catalogue"
            )
        unknown = sorted(set(model.products) - set(catalogue.products))
        if unknown:
            raise ArtefactError(
                f"model {model.version} knows products that catalogue {catalogue.name} "
                f"{catalogue.version} does not have: {', '.join(unknown)}; "
                "train again, or retire a product with `on_sale: {until: ...}` instead of "
                "removing it"
            )
        both = f"{catalogue.digest} {model.version}".encode()
        return cls(
            version=version or hashlib.sha256(both).hexdigest()[:SHORT],
            catalogue=catalogue,
            model=model,
            versions=Versions(
                model=model.version,
                policy=catalogue.digest[:SHORT],
                catalogue=f"{catalogue.version}-{catalogue.digest[:SHORT]}",
            ),
            features=features,
            funnel=Funnel.compile(catalogue),
        )

    def on(self, day: date) -> Live:
        """This with only what is in force on `day`; itself where nothing ever begins or ends."""
        turns = self._turns
        if not turns:
            return self
        stretch = bisect_right(turns, day)
        found = self._stretches.get(stretch)
        if found is None:
            catalogue = on_day(self.catalogue, day)
            found = replace(self, catalogue=catalogue, funnel=Funnel.compile(catalogue))
            self._stretches[stretch] = found
        return found

    @cached_property
    def _turns(self) -> tuple[date, ...]:
        return turning_days(self.catalogue)

    @cached_property
    def _stretches(self) -> dict[int, Live]:
        return {}

    @cached_property
    def days(self) -> Days:
        """The bank's days, by which ages, terms and levers turn."""
        return Days(zone_of(self.catalogue.timezone))

    @cached_property
    def journeys(self) -> Journeys:
        return Journeys.of(self.catalogue)

    def facts(self, account: Account, at: datetime) -> Facts:
        """What rules and features look at, of an account as it stands at `at` (aware UTC)."""
        half_life_days = self.catalogue.interest.half_life_days
        return facts_at(account, at, self.days, half_life_days, self.journeys)

    @cached_property
    def tokens(self) -> Tokens:
        """From an account's facts to its tokens."""
        return Tokens(self.features)

    @cached_property
    def lookout(self) -> Lookout:
        """From an account to its alerts."""
        return Lookout.of(self.catalogue)

    def stakes(self, placement: str) -> dict[str, Stake]:
        """What is at stake for each offer and each guidance in a placement of the catalogue."""
        found = self._stakes.get(placement)
        if found is None:
            weights = self.catalogue.placements[placement].weights
            found = stakes(self.funnel.competing, self.model.columns, weights)
            self._stakes[placement] = found
        return found

    @cached_property
    def _stakes(self) -> dict[str, dict[str, Stake]]:
        return {}

    @cached_property
    def gains(self) -> Mapping[str, Gains]:
        """By product, the tokens that may be given as a reason for it, the strongest first."""
        sayable = tuple(self.sayable)
        return Remembered(lambda product_id: gains_of(product_id, sayable, self.model))

    @cached_property
    def sayable(self) -> dict[str, dict[str, Reason]]:
        """Tokens that may be given as a reason, with the reason per language."""
        return sayable_tokens(self.model.vocabulary, self.catalogue)

    @cached_property
    def numbered(self) -> dict[str, int]:
        """The number of each token that may be given as a reason, from 1 on."""
        return {token: number for number, token in enumerate(self.sayable, start=1)}

    @cached_property
    def reasons(self) -> dict[str, dict[str, Reason]]:
        """By language, the reason that each of these tokens is."""
        return {
            language: {
                token: words[language] for token, words in self.sayable.items() if language in words
            }
            for language in self.catalogue.languages
        }

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        own = {
            f"{product_id}.{rule.id}": rule
            for product_id, product in self.catalogue.products.items()
            for rule in (*product.eligible, *product.suitability)
        }
        return own | {f"policy.{policy.id}": policy for policy in self.catalogue.policies}

    def explain_rule(self, rule_id: str, facts: Facts, language: str) -> str:
        """Why the rule withheld something from someone in this situation, in plain words."""
        rule = self._rules.get(rule_id)
        if rule is None:
            return built_in(rule_id, language) or rule_id
        if rule.text is not None:
            return rule.text[language]
        return why_not(rule.when, facts, language, self.catalogue)

    @cached_property
    def cards(self) -> Mapping[str, Mapping[str, Card]]:
        """What is written on an action, by the language and its id."""
        return cards_of(self.catalogue)

    @cached_property
    def repeatable(self) -> frozenset[str]:
        """Products that may be held more than once, so holding one does not rule it out."""
        return frozenset(
            product_id
            for product_id, product in self.catalogue.products.items()
            if product.repeatable
        )


def pack_bundle(catalogue: str, artefact: Mapping[str, bytes]) -> tuple[str, bytes]:
    """The version and the bytes of a bundle; equal content gives equal versions."""
    content = Bundle(catalogue, dict(artefact)).pack()
    return hashlib.sha256(content).hexdigest()[:SHORT], content


def open_bundle(version: str, content: bytes) -> Bundle:
    """What `pack_bundle` packed; what is inside is not looked at yet.

    Raises:
        ArtefactError: the bytes are not those of `version`.
    """
    if hashlib.sha256(content).hexdigest()[:SHORT] != version:
        raise ArtefactError(f"bundle {version}: its content has another digest; publish again")
    try:
        return Bundle.unpack(content)
    except msgspec.DecodeError as error:
        raise ArtefactError(f"bundle {version}: {error}; publish again") from None


def read_bundle(version: str, content: bytes) -> Live:
    """What `pack_bundle` packed, verified from the outside in.

    An older version of Raak may have done so, so nothing is asked of it that only a catalogue to be
    put in force has to answer: whoever does that parses it first.

    Raises:
        ArtefactError: the bytes are not those of `version`, or the artefact inside is damaged.
        CatalogueError: the catalogue cannot be understood.
    """
    bundle = open_bundle(version, content)
    catalogue = read_again(bundle.catalogue)
    return Live.assemble(catalogue, read_artefact(bundle.artefact), version)
