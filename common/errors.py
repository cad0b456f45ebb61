"""The one exception for what a user can mend."""


class UserError(Exception):
    """A one-line message: what was found, what was expected, what to do.

    The command line prints it without a traceback and exits with code 2. Anything else that
    reaches the command line is a bug and shows its traceback.
    """
