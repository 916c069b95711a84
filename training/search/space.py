"""The settings that a search may choose, and between which bounds."""

from __future__ import annotations

from typing import Protocol

from training.hybrid import HybridConfig


class Suggests(Protocol):
    """What we ask of an optuna trial."""

    def suggest_int(self, name: str, low: int, high: int) -> int: ...

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float: ...

    def suggest_categorical(self, name: str, choices: tuple[int, ...]) -> int: ...


DIMENSIONS = (16, 32, 64)


def suggested(trial: Suggests, base: HybridConfig) -> HybridConfig:
    """`base` with the settings that `trial` suggests; what is not searched stays as in `base`."""
    choose = trial.suggest_float
    return HybridConfig(
        factorisation=base.factorisation.model_copy(
            update={
                "dimensions": trial.suggest_categorical("factorisation.dimensions", DIMENSIONS),
                "epochs": trial.suggest_int("factorisation.epochs", 5, 30),
                "learning_rate": choose("factorisation.learning_rate", 0.01, 0.15, log=True),
            }
        ),
        corrections=base.corrections.model_copy(
            update={
                "epochs": trial.suggest_int("corrections.epochs", 4, 20),
                "trust": choose("corrections.trust", 0.0, 1.0),
                "doubt": choose("corrections.doubt", 0.0, 1.5),
                "l1": choose("corrections.l1", 0.2, 10.0, log=True),
                "learning_rate": choose("corrections.learning_rate", 0.2, 1.5, log=True),
            }
        ),
        calibration=base.calibration.model_copy(
            update={"shrinkage": choose("calibration.shrinkage", 20.0, 1000.0, log=True)}
        ),
        rounds=base.rounds,
    )


def usual(base: HybridConfig) -> dict[str, object]:
    """The settings of `base` by the names of the search; the first trial tries them."""
    return {
        **{
            f"factorisation.{name}": getattr(base.factorisation, name)
            for name in ("dimensions", "epochs", "learning_rate")
        },
        **{
            f"corrections.{name}": getattr(base.corrections, name)
            for name in ("epochs", "trust", "doubt", "l1", "learning_rate")
        },
        "calibration.shrinkage": base.calibration.shrinkage,
    }
