"""`raak demo`: the whole of Raak on one machine, from tables to answers."""

from cli.demo.command import command

__all__ = ["command"]
