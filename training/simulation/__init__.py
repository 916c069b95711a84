"""Simulation: what a change of policies, catalogue or model would do to real customers."""

from training.simulation.buckets import Buckets, cut
from training.simulation.outcome import Simulation, outcome
from training.simulation.scene import Counted, Scene, Sides
from training.simulation.simulate import simulate

__all__ = ["Buckets", "Counted", "Scene", "Sides", "Simulation", "cut", "outcome", "simulate"]
