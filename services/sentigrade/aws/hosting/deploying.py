"""Puts a model behind an endpoint: the model that was wanted answers in the end, or what answered before."""

from functools import partial
from typing import NamedTuple

from sentigrade.aws.hosting.account import Account
from sentigrade.aws.hosting.archives import Archives
from sentigrade.aws.hosting.belongings import Belongings, find_belongings
from sentigrade.aws.hosting.configs import create_config, model_of
from sentigrade.aws.hosting.deletions import archive_deletion, config_deletion, endpoint_deletion, model_deletion
from sentigrade.aws.hosting.endpoints import (
    FAILED,
    IN_SERVICE,
    Endpoint,
    come_to,
    create_endpoint,
    delete_endpoint,
    log_of,
    require_ours,
    settled,
    update_endpoint,
)
from sentigrade.aws.hosting.models import HostedModel
from sentigrade.aws.hosting.naming import new_name, tags
from sentigrade.aws.hosting.packing import Packable
from sentigrade.aws.hosting.smoke import ask_once
from sentigrade.aws.hosting.undoing import Left, Step, undo
from sentigrade.aws.hosting.waiting import Say
from sentigrade.aws.hosting.wanted import Capacity, Runtime
from sentigrade.errors import AwsError, AwsUnreachable, SentigradeError, StoreUnreachable
from sentigrade.store.progress import Progress, silently


class Deployment(NamedTuple):
    """What is wanted: a model at an endpoint, in which runtime and on what; its archive goes below `bucket`."""

    endpoint: str
    model: Packable
    runtime: Runtime
    capacity: Capacity
    bucket: str


class Outcome(NamedTuple):
    """Whether anything was changed, and what earlier deployments have left behind that could not be deleted."""

    changed: bool
    left: Left | None


def deploy(account: Account, wanted: Deployment, say: Say, progress: Progress = silently) -> Outcome:
    """Put a model behind an endpoint, new or there already, and ask it once.

    Waits for what is under way there. Raises AwsUnreachable where the same call may go on later, and AwsError when it
    was not to be: then the endpoint is as it was, and what this call has made is deleted.
    """
    return _Deploying(account, wanted, say).run(progress)


