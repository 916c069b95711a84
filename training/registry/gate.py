"""The gate: is the challenger good enough to replace the champion? A refusal names the numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from scipy.stats import norm

from training.baselines.popularity import LifeStagePopularity
from training.evaluation import Estimate
from training.evaluation.bootstrap import resampled_means
from training.evaluation.metrics import Floats
from training.registry.answers import Answers
from training.registry.finding import Finding, Verdict, words
from training.registry.measure import Measured
from training.registry.trial import TrialRows

Flags = NDArray[np.bool_]

CHAMPION = "the champion"
POPULARITY = "popularity within life stage"
CHANCE = "chance"

CALIBRATION = "calibration error"

HIGHER_IS_BETTER = ("nDCG@5", "coverage@3")


class GateConfig(BaseModel):
    """How much worse a challenger may be, and where suspicion begins.

    A life stage counts against it only beyond its margin *and* beyond chance, since the few rows of
    one stage swing by themselves.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ndcg_margin: float = Field(default=0.01, ge=0)
    """nDCG@5 below the champion's."""
    log_loss_margin: float = Field(default=0.03, ge=0)
    """Log loss above the champion's."""
    calibration_margin: float = Field(default=0.03, ge=0)
    """Calibration error above the champion's."""
    coverage_margin: float = Field(default=0.15, ge=0)
    """Share of the products that reach somebody's first three, below the champion's."""
    stage_ndcg_margin: float = Field(default=0.03, ge=0)
    """nDCG@5 below the champion's, or popularity's, on the rows of one life stage."""
    largest_calibration_error: float = Field(default=0.05, gt=0)
    """Of a first model too, which has no champion to be compared with. Like every calibration error
    here it is what lies beyond chance."""
    largest_gain: float = Field(default=0.15, gt=0)
    """nDCG@5 above the champion's that an honest retraining does not bring: a leak, until
    somebody says why not."""
    least_rows: int = Field(default=100, ge=1)
    least_stage_rows: int = Field(default=25, ge=2)
    resamples: int = Field(default=300, ge=2)
    answers_log_loss_margin: float = Field(default=0.01, ge=0)
    """Log loss of whether an offer is taken, above the champion's, where both have learnt that. It
    is itself some .2 where one offer of twenty is taken: far less than of what is taken next."""
    answers_order_margin: float = Field(default=0.02, ge=0)
    """The chance that an offer that was taken stands above one that was not (AUC), below the
    champion's. Like log loss, this counts against it only beyond its margin and beyond chance."""
    least_offers: int = Field(default=200, ge=2)
    """With fewer offers shown, answers are not judged."""
    least_taken: int = Field(default=30, ge=1)
    """Nor with fewer of them taken, or fewer not taken."""

    def margins(self) -> dict[str, float]:
        """How far each figure may be on the wrong side of the champion's."""
        return {
            "nDCG@5": self.ndcg_margin,
            "log loss": self.log_loss_margin,
            CALIBRATION: self.calibration_margin,
            "coverage@3": self.coverage_margin,
        }


def judge(rows: TrialRows, config: GateConfig | None = None, *, seed: int = 1) -> Verdict:
    """Compare the challenger with the champion and with popularity within life stage.

    It is judged twice: as tried, on rows it has not seen; and as it will serve. The latter has seen
    them, so it must not do worse: what was broken between the trial and the service shows there.
    Its calibration is left out then: of rows it has learnt it promises less than comes true.

    Where enough was shown, what it says of offers is compared with what people answered, too: once
    a model has learnt from responses, that is what it ranks by.
    """
    gate = _Gate(rows, config or GateConfig(), seed)
    tried, serving = rows.challenger, rows.as_it_will_serve
    return Verdict(
        rows=len(tried.snapshots),
        first_day=str(rows.first_day),
        findings=(
            *gate.findings("as tried", Measured.of(tried.propensities, tried.snapshots)),
            *gate.of_answers("as tried", tried.answers),
            *gate.findings(
                "as it will serve",
                Measured.of(serving.propensities, serving.snapshots),
                has_seen_the_rows=not rows.serving_is_unseeing,
            ),
            *gate.of_answers("as it will serve", serving.answers),
        ),
    )


