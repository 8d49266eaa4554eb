"""All that was made for an endpoint beside itself, by this run or by earlier ones that may have been killed."""

from collections.abc import Iterable
from typing import NamedTuple

from sentigrade.aws.hosting.account import Account
from sentigrade.aws.hosting.archives import Archives, root_of
from sentigrade.aws.hosting.configs import list_configs
from sentigrade.aws.hosting.deletions import archive_deletion, config_deletion, model_deletion
from sentigrade.aws.hosting.models import archive_of, list_models
from sentigrade.aws.hosting.undoing import Step


class Belongings(NamedTuple):
    """Names of configurations and of models of SageMaker's, and addresses of archives in S3."""

    configs: tuple[str, ...]
    models: tuple[str, ...]
    archives: tuple[str, ...]

    def without(self, kept: "Belongings") -> "Belongings":
        """Return those that are not among the kept ones."""
        return Belongings(
            tuple(name for name in self.configs if name not in kept.configs),
            tuple(name for name in self.models if name not in kept.models),
            tuple(address for address in self.archives if address not in kept.archives),
        )

    def deletions(self, account: Account) -> list[Step]:
        """Return the steps that delete them; what needs the others is the last, which is to be taken first.

        An archive goes before the model that says where it lies: whoever is killed between the two finds both again.
        """
        return [
            *(model_deletion(account, name) for name in self.models),
            *(archive_deletion(address) for address in self.archives),
            *(config_deletion(account, name) for name in self.configs),
        ]


def find_belongings(account: Account, endpoint: str, roots: Iterable[str] = ()) -> Belongings:
    """Find what bears our tag for an endpoint, and its archives: below these places, and where its models have theirs.

    Archives bear no tag; but each lies in a folder that has the endpoint's name, and nobody else is told of it.
    """
    models = tuple(list_models(account, endpoint))
    known = [root_of(archive_of(account, model) or "", endpoint) for model in models]
    places = sorted({*roots, *(root for root in known if root)})
    archives = tuple(address for place in places for address in Archives(place, endpoint).list())
    return Belongings(tuple(list_configs(account, endpoint)), models, archives)
