"""Rounds of a fit: what is learnt now and what was learnt up to earlier weeks, and their mean.

With few rows a fit is chance in part: of its seed, of whom calibration holds out, and of what was
taken last week. The chance of a seed goes with the mean of several fits; that of a week, with the
mean of what would have been learnt then and in the weeks before, so that models of successive weeks
share most of what they are made of. It is all learnt anew from the tables of today: no artefact is
read, and what was erased is in none of it. Log odds are averaged, which keeps the mean a Model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from recommender.acceptance import Acceptance
from recommender.model import Model

Floats = NDArray[np.float64]
Moments = NDArray[np.datetime64]

WEEK = np.timedelta64(7, "D")


class RoundsConfig(BaseModel):
    """How many fits a model is the mean of; with `many_rows` it is one, of all rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    many_rows: int = Field(default=25_000, ge=0)
    """From here on another fit takes longer than it is worth."""
    weeks: int = Field(default=4, ge=1)
    """Rounds: all rows, those known a week ago, two weeks ago ..."""
    fits: int = Field(default=2, ge=1)
    """With seeds of their own, in each round. A week's seeds are those of every other week: what
    differs between two weeks is what happened between them."""

    def settled(self, rows: int) -> RoundsConfig:
        """For whoever tries the recipe of a model of `rows` rows on fewer of them: one fit, or as
        many as that model is the mean of.
        """
        return self.model_copy(update={"many_rows": 0 if rows >= self.many_rows else rows + 1})


def known(moments: Moments, *, weeks_ago: int) -> NDArray[np.bool_]:
    """(n,) whether each moment was past so many weeks before the end of the last one's day."""
    if not weeks_ago or not len(moments):
        return np.ones(len(moments), dtype=np.bool_)
    end = moments.max().astype("datetime64[D]") + np.timedelta64(1, "D")
    return np.asarray(moments < end - weeks_ago * WEEK)


def mean_model(models: Sequence[Model]) -> Model:
    """A model whose log odds are the mean of theirs; one alone is itself.

    Their factors stand side by side: vectors that were learnt apart do not add up. A token that one
    of them does not know adds nothing there. What responses taught them is not looked at.
    """
    first = models[0]
    if len(models) == 1:
        return first
    share = 1 / len(models)
    vocabulary = _together([model.vocabulary for model in models])
    vectors = [
        _over(vocabulary, model, share * model.calibration_scale * model.token_vectors)
        for model in models
    ]
    bias = [model.calibration_scale * model.product_bias for model in models]
    day, _, _ = first.version.rpartition("-")
    digest = hashlib.sha256(" ".join(model.version for model in models).encode())
    return replace(
        first,
        version=f"{day}-{digest.hexdigest()[:12]}",
        vocabulary=vocabulary,
        token_vectors=_as_stored(np.hstack(vectors)),
        product_vectors=np.hstack([model.product_vectors for model in models]),
        product_bias=_as_stored(np.mean(bias, axis=0)),
        calibration_scale=1.0,
        calibration_offset=_as_stored(np.mean([m.calibration_offset for m in models], axis=0)),
    )


def mean_acceptance(
    models: Sequence[Model], learnt: Sequence[Acceptance], vocabulary: Sequence[str]
) -> Acceptance:
    """What was learnt about each of `models`, as one about a model of `vocabulary`."""
    effects = [
        _over(vocabulary, model, own.effects) for model, own in zip(models, learnt, strict=True)
    ]
    return Acceptance(
        effects=_as_stored(np.mean(effects, axis=0)),
        bias=_as_stored(np.mean([own.bias for own in learnt], axis=0)),
    )


def _together(vocabularies: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Every token once: those of the first in its order, then what others know besides."""
    return tuple(dict.fromkeys(token for one in vocabularies for token in one))


def _over(vocabulary: Sequence[str], model: Model, table: Floats) -> Floats:
    """`table` by the model's tokens as one by `vocabulary`: 0 for tokens it does not know."""
    rows = {token: row for row, token in enumerate(vocabulary)}
    whole = np.zeros((len(vocabulary), table.shape[1]))
    whole[[rows[token] for token in model.vocabulary]] = table
    return whole


def _as_stored(array: Floats) -> Floats:
    stored: Floats = array.astype(np.float32).astype(np.float64)
    return stored