class _Gate:
    """What the challenger is held against, measured once."""

    def __init__(self, rows: TrialRows, config: GateConfig, seed: int) -> None:
        snapshots = rows.challenger.snapshots
        baseline = LifeStagePopularity.fit(rows.before)
        self._popularity = Measured.of(baseline.propensities(snapshots), snapshots)
        self._champion: Measured | None = None
        self._champions_answers: Answers | None = None
        if rows.champion is not None:
            self._champions_answers = rows.champion.answers
            self._champion = Measured.of(rows.champion.propensities, rows.champion.snapshots)
        self._account = snapshots.account
        self._stage = snapshots.life_stage.astype(str)
        self._config = config
        self._seed = seed

    def findings(
        self, who: str, ours: Measured, *, has_seen_the_rows: bool = False
    ) -> Iterator[Finding]:
        yield self._above_popularity(who, ours)
        yield from self._stages(who, ours, POPULARITY, self._popularity)
        figures = ours.means()
        if has_seen_the_rows:
            del figures[CALIBRATION]
        else:
            yield self._calibrated(who, ours)
        if self._champion is not None:
            yield from self._beside_champion(who, figures, self._champion)
            yield from self._stages(who, ours, CHAMPION, self._champion)
            if not has_seen_the_rows:
                yield self._plausible(who, ours, self._champion)

    def of_answers(self, who: str, ours: Answers) -> Iterator[Finding]:
        """Nothing where too little was shown, or too little of it taken."""
        offers, taken = len(ours), int(ours.taken.sum())
        enough = min(taken, offers - taken) >= self._config.least_taken
        if offers < self._config.least_offers or not enough:
            return
        theirs = self._champions_answers
        if theirs is None:
            yield self._above_chance(who, ours)
            return
        if ours.promises and theirs.promises:
            yield self._log_loss_of_answers(who, ours, theirs)
        yield self._order_of_answers(who, ours, theirs)

    def _above_chance(self, who: str, ours: Answers) -> Finding:
        order = ours.order().estimate(ours.account)
        return Finding(
            _order(who, ours),
            order.value,
            CHANCE,
            0.5,
            f"must not be lower beyond chance, it is {order.low:.4f} to {order.high:.4f}",
            order.high >= 0.5,
        )

    def _log_loss_of_answers(self, who: str, ours: Answers, theirs: Answers) -> Finding:
        margin, mine, other = (
            self._config.answers_log_loss_margin,
            ours.log_loss(),
            theirs.log_loss(),
        )
        loss = mine.less(other).estimate(ours.account)
        return Finding(
            f"log loss of {len(ours):,} answers, {who},",
            mine.value,
            CHAMPION,
            other.value,
            f"may be at most {margin:g} higher beyond chance, the difference is {words(loss)}",
            loss.value <= margin or loss.low <= 0,
        )

    def _order_of_answers(self, who: str, ours: Answers, theirs: Answers) -> Finding:
        margin, mine, other = self._config.answers_order_margin, ours.order(), theirs.order()
        gain = mine.less(other).estimate(ours.account)
        return Finding(
            _order(who, ours),
            mine.value,
            CHAMPION,
            other.value,
            f"may be at most {margin:g} lower beyond chance, the difference is {words(gain)}",
            gain.value >= -margin or gain.high >= 0,
        )

    def _calibrated(self, who: str, ours: Measured) -> Finding:
        error, worst = ours.calibration_error, self._config.largest_calibration_error
        what = f"{CALIBRATION}, {who},"
        return Finding(what, error, "the bound", worst, "must not be higher", error <= worst)

    def _above_popularity(self, who: str, ours: Measured) -> Finding:
        everybody = np.ones(len(self._stage), np.bool_)
        gain = self._gain(ours, self._popularity, everybody)
        return Finding(
            f"nDCG@5, {who},",
            float(ours.ndcg.mean()),
            POPULARITY,
            float(self._popularity.ndcg.mean()),
            f"must be higher beyond chance, the difference is {words(gain)}",
            gain.low > 0,
        )

    def _beside_champion(
        self, who: str, ours: dict[str, float], theirs: Measured
    ) -> Iterator[Finding]:
        margins, other = self._config.margins(), theirs.means()
        for name, value in ours.items():
            higher = name in HIGHER_IS_BETTER
            worse_by = other[name] - value if higher else value - other[name]
            rule = f"may be at most {margins[name]:g} {'lower' if higher else 'higher'}"
            holds = worse_by <= margins[name]
            yield Finding(f"{name}, {who},", value, CHAMPION, other[name], rule, holds)

    def _stages(
        self, who: str, ours: Measured, against: str, theirs: Measured
    ) -> Iterator[Finding]:
        margin = self._config.stage_ndcg_margin
        names, counts = np.unique(self._stage, return_counts=True)
        judged = counts >= self._config.least_stage_rows
        for stage, count in zip(names[judged], counts[judged], strict=True):
            rows = self._stage == stage
            gain = self._gain(ours, theirs, rows, among=int(judged.sum()))
            yield Finding(
                f"nDCG@5 of {stage} ({count:,} rows), {who},",
                float(ours.ndcg[rows].mean()),
                against,
                float(theirs.ndcg[rows].mean()),
                f"may be at most {margin:g} lower beyond chance, the difference is {words(gain)}",
                gain.value >= -margin or gain.high >= 0,
                stage=str(stage),
            )

    def _plausible(self, who: str, ours: Measured, theirs: Measured) -> Finding:
        mine, other = float(ours.ndcg.mean()), float(theirs.ndcg.mean())
        most = self._config.largest_gain
        return Finding(
            f"nDCG@5, {who},",
            mine,
            CHAMPION,
            other,
            f"more than {most:g} higher is too good to be true: look for a feature that knows what "
            "was taken",
            mine - other <= most,
        )

    def _gain(self, ours: Measured, theirs: Measured, rows: Flags, *, among: int = 1) -> Estimate:
        """The mean difference of nDCG@5 over `rows`, with an interval over whole accounts.

        `among` so many comparisons, all intervals hold their mean in 95 of 100 gates (Bonferroni):
        one of fifteen life stages swings far in most gates, by chance.
        """
        difference: Floats = (ours.ndcg - theirs.ndcg)[rows][:, None]
        draws = resampled_means(
            difference, self._account[rows], seed=self._seed, resamples=self._config.resamples
        )
        value = float(difference.mean())
        reach = float(norm.ppf(1 - 0.025 / among) * draws.std())
        return Estimate(value, value - reach, value + reach)


def _order(who: str, answers: Answers) -> str:
    return f"order (AUC) of {len(answers):,} answers, {who},"
