"""Commands that SageMaker's containers run."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from sentigrade.cli.options import column_options, listed, several_option

if TYPE_CHECKING:
    from sentigrade.data.labelled_file import Columns
    from sentigrade.sagemaker.folders import SageMakerFolders

_folder = click.Path(path_type=Path)


@click.group()
@click.option("--root", type=_folder, default=Path("/opt/ml"), hidden=True, help="Another place than SageMaker's.")
@click.pass_context
def sagemaker(context: click.Context, root: Path) -> None:
    """Serve, train or process data the way SageMaker asks a container to."""
    from sentigrade.sagemaker.folders import SageMakerFolders

    context.obj = SageMakerFolders(root)


@sagemaker.command()
@click.option("--nginx-folder", type=_folder, default=Path("nginx"), show_default=True)
@click.pass_obj
def serve(folders: "SageMakerFolders", nginx_folder: Path) -> None:
    """Serve the model in /opt/ml/model, or else the default one, on one port, 8080 unless it is set otherwise."""
    from sentigrade.sagemaker.serving import serve as serve_model

    serve_model(os.environ, folders, nginx_folder=nginx_folder)


@sagemaker.command()
@click.pass_obj
def train(folders: "SageMakerFolders") -> None:
    """Train on the channels in /opt/ml/input/data and write the model into /opt/ml/model.

    The hyperparameters stand in /opt/ml/input/config/hyperparameters.json. The reason of a failure is written to
    /opt/ml/output/failure.
    """
    from sentigrade.sagemaker.jobs import train as run_job

    run_job(folders)


@sagemaker.command()
@click.option("--input", "source", type=_folder, help="Folder to read.  [default: /opt/ml/processing/input]")
@click.option("--output", "target", type=_folder, help="Folder to write.  [default: /opt/ml/processing/output]")
@click.option("--model", help="Clean as this model does: name, name@version or a folder.  [default: as training does]")
@column_options
@several_option
@click.option("--ordered", default="", help="Labels from worst to best, comma-separated, if they are grades.")
@click.option("--format", "form", type=click.Choice(["fasttext", "manifest"]), default="fasttext", show_default=True)
@click.pass_obj
def process(  # noqa: PLR0913, PLR0917 - click passes every option
    folders: "SageMakerFolders",
    source: Path | None,
    target: Path | None,
    model: str | None,
    columns: "Columns",
    several: bool,
    ordered: str,
    form: Literal["fasttext", "manifest"],
) -> None:
    """Clean labelled files and write them as fastText and BlazingText read them.

    A row becomes a line such as `__label__good a fine film`, or, in an augmented manifest, {"source": "a fine film",
    "label": 1}, where the label's number is its place among all labels, which are printed. Each file becomes one of
    the same name. The reason of a failure is written to /opt/ml/output/message.
    """
    from sentigrade.sagemaker.jobs import Processing
    from sentigrade.sagemaker.jobs import process as run_job

    job = Processing(
        source=source or folders.processing_input,
        target=target or folders.processing_output,
        model=model,
        columns=columns._replace(several=several),
        ordered=listed(ordered),
        form=form,
    )
    run_job(job, folders.message)


COMMANDS = (sagemaker,)
