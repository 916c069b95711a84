"""What a training run leaves behind, so that it can be told apart, and made again."""

from training.tracking.record import DataFile, RunRecord, code_version, data_files
from training.tracking.to_mlflow import Tracker, tracker

__all__ = ["DataFile", "RunRecord", "Tracker", "code_version", "data_files", "tracker"]
