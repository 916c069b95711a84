"""How far responses insist that a level moves: as far as accounts agree beyond what chance makes.

Each account's answers pull at the moves of a level, this way or that. If nothing is to be learnt
the pulls of different accounts are unrelated, and their products cancel; if the moves are really
spread around 0, they add up, in proportion to the variance of that spread. So the prior's width
is learnt too (empirical Bayes), in one step and without a fit: the score statistic of a variance
component (Lin 1997, Biometrika 84:309), with an account's own products left out, because answers of
one person are alike for reasons that no token knows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from training.responses.rows import Responses

Floats = NDArray[np.float64]


def insistence(moves: csr_matrix, responses: Responses, odds: Floats, doubt: float) -> float:
    """The standard deviation of a level's moves, in log odds; 0 where responses do not insist.

    `moves` (n, moves) is what each would do to the log odds of each offer, `odds` (n,) what these
    are before. Agreement counts beyond `doubt` standard deviations of what chance makes.
    """
    chances = 1 / (1 + np.exp(-odds))
    errors = responses.taken - chances
    of_account = csr_matrix((errors, (responses.account, np.arange(len(responses)))))
    pulls = csr_matrix(of_account @ moves)
    whole = np.asarray(pulls.sum(axis=0)).ravel()
    agreement = whole @ whole - pulls.data @ pulls.data
    weighted = csr_matrix(moves.multiply(np.sqrt(chances * (1 - chances))[:, None]))
    information = csr_matrix(weighted.T @ weighted)
    size = information.data @ information.data
    beyond = agreement - doubt * np.sqrt(2 * size)
    return float(np.sqrt(beyond / size)) if beyond > 0 else 0.0
