"""The demo bank: people whose lives change, whose needs follow, and who act on their needs."""

from training.world.generate import STEPS, TRUTHS, World, WorldError, generate

__all__ = ["STEPS", "TRUTHS", "World", "WorldError", "generate"]
