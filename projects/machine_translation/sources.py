"""Every source of pairs: from its name to the table of what it holds."""

from common.data.examples import empty_problems
from common.errors import UserError
from common.project import Found
from projects.machine_translation import embedded
from projects.machine_translation.settings import Settings
from projects.machine_translation.text_files import pairs, tsv
from projects.machine_translation.tfds_pairs import tfds_pairs


def source(spec: str, settings: Settings) -> Found:
    """Return the pairs of embedded, tsv:FILE, pairs:SOURCE,TARGET or tfds:NAME.

    Raises UserError for another kind, and where there is nothing to read.
    """
    if spec == "embedded":
        return Found(embedded.examples(settings.data, settings.data.seed), empty_problems())
    kind, _, place = spec.partition(":")
    sources = {"tsv": tsv, "pairs": pairs, "tfds": tfds_pairs}
    if kind not in sources or not place:
        raise UserError(
            f"{spec!r} is no source of pairs: use embedded, tsv:FILE, pairs:SOURCE,TARGET or"
            " tfds:NAME"
        )
    return sources[kind](place)
