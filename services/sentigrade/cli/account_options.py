"""What the commands share that work on an AWS account."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from sentigrade.cli.options import settings_with, store_option

if TYPE_CHECKING:
    from sentigrade.aws.hosting.account import Account
    from sentigrade.aws.hosting.packing import Packable

region_option = click.option("--region", help="AWS region.  [default: that of the environment or the AWS profile]")
_RUNTIME_OPTIONS = (
    click.option("--model", required=True, help="name, name@version, a model folder or an address."),
    click.option("--image", required=True, help="Our image in ECR, pinned by its digest: ...@sha256:..."),
    click.option("--role", required=True, metavar="ARN", help="The role it runs in: deploy/sagemaker/roles.yaml."),
    click.option("--bucket", required=True, metavar="ADDRESS", help="s3://bucket/prefix where the packed model goes."),
    click.option("--env", "environment", multiple=True, metavar="NAME=VALUE", help="A variable of the container."),
    click.option("--count", type=click.IntRange(min=1), default=1, show_default=True, help="How many instances."),
    store_option,
    region_option,
)


def runtime_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what runs where.

    The command takes image, role and environment as `runtime`, model and store as `model`, the region as `account`.
    """

    @wraps(command)
    def with_runtime(  # noqa: PLR0913 - click passes every option
        *,
        image: str,
        role: str,
        environment: tuple[str, ...],
        model: str,
        store: str,
        region: str | None,
        **others: Any,  # noqa: ANN401 - the command's own
    ) -> None:
        from sentigrade.aws.hosting.wanted import Runtime, parse_environment

        runtime = Runtime(image, role, parse_environment(environment))
        account = account_in(region)
        runtime.require_usable(account.region)
        command(account=account, runtime=runtime, model=_packable(model, store), **others)

    for option in reversed(_RUNTIME_OPTIONS):
        with_runtime = option(with_runtime)
    return with_runtime


def account_in(region: str | None) -> "Account":
    """Return SageMaker in a region, where everything else that is asked of AWS is asked, too."""
    from sentigrade.aws.hosting.account import open_account

    account = open_account(region)
    os.environ["AWS_DEFAULT_REGION"] = account.region
    return account


def _packable(reference: str, store: str) -> "Packable":
    """Return a model, and say what its image must have beside what every image has."""
    from sentigrade.aws.hosting.packing import find_packable
    from sentigrade.store.progress import bar

    model = find_packable(reference, settings_with(store), bar)
    if extra := model.manifest.requires.extra:
        say(f"{model.manifest.reference} needs an image with --build-arg EXTRAS={extra}")
    return model


def say(line: str) -> None:
    """Say how far things are, on standard error."""
    click.echo(line, err=True)


@contextmanager
def interruptible(then: str) -> Iterator[None]:
    """Let Ctrl-C, and SIGTERM like it, end the command with a word on what happens then."""
    # A shell may have had SIGINT ignored, for what it runs in the background.
    for asked_to_end in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked_to_end, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        say(f"sentigrade: interrupted; {then}")
        sys.exit(128 + signal.SIGINT)
