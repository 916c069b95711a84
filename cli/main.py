"""`raak`: each subcommand lives in cli/<name>.py as `command` and is imported only when it runs."""

from __future__ import annotations

import importlib

import click

from recommender.errors import RaakError

SUMMARIES = {
    "demo": "Build the demo bank, train on it, publish and serve it here.",
    "world": "Write the demo bank's tables.",
    "train": "Train a model on a directory of tables.",
    "models": "List and compare the models of a registry.",
    "promote": "Let a model through the gate and put it in force.",
    "rollback": "Put the champion before this one in force again.",
    "watch": "Warn when people, scores or outcomes drift from what the champion learnt.",
    "simulate": "Show what a change of policies or model would do to real customers.",
    "publish": "Write accounts, catalogue and model to Redis and put them in force.",
    "serve": "Answer HTTP requests.",
    "worker": "Fold events into accounts, tell alerts, and keep the logs.",
    "why": "Say why an account is shown what it is shown now, and why not something else.",
    "webhooks": "List the webhooks that were given up, and send them again.",
    "replay": "Show a decision of the log, make it again and compare; or verify the log.",
    "erase": "Erase an account from every store, for good, with a receipt.",
    "export": "Give all that is held about an account.",
    "keys": "Make API keys and short-lived tokens.",
    "doctor": "Say what is missing or wrong on this machine.",
}
"""Each command with its one line of help, so that `raak --help` imports none of them."""

BAD_INPUT = 2
"""Exit code for what a person can put right; a bug still shows its traceback and exits 1."""


class BadInput(click.ClickException):
    """An error that a person can put right, as one `error:` per line and no traceback."""

    exit_code = BAD_INPUT

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature
        for line in self.message.splitlines():
            click.echo(f"error: {line}", err=True)


class LazyGroup(click.Group):
    """A group that imports a command's module when it runs (after click's "lazily loading")."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in SUMMARIES:
            return None
        command = importlib.import_module(f"cli.{cmd_name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"cli.{cmd_name}.command is not a click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except RaakError as error:
            raise BadInput(str(error)) from error


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="raak", prog_name="raak")
def main() -> None:
    """Raak: what to offer and what to tell this person now, and why."""


if __name__ == "__main__":
    main()
