"""The self-contained HTML report of a training."""

from training.report.neighbours import Neighbours, neighbours
from training.report.report import Report, render, write_report

__all__ = ["Neighbours", "Report", "neighbours", "render", "write_report"]
