"""Takes away an endpoint and all that was made for it."""

from typing import NamedTuple

from sentigrade.aws.hosting.account import Account
from sentigrade.aws.hosting.belongings import Belongings, find_belongings
from sentigrade.aws.hosting.deletions import endpoint_deletion
from sentigrade.aws.hosting.endpoints import require_ours, settled
from sentigrade.aws.hosting.undoing import undo
from sentigrade.aws.hosting.waiting import Say
from sentigrade.errors import AwsError


class Removal(NamedTuple):
    """What is to go: the endpoint, if it is still there, and what was made for it."""

    endpoint: str
    is_there: bool
    belongings: Belongings

    def lines(self) -> list[str]:
        """Say what it is, a line each, in the order in which it goes."""
        return [
            *([f"endpoint       {self.endpoint}"] if self.is_there else []),
            *(f"configuration  {name}" for name in self.belongings.configs),
            *(f"archive        {address}" for address in self.belongings.archives),
            *(f"model          {name}" for name in self.belongings.models),
        ]


def find_removal(account: Account, endpoint: str, say: Say) -> Removal:
    """Find what there is to remove, once nothing is under way with the endpoint.

    Raises AwsError where there is nothing, and for an endpoint that somebody else has made.
    """
    found = settled(account, endpoint, say)
    if found:
        require_ours(account, found)
    removal = Removal(endpoint, found is not None, find_belongings(account, endpoint))
    if not removal.lines():
        raise AwsError(f"there is no endpoint {endpoint} in {account.region}, nor anything that was made for it")
    return removal


def remove(account: Account, removal: Removal, say: Say) -> None:
    """Delete what was found; raises AwsError, with the commands that are left to do, where that fails."""
    steps = removal.belongings.deletions(account)
    if removal.is_there:
        steps.append(endpoint_deletion(account, removal.endpoint, say))
    if left := undo(steps):
        raise AwsError(str(left))
