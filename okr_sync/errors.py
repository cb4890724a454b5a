"""The root of every error that a person is meant to read.

Anything else that escapes is a defect of okr-sync. The command line turns an error's class into an exit code
(`okr_sync.cli`); the message says what happened, where, the value seen, what is allowed and the next step.
"""


class OkrSyncError(Exception):
    """An error with a message written for the person who runs okr-sync."""
