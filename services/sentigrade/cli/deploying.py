"""Commands that put a model on SageMaker, run jobs there, and take away what they made."""

from typing import TYPE_CHECKING

import click

from sentigrade.cli import sagemaker_jobs
from sentigrade.cli.account_options import account_in, interruptible, region_option, runtime_options, say

if TYPE_CHECKING:
    from sentigrade.aws.hosting.account import Account
    from sentigrade.aws.hosting.packing import Packable
    from sentigrade.aws.hosting.wanted import Runtime


@click.group()
def deploy() -> None:
    """Put a model on SageMaker, run jobs there, and take away what was made."""


@deploy.command()
@click.option("--name", required=True, help="Name of the endpoint.")
@click.option("--serverless", is_flag=True, help="Containers that are there only while there are requests,")
@click.option(
    "--memory", type=click.IntRange(1024, 6144), default=2048, show_default=True, help="with so many MB each,"
)
@click.option("--concurrency", type=click.IntRange(1, 200), default=20, show_default=True, help="at most so many.")
@click.option("--instance", metavar="TYPE", help="Or instances, which are always there, such as ml.c7i.large.")
@runtime_options
def sagemaker(  # noqa: PLR0913 - click passes every option
    *,
    account: "Account",
    name: str,
    serverless: bool,
    memory: int,
    concurrency: int,
    instance: str | None,
    count: int,
    model: "Packable",
    bucket: str,
    runtime: "Runtime",
) -> None:
    """Put a model behind an endpoint, a new one or one that this command has made, and ask it once.

    When that fails, the endpoint is as it was, and what was made is deleted. The same command again says that the model
    is there already, or goes on where it was interrupted.
    """
    from sentigrade.aws.hosting.deploying import Deployment
    from sentigrade.aws.hosting.deploying import deploy as deploy_model
    from sentigrade.aws.hosting.naming import require_name
    from sentigrade.aws.hosting.smoke import example_call
    from sentigrade.aws.hosting.wanted import Instances, Serverless
    from sentigrade.store.progress import bar

    if serverless == bool(instance):
        raise click.UsageError("give either --serverless or --instance")
    capacity = Instances(instance, count) if instance else Serverless(memory, concurrency)
    wanted = Deployment(require_name(name), model, runtime, capacity, bucket)
    hint = f"the same command goes on waiting, `sentigrade deploy remove {name}` removes it"
    with interruptible(f"what AWS has begun goes on: {hint}"):
        outcome = deploy_model(account, wanted, say, bar)
    if outcome.left:
        say(f"sentigrade: warning: {outcome.left}")
    state = "is InService" if outcome.changed else "is InService already"
    click.echo(f"{name} {state}: {model.identity}, {capacity}")
    click.echo(example_call(account, name))


@deploy.command()
@click.argument("endpoint")
@click.option("--yes", is_flag=True, help="Do not ask.")
@region_option
def remove(endpoint: str, yes: bool, region: str | None) -> None:
    """Delete ENDPOINT and all that was made for it, but nothing that others have made."""
    from sentigrade.aws.hosting.naming import require_name
    from sentigrade.aws.hosting.removing import find_removal
    from sentigrade.aws.hosting.removing import remove as remove_endpoint

    account = account_in(region)
    with interruptible(f"nothing more of {endpoint} is deleted: the same command goes on"):
        removal = find_removal(account, require_name(endpoint), say)
        for line in removal.lines():
            click.echo(line)
        if not yes:
            click.confirm(f"Delete all of this in {account.region}?", abort=True)
        remove_endpoint(account, removal, say)
    click.echo(f"{endpoint} is deleted, and all that was made for it.")


for command in sagemaker_jobs.COMMANDS:
    deploy.add_command(command)

COMMANDS = (deploy,)
