"""Commands that run jobs on SageMaker: they score files with a model of ours, or have BlazingText learn one."""

import tempfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sentigrade.cli.account_options import account_in, interruptible, region_option, runtime_options, say
from sentigrade.cli.options import labels_option, license_option, listed, ordered_option, publish_in_option
from sentigrade.cli.storing import json_option, show_publication, sign_with_option

if TYPE_CHECKING:
    from sentigrade.aws.hosting.account import Account
    from sentigrade.aws.hosting.packing import Packable
    from sentigrade.aws.hosting.wanted import Runtime

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("source")
@click.argument("sink")
@click.option("--instance", required=True, metavar="TYPE", help="Such as ml.c7i.large.")
@runtime_options
def transform(  # noqa: PLR0913 - click passes every option
    *,
    account: "Account",
    source: str,
    sink: str,
    instance: str,
    count: int,
    model: "Packable",
    bucket: str,
    runtime: "Runtime",
) -> None:
    """Score the files below SOURCE on machines of SageMaker's, which write one for each into SINK.

    SOURCE and SINK are s3:// addresses. All files are .csv with one column and no header, or all are .jsonl with lines
    such as {"mytext": "..."}; their answers have a line for each of theirs. A text with line breaks in it needs .jsonl.
    Ctrl-C stops the job.
    """
    from sentigrade.aws.hosting.wanted import Instances
    from sentigrade.aws.jobs.transform import Transform
    from sentigrade.aws.jobs.transform import transform as run_job
    from sentigrade.store.progress import bar

    wanted = Transform(source, sink, model, runtime, Instances(instance, count), bucket)
    with interruptible("the job is stopped, and what was made for it is deleted"):
        job = run_job(account, wanted, say, bar)
    click.echo(f"{job} is Completed: the answers are in {sink}")


@click.command()
@click.argument("train", type=_file, required=False)
@click.option("--validation", type=_file, help="Lines to measure on, and to stop early by.")
@click.option("--name", required=True, help="Name of the model.")
@publish_in_option
@click.option("--bucket", metavar="ADDRESS", help="s3://bucket/prefix where the files go, and what is made of them.")
@click.option("--role", metavar="ARN", help="The role it runs in: JobRole of deploy/sagemaker/roles.yaml.")
@click.option("--instance", metavar="TYPE", help="Such as ml.c5.xlarge.")
@click.option("--set", "parameters", multiple=True, metavar="NAME=VALUE", help="A hyperparameter, such as epochs=10.")
@click.option("--image", help="Of BlazingText.  [default: AWS's own in the region]")
@click.option("--job", help="Begin none: wait for this one, which an earlier command has begun.")
@labels_option
@ordered_option
@license_option
@sign_with_option
@json_option
@region_option
def blazingtext(  # noqa: PLR0913 - click passes every option
    *,
    train: Path | None,
    validation: Path | None,
    name: str,
    store: str,
    bucket: str | None,
    role: str | None,
    instance: str | None,
    parameters: tuple[str, ...],
    image: str | None,
    job: str | None,
    labels: str,
    ordered: bool,
    license_: str,
    sign_with: Path | None,
    as_json: bool,
    region: str | None,
) -> None:
    """Have BlazingText learn from TRAIN, and publish the model that comes of it.

    TRAIN is a file that `sentigrade sagemaker process` has written: lines such as `__label__good a fine film`, cleaned.
    The model cleans what it is asked in the same way.
    """
    from sentigrade.aws.hosting.wanted import Instances
    from sentigrade.aws.jobs.algorithm_images import blazingtext_image
    from sentigrade.aws.jobs.blazingtext import Lesson, adopt_learned, await_job, start_job
    from sentigrade.aws.jobs.hyperparameters import parse_hyperparameters
    from sentigrade.store.foreign import Adoption
    from sentigrade.store.opening import open_store
    from sentigrade.store.progress import bar
    from sentigrade.store.publishing import Wish, publish
    from sentigrade.store.reference import parse_name

    adoption = Adoption(parse_name(name), listed(labels), ordered, license_)
    # What is learned is opened here: what that needs is found out before the work, and so is an unusable store.
    import_module("sentigrade.classifiers.fasttext")
    objects = open_store(store, create=True)
    account = account_in(region)
    if job is None:
        if not (train and bucket and role and instance):
            raise click.UsageError("give TRAIN, --bucket, --role and --instance, or the --job to wait for")
        told, alone = parse_hyperparameters(parameters), Instances(instance, 1)
        lesson = Lesson(name, train, validation, told, image or blazingtext_image(account.region), role, alone, bucket)
        with interruptible("no job is waited for, and what was uploaded is deleted"):
            job = start_job(account, lesson, bar)
    with interruptible(f"the job goes on: the same command with --job {job} waits for it"):
        learned = await_job(account, job, say)
    with tempfile.TemporaryDirectory(prefix="sentigrade-") as folder:
        adopt_learned(learned, adoption, Path(folder), bar)
        publication = publish(objects, Path(folder), Wish(sign_with=sign_with))
    show_publication(publication, objects, as_json)


COMMANDS = (transform, blazingtext)
