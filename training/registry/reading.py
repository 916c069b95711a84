"""How a model reads rows that another catalogue's vocabulary describes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recommender.acceptance import Acceptance
from recommender.model import Model


def reading(model: Model, vocabulary: Sequence[str]) -> tuple[Model, list[int]]:
    """The model without the tokens that `vocabulary` lacks, and the columns of those it keeps."""
    columns = {token: column for column, token in enumerate(vocabulary)}
    known = [place for place, token in enumerate(model.vocabulary) if token in columns]
    kept = tuple(model.vocabulary[place] for place in known)
    accepts = model.acceptance
    if accepts is not None:
        accepts = Acceptance(effects=accepts.effects[known], bias=accepts.bias)
    model = replace(
        model,
        vocabulary=kept,
        token_vectors=model.token_vectors[known],
        acceptance=accepts,
    )
    return model, [columns[token] for token in kept]