class _Deploying:
    def __init__(self, account: Account, wanted: Deployment, say: Say) -> None:
        self._account, self._wanted, self._say = account, wanted, say
        self._archives = Archives(wanted.bucket, wanted.endpoint)
        archive = self._archives.address(wanted.model.digest)
        self._hosted = HostedModel(wanted.runtime, archive, wanted.model.digest, wanted.capacity)
        self._made: list[Step] = []

    def run(self, progress: Progress) -> Outcome:
        before = self._usable()
        config = before.config if before and before.status == IN_SERVICE else None
        model = config and self._model_as_wanted(config)
        if config and model:
            self._ask_again()
            return Outcome(False, self._tidy(config, model))
        try:
            name = self._make(before, progress)
        except (AwsUnreachable, StoreUnreachable):
            raise  # what was made is there when the same command goes on
        except SentigradeError as error:
            if not self._made:
                raise
            raise AwsError(f"{error}; {self._taken_back(before)}") from error
        return Outcome(True, self._tidy(name, name))

    def _usable(self) -> Endpoint | None:
        """Return the endpoint as it is before; one that failed can only be deleted."""
        name = self._wanted.endpoint
        found = settled(self._account, name, self._say)
        if found is None:
            return None
        require_ours(self._account, found)
        if found.status != FAILED:
            return found
        self._say(f"{name}: Failed ({found.reason}), so it is deleted and made again")
        delete_endpoint(self._account, name, self._say)
        return None

    def _model_as_wanted(self, config: str) -> str | None:
        """Return the model that a configuration runs, if all is as it is wanted."""
        model = model_of(self._account, config, self._wanted.capacity)
        return model if model and self._hosted.is_there(self._account, model) else None

    def _ask_again(self) -> None:
        """Ask for a model that is there already; nothing is known then of what was there before."""
        name = self._wanted.endpoint
        try:
            ask_once(self._account, name, self._wanted.model.manifest)
        except AwsUnreachable:
            raise
        except AwsError as error:
            then = f"deploy another model, or `sentigrade deploy remove {name}`"
            raise AwsError(f"{error}; it was there already, so it stays: {then}") from error

    def _make(self, before: Endpoint | None, progress: Progress) -> str:
        """Make all that is needed, and return the name that model and configuration have."""
        account, wanted = self._account, self._wanted
        name = new_name(wanted.endpoint, wanted.model.digest)
        labels = tags(f"endpoint/{wanted.endpoint}", wanted.model.manifest.reference, wanted.model.digest)
        # For an endpoint that is new nobody else uses what lies there already.
        if self._archives.upload(wanted.model, progress) or before is None:
            self._made.append(archive_deletion(self._hosted.archive))
        # All else is noted before it is asked for: the answer may be lost.
        self._made.append(model_deletion(account, name))
        self._hosted.create(account, name, labels)
        self._made.append(config_deletion(account, name))
        create_config(account, name, wanted.capacity, labels)
        if before:
            self._made.append(self._return(before.config, name))
            update_endpoint(account, wanted.endpoint, name)
        else:
            self._made.append(self._withdrawal(name))
            create_endpoint(account, wanted.endpoint, name, labels)
        self._require_in_service(name)
        ask_once(account, wanted.endpoint, wanted.model.manifest)
        return name

    def _require_in_service(self, config: str) -> None:
        """Wait; raises AwsError unless the endpoint answers with this configuration."""
        name = self._wanted.endpoint
        found = come_to(self._account, name, config, self._say)
        if found is None:
            raise AwsError(f"the endpoint {name} was deleted meanwhile")
        if (found.status, found.config) != (IN_SERVICE, config):
            reason = found.reason or f"it is {found.status}, with another configuration"
            raise AwsError(f"the endpoint {name} does not come into service: {reason}; see {log_of(name)}")

    def _withdrawal(self, config: str) -> Step:
        """Return the step that deletes an endpoint that was new, unless it has become somebody else's."""
        name = self._wanted.endpoint
        deletion = endpoint_deletion(self._account, name, self._say)

        def withdraw() -> None:
            found = settled(self._account, name, self._say)
            if found and found.config == config:
                deletion.undo()

        return deletion._replace(undo=withdraw)

    def _return(self, before: str, config: str) -> Step:
        """Return the step that brings back the configuration of before, where SageMaker has not done so itself."""
        command = (
            f"aws sagemaker update-endpoint --region {self._account.region} "
            f"--endpoint-name {self._wanted.endpoint} --endpoint-config-name {before}"
        )
        return Step(partial(self._go_back, before, config), command)

    def _go_back(self, before: str, config: str) -> None:
        name = self._wanted.endpoint
        found = settled(self._account, name, self._say)
        if found and found.config == config:
            self._say(f"{name}: back to {before}")
            update_endpoint(self._account, name, before)
        self._require_in_service(before)

    def _taken_back(self, before: Endpoint | None) -> str:
        """Take back what was made, and say how that went."""
        if left := undo(self._made):
            return f"and not all of it could be taken back: {left}"
        return "it answers as before" if before else "all that was made for it is deleted again"

    def _tidy(self, config: str, model: str) -> Left | None:
        """Delete what was made for this endpoint and is not in use; returns what is left."""
        name, kept = self._wanted.endpoint, Belongings((config,), (model,), (self._hosted.archive,))
        try:
            old = find_belongings(self._account, name, [self._wanted.bucket.rstrip("/")]).without(kept)
        except SentigradeError as error:
            return Left(f"earlier deployments were not looked for: {error}", ())
        return undo(old.deletions(self._account))
