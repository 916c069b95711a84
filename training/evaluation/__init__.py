"""How good a scorer is: metrics on held-out rows, with intervals, beside every baseline."""

from training.evaluation.bootstrap import Estimate
from training.evaluation.scorer import Scorer, over_not_held
from training.evaluation.view import Metrics, View, evaluate

__all__ = ["Estimate", "Metrics", "Scorer", "View", "evaluate", "over_not_held"]
