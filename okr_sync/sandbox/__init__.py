"""Local stand-ins for Jira Cloud and Zendesk Support, filled with a made-up agency.

The demo, the tests and the benchmarks run against them over real HTTP. They speak the vendors' wire formats and know
nothing of okr-sync's connectors.

    with Sandbox(Agency.grow(seed=1, now=now)) as sandbox:
        os.environ.update(sandbox.variables())
"""

from okr_sync.sandbox.agency import Agency
from okr_sync.sandbox.server import Sandbox

__all__ = ["Agency", "Sandbox"]
