"""From responses to what people accept: a table of tokens by products, near what the model knows.

The log odds of accepting are a sum over the account's tokens, as the model's are. They start as the
model's own (what is taken next) and move as far as responses insist, on the levels of a hierarchy:
each product, how far each kind of token is trusted, kinships (looking at a product and taking it,
whatever product it is), each token within a domain, and last each token and product. Each move is
normal around 0, so this is ridge logistic regression. How wide each level's normal is, responses
say themselves (see `insistence`): where they bear out the model, its order stays.

Which product and whether any are two questions. Who looks into three things at once accepts each
of them less often than the tokens' sum would say; were that left to the moves, they would trust
looking less, and rank worse. So which is learnt beside the chance of being next, where products
compete; how likely each is at all is learnt afterwards, on the sum that serves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack

from recommender.acceptance import Acceptance
from recommender.catalogue import Catalogue
from recommender.model import LARGEST_TABLE, Model
from training.responses.insistence import insistence
from training.responses.known import Known
from training.responses.levels import Levels, beside
from training.responses.rows import Responses
from training.rounds import known, mean_acceptance

Floats = NDArray[np.float64]


class AcceptanceConfig(BaseModel):
    """How far responses may move each level: standard deviations of its prior, in log-odds.

    `overall` and `token` say whether anything is accepted, and are as wide as they say; the others
    say which, and are no wider than responses insist.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    least_taken: int = Field(default=30, ge=1)
    """With fewer offers taken there is nothing to learn, and the model ranks as without."""
    doubt: float = Field(default=1.0, ge=0)
    """How many standard deviations of chance accounts must agree beyond before a level moves."""
    overall: float = Field(default=10.0, gt=0)
    token: float = Field(default=0.1, gt=0)
    product: float = Field(default=0.5, gt=0)
    trust: float = Field(default=0.3, gt=0)
    """How far the share that is kept of what a kind of token says (1 before any response) moves."""
    kin: float = Field(default=0.3, gt=0)
    domain: float = Field(default=0.1, gt=0)
    pair: float = Field(default=0.05, gt=0)

    def widest(self, level: str) -> float:
        """The standard deviation that a level cannot pass."""
        width: float = getattr(self, level)
        return width


def with_acceptance(
    model: Model,
    rounds: Sequence[Model],
    responses: Responses,
    catalogue: Catalogue,
    config: AcceptanceConfig,
) -> Model:
    """`model` with what was learnt from `responses`, under a version of its own; or as it is.

    `model` is the mean of its `rounds`, of which each was learnt a week earlier than the one
    before. Each learns from the responses of its time, and the mean of what they learnt serves.
    """
    learnt = _of_rounds(rounds, responses, catalogue, config)
    if not learnt:
        return model
    acceptance = mean_acceptance(rounds, learnt, model.vocabulary)
    digest = hashlib.sha256(model.version.encode())
    for array in (acceptance.effects, acceptance.bias):
        digest.update(array.tobytes())
    day, _, _ = model.version.rpartition("-")
    return replace(model, acceptance=acceptance, version=f"{day}-{digest.hexdigest()[:12]}")


def _of_rounds(
    rounds: Sequence[Model], responses: Responses, catalogue: Catalogue, config: AcceptanceConfig
) -> list[Acceptance]:
    """Of each round; from the oldest responses that were enough, where its own were not."""
    learnt: list[Acceptance] = []
    for weeks_ago, model in enumerate(rounds):
        then = responses.take(known(responses.moment, weeks_ago=weeks_ago))
        if then.taken.sum() >= config.least_taken:
            responses = then
        found = learn_acceptance(responses, model, catalogue, config)
        if found is None:  # too few, or too large a table
            return []
        learnt.append(found)
    return learnt


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
    columns = np.array([model.columns[product] for product in catalogue.products])
    offers = _Offers(_cells(present, responses, columns), responses)
    known = Known.of(model, present, responses, columns)
    levels = Levels.of(model, catalogue, known.table)
    whether = beside([config.widest(name) * level for name, level in levels.whether.items()])
    table = known.table.ravel() + _which(offers, known.log_chance, whether, levels, config)
    table += whether @ offers.fit(offers.cells @ table, whether)
    stored = table.reshape(known.table.shape).astype(np.float32).astype(np.float64)
    return Acceptance(effects=stored[:-1], bias=stored[-1])


def _which(
    offers: _Offers, next_is: Floats, whether: csr_matrix, levels: Levels, config: AcceptanceConfig
) -> Floats:
    """(cells,): how far the table moves, but for what moves all products alike.

    From coarse to fine: what a level explains, a finer one need not.
    """
    found = [whether]
    gone = offers.fit(next_is, whether)
    for name, level in levels.which.items():
        odds = next_is + offers.cells @ (beside(found) @ gone)
        insisted = insistence(offers.cells @ level, offers.responses, odds, config.doubt)
        if insisted:
            found.append(min(insisted, config.widest(name)) * level)
            gone = offers.fit(next_is, beside(found), begun=gone)
    alike = whether.shape[1]
    which: Floats = beside(found)[:, alike:] @ gone[alike:]
    return which


@dataclass(frozen=True, eq=False)
class _Offers:
    """`cells` (n, cells) is 1 at each cell of the table that an offer's log odds add up."""

    cells: csr_matrix
    responses: Responses

    def fit(self, start: Floats, moves: csr_matrix, begun: Floats | None = None) -> Floats:
        """(moves,): how far each way of moving is gone from log odds of `start` (n,).

        The mode, given what was taken and a standard normal prior. `begun` is how far the first of
        them are known to be gone already, which saves most of the way.
        """
        taken = self.responses.taken
        across, back = csr_matrix(self.cells.T), csr_matrix(moves.T)

        def loss(gone: Floats) -> tuple[float, Floats]:
            odds = start + self.cells @ (moves @ gone)
            value = np.logaddexp(0, odds).sum() - odds[taken].sum() + 0.5 * (gone @ gone)
            errors = 1 / (1 + np.exp(-odds)) - taken
            return float(value), back @ (across @ errors) + gone

        first = np.zeros(moves.shape[1])
        if begun is not None:
            first[: len(begun)] = begun
        found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": 500})
        return np.asarray(found.x)


def _present(responses: Responses, model: Model) -> csr_matrix:
    """(n, T + 1): 1 for each token that the model knows and an account had, and for everyone."""
    columns = {token: column for column, token in enumerate(responses.vocabulary)}
    tokens = responses.tokens[:, [columns[token] for token in model.vocabulary]]
    everyone = csr_matrix(np.ones((len(responses), 1)))
    return csr_matrix(hstack([tokens, everyone], dtype=np.float64))


def _cells(present: csr_matrix, responses: Responses, columns: NDArray[np.int64]) -> csr_matrix:
    """(n, cells): the tokens present, each at the column of the product that was shown."""
    product = np.repeat(columns[responses.product], np.diff(present.indptr))
    cells = present.indices.astype(np.int64) * len(columns) + product
    width = present.shape[1] * len(columns)
    return csr_matrix((present.data, cells, present.indptr), shape=(len(responses), width))
