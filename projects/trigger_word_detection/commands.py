"""The trigger-word detector's own verbs. Imports nothing heavy before a verb is called."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import tyro

from common import runtime
from common.answering import answering_run
from common.errors import UserError

NAME = "trigger_word_detection"


def listen(
    file: Annotated[Path | None, tyro.conf.Positional] = None,
    # The house wants a value after every bool (--field True); a counter stands alone.
    microphone: tyro.conf.UseCounterAction[int] = 0,
    chime: Path | None = None,
    model: str = "newest",
) -> None:
    """Say when the word is heard, in a sound file of any length or from the microphone.

    Args:
        file: A sound file: wav, flac, ogg, mp3, at any rate.
        microphone: Listen to the microphone until Ctrl-C.
        chime: Also write what was heard to this file, with a chime at every detection.
        model: Which run listens: newest, champion, a run's name or the start of its id.
    """
    if (file is None) == (not microphone):
        what = "both a file and --microphone were" if file else "neither was"
        raise UserError(f"{what} given: name one sound file, or --microphone, after listen")
    run = answering_run(model, NAME)
    if microphone:
        from projects.trigger_word_detection.microphone import sounddevice

        sounddevice()  # what is missing is told before TensorFlow loads
    runtime.load_tensorflow()
    from projects.trigger_word_detection.listen import heard

    for line in heard(run, file, chime):
        print(line, flush=True)


VERBS: dict[str, Callable[..., None]] = {"listen": listen}
