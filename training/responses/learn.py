"""From responses to what people accept: a table of tokens by products, near what the model knows.

The log odds of accepting are a sum over the account's tokens, as the model's are. They start as the
model's own (what is taken next) and move as far as the responses insist, each way of moving as far
as its prior lets it: all products alike, each product, each token for all products, how far each
kind of token is trusted, kinships (looking at a product and taking it, whatever product it is),
each token within a domain, and last each token and product. Every one is normal around 0, so this
is ridge logistic regression on the levels of a hierarchy: with no responses it is the model's own
order, and with few it moves what all of them have in common.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack, identity, kron
from scipy.special import softmax

from recommender.acceptance import Acceptance
from recommender.catalogue import Catalogue
from recommender.model import LARGEST_TABLE, Model
from training.kinship import kinships
from training.responses.rows import Responses

Floats = NDArray[np.float64]


class AcceptanceConfig(BaseModel):
    """How far responses may move each level: standard deviations of its prior, in log-odds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    least_taken: int = Field(default=30, ge=1)
    """With fewer offers taken there is nothing to learn, and the model ranks as without."""
    overall: float = Field(default=10.0, gt=0)
    product: float = Field(default=0.5, gt=0)
    token: float = Field(default=0.1, gt=0)
    trust: float = Field(default=0.3, gt=0)
    """How far the share that is kept of what a kind of token says (1 before any response) moves."""
    kin: float = Field(default=0.3, gt=0)
    domain: float = Field(default=0.1, gt=0)
    pair: float = Field(default=0.05, gt=0)


def with_acceptance(
    model: Model, responses: Responses, catalogue: Catalogue, config: AcceptanceConfig
) -> Model:
    """`model` with what was learnt from `responses`, under a version of its own; or as it is."""
    learnt = learn_acceptance(responses, model, catalogue, config)
    if learnt is None:
        return model
    digest = hashlib.sha256(model.version.encode())
    for array in (learnt.effects, learnt.bias):
        digest.update(array.tobytes())
    day, _, _ = model.version.rpartition("-")
    return replace(model, acceptance=learnt, version=f"{day}-{digest.hexdigest()[:12]}")


def learn_acceptance(
    responses: Responses, model: Model, catalogue: Catalogue, config: AcceptanceConfig
) -> Acceptance | None:
    """What `responses` say about `model`; None when they are too few to say anything.

    Equal arguments give equal arrays, in float32's precision, as they will be read back.
    """
    size = (len(model.vocabulary) + 1) * len(model.products)
    if responses.taken.sum() < config.least_taken or size > LARGEST_TABLE:
        return None
    present = _present(responses, model)
    known = _known(model, present)
    moves = _moves(model, catalogue, known, config)
    shown = _cells(present, responses, model, catalogue)
    table = (known.ravel() + moves @ _fit(shown, responses.taken, known.ravel(), moves)).reshape(
        known.shape
    )
    stored = table.astype(np.float32).astype(np.float64)
    return Acceptance(effects=stored[:-1], bias=stored[-1])


def _known(model: Model, present: csr_matrix) -> Floats:
    """(T + 1, P): the model's own log odds of each token, and in the last row everyone's.

    What raises all products together says nothing of which is next, and is taken off: the mean
    over the products, each by its average share of what these accounts take next.
    """
    scale = model.calibration_scale
    everyone = model.product_bias * scale + model.calibration_offset
    table = np.vstack([scale * model.token_vectors @ model.product_vectors.T, everyone])
    shares = softmax(present @ table, axis=1).mean(axis=0)
    less: Floats = table - (table @ shares)[:, None]
    return less


def _present(responses: Responses, model: Model) -> csr_matrix:
    """(n, T + 1): 1 for each token that the model knows and an account had, and for everyone."""
    columns = {token: column for column, token in enumerate(responses.vocabulary)}
    tokens = responses.tokens[:, [columns[token] for token in model.vocabulary]]
    everyone = csr_matrix(np.ones((len(responses), 1)))
    return csr_matrix(hstack([tokens, everyone], dtype=np.float64))


def _moves(
    model: Model, catalogue: Catalogue, known: Floats, config: AcceptanceConfig
) -> csr_matrix:
    """(cells, moves): the ways in which the table (T + 1, P) can move, by a standard deviation."""
    tokens, products = known.shape[0] - 1, known.shape[1]
    everyone = csr_matrix(np.eye(tokens + 1)[:, [-1]])
    each = identity(tokens + 1, format="csr")[:, :-1]
    all_products = csr_matrix(np.ones((products, 1)))
    kin = csr_matrix(kinships(model.vocabulary, model.products, catalogue).T.astype(np.float64))
    nobody = csr_matrix((products, kin.shape[1]))
    levels = (
        (config.overall, kron(everyone, all_products)),
        (config.product, kron(everyone, identity(products))),
        (config.token, kron(each, all_products)),
        (config.trust, _by_kind(model.vocabulary, known)),
        (config.kin, csr_matrix(np.vstack([kin.toarray(), nobody.toarray()]))),
        (config.domain, kron(each, _domains(model.products, catalogue))),
        (config.pair, kron(each, identity(products))),
    )
    return csr_matrix(hstack([deviation * level for deviation, level in levels]))


def _by_kind(vocabulary: Sequence[str], known: Floats) -> csr_matrix:
    """(cells, kinds): what the model knows, by kind of token (age, holds, views ...)."""
    kinds = np.array([*(token.partition(":")[0] for token in vocabulary), ""])
    return csr_matrix(
        np.column_stack(
            [np.where((kinds == kind)[:, None], known, 0.0).ravel() for kind in np.unique(kinds)]
        )
    )


def _domains(products: Sequence[str], catalogue: Catalogue) -> csr_matrix:
    """(P, domains): 1 where a product is of a domain."""
    own = np.array([catalogue.products[product].domain for product in products])
    return csr_matrix((own[:, None] == np.unique(own)).astype(np.float64))


def _cells(
    present: csr_matrix, responses: Responses, model: Model, catalogue: Catalogue
) -> csr_matrix:
    """(n, cells): 1 at each cell of the table that an offer's log odds add up."""
    place = np.array([model.columns[product] for product in catalogue.products])
    product = np.repeat(place[responses.product], np.diff(present.indptr))
    cells = present.indices.astype(np.int64) * len(model.products) + product
    width = present.shape[1] * len(model.products)
    return csr_matrix((present.data, cells, present.indptr), shape=(len(responses), width))


def _fit(
    shown: csr_matrix, taken: NDArray[np.bool_], known: Floats, moves: csr_matrix
) -> NDArray[np.float64]:
    """How far each way of moving is gone: the mode, given `taken` and a standard normal prior."""
    start, across = shown @ known, csr_matrix(shown.T)
    back = csr_matrix(moves.T)

    def loss(gone: Floats) -> tuple[float, Floats]:
        odds = start + shown @ (moves @ gone)
        value = np.logaddexp(0, odds).sum() - odds[taken].sum() + 0.5 * (gone @ gone)
        errors = 1 / (1 + np.exp(-odds)) - taken
        return float(value), back @ (across @ errors) + gone

    found = minimize(
        loss, np.zeros(moves.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500}
    )
    return np.asarray(found.x)
