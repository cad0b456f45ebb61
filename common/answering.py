"""Which run answers: by its name, or as the champion. Imports nothing heavy before it is asked."""

from common.errors import UserError
from common.runs import RunFolder, finished_run, home


def answering_run(reference: str, project: str) -> RunFolder:
    """Return the finished run called `reference`: "newest", "champion", a name or a start of an id.

    Raises UserError when there is none.
    """
    if reference != "champion":
        return finished_run(reference, project)
    from common import tracking  # MLflow takes a second to load

    run_id = tracking.champion(project)
    if run_id is None:
        raise UserError(
            f"{project} has no champion in the store of {home()}: train one, or use --model newest"
        )
    return finished_run(run_id, project)
