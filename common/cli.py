"""The command line: verbs and presets, answered before anything heavy is imported.

python -m projects                         lists projects and presets
python -m projects VERB ...                new, resume, reveal_test, deliver
python -m projects.NAME train PRESET ...   trains; every field of the settings is a flag
python -m projects.NAME check PRESET ...   what the course does before training
python -m projects.NAME OWN_VERB ...       the room's own verbs
"""

import contextlib
import functools
import io
import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import tyro

from common import runtime
from common.errors import UserError
from common.rooms import names, room_settings
from common.settings import Settings

Verb = Callable[..., None]
CONFIG = (tyro.conf.FlagConversionOff,)


def house() -> None:
    """Run `python -m projects`."""
    from common import actions

    if len(sys.argv) == 1:
        with _mended():
            print(_listing())
        return
    verbs: dict[str, Verb] = {
        "new": actions.new,
        "resume": actions.resume,
        "reveal_test": actions.reveal_test,
        "deliver": actions.deliver,
    }
    with _mended():
        _call("python -m projects", verbs, sys.argv[1:])


def project(package: str | None, own_verbs: Mapping[str, Verb]) -> None:
    """Run `python -m projects.NAME`; the room's verbs stand beside train and check."""
    name = (package or "").removeprefix("projects.")
    program = f"python -m projects.{name}"
    with _mended():
        presets = room_settings(name).PRESETS
        verb, rest = (sys.argv[1] if len(sys.argv) > 1 else "--help"), sys.argv[2:]
        if verb in ("train", "check"):
            preset, settings = _chosen(f"{program} {verb}", presets, rest)
            _start(verb, name, preset, settings)
        else:
            _call(program, {**_described(presets), **own_verbs}, sys.argv[1:])


def _start(verb: str, name: str, preset: str, settings: Settings) -> None:
    runtime.quiet()
    runtime.load_tensorflow()
    if verb == "train":
        from common.experiment import train

        train(name, preset, settings)
    else:
        from common.check import check

        check(name, settings)


def _chosen(
    program: str, presets: Mapping[str, tuple[str, Settings]], words: list[str]
) -> tuple[str, Settings]:
    first = words[0] if words else "-"
    if first not in (*presets, "-h", "--help"):
        said = (
            "no preset is named first" if first.startswith("-") else f"there is no preset {first!r}"
        )
        known = ", ".join(presets)
        raise UserError(f"{said}: choose from {known}, as in {program} demo --fit.epochs 2")
    for word in words:
        name, equals, value = word.partition("=")
        if equals and not word.startswith("-") and name.replace(".", "").isidentifier():
            raise UserError(f"{word!r} is how `mlflow run -P` has it; here it is --{name} {value}")
    settings: Settings = _parsed(
        lambda: tyro.extras.overridable_config_cli(
            dict(presets), prog=program, args=words, config=CONFIG
        )
    )
    return words[0], settings


def _call(program: str, verbs: Mapping[str, Verb], words: list[str]) -> None:
    if words and not words[0].startswith("-") and words[0] not in verbs:
        raise UserError(f"there is no verb {words[0]!r}: choose from {', '.join(verbs)}")
    runtime.quiet()
    app = tyro.extras.SubcommandApp()
    for name, verb in verbs.items():
        app.command(name=name)(_deferred(verb))
    run = _parsed(lambda: app.cli(prog=program, args=words, use_underscores=True, config=CONFIG))
    run()


def _deferred(verb: Verb) -> Callable[..., Callable[[], None]]:
    """Return a function of the verb's signature that returns the call: parsing comes first."""

    @functools.wraps(verb)
    def bound(*values: Any, **named: Any) -> Callable[[], None]:
        return lambda: verb(*values, **named)

    return bound


def _described(presets: Mapping[str, tuple[str, Settings]]) -> dict[str, Verb]:
    """Return stand-ins for train and check, which only the help of the whole program shows."""

    def train() -> None:
        """Train a preset; `train PRESET --help` prints every field."""

    def check() -> None:
        """Check shapes, initial loss and gradients of a preset, and overfit one batch."""

    return {"train": train, "check": check}


def _parsed(parse: Callable[[], Any]) -> Any:
    """Call tyro; its boxes of errors become one line. Help is left as it is."""
    errors = io.StringIO()
    try:
        with contextlib.redirect_stderr(errors):
            return parse()
    except SystemExit as stop:
        if not stop.code:
            raise
        raise UserError(_first_sentence(errors.getvalue() or str(stop))) from None


def _first_sentence(box: str) -> str:
    """Return the text of a box up to its first rule, in one line."""
    lines = [line.strip("│ ") for line in box.splitlines() if line.startswith("│")]
    rules = [i for i, line in enumerate(lines) if line.startswith("─")]
    said = " ".join(lines[: rules[0]] if rules else lines)
    hints = [line for line in lines if line.startswith("--")] if "nrecognized" in said else []
    hint = f"; perhaps you meant {hints[0].split()[0]}" if hints else "; --help shows the fields"
    return said.rstrip(".") + hint


@contextlib.contextmanager
def _mended() -> Any:
    """Turn what a user can mend into one line and exit code 2.

    And Ctrl-C into one on what comes next, which a verb's KeyboardInterrupt may say, and 130.
    """
    try:
        yield
        sys.stdout.flush()
    except UserError as error:
        _stop(str(error), 2)
    except (FileExistsError, NotADirectoryError) as error:
        _stop(f"{error.filename}: a file is in the way of a folder; move it, or work elsewhere", 2)
    except BrokenPipeError:  # whoever reads the lines has enough of them
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except KeyboardInterrupt as stop:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # pressed again, it would break the ending
        _stop(f"stopped by hand; {stop}" if stop.args else "stopped by hand", 130)


def _stop(message: str, code: int) -> NoReturn:
    print(f"error: {message}" if code == 2 else message, file=sys.stderr)
    raise SystemExit(code)


def _listing() -> str:
    lines = []
    for name in names():
        module = room_settings(name)
        lines.append(f"{name}: {module.SUMMARY}")
        lines += [f"  {preset:<8} {text}" for preset, (text, _) in module.PRESETS.items()]
    return "\n".join(lines)
