"""Commands that SageMaker's containers run."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
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
@click.option("--text-column", default="text", show_default=True)
@click.option("--label-column", default="label", show_default=True)
@click.option("--ordered", default="", help="Labels from worst to best, comma-separated, if they are grades.")
@click.pass_obj
def process(  # noqa: PLR0913, PLR0917 - click passes every option
    folders: "SageMakerFolders",
    source: Path | None,
    target: Path | None,
    model: str | None,
    text_column: str,
    label_column: str,
    ordered: str,
) -> None:
    """Clean labelled files and write them as fastText and BlazingText read them.

    A row becomes a line such as `__label__good a fine film`. Each file becomes one of the same name. The reason
    of a failure is written to /opt/ml/output/message.
    """
    from sentigrade.sagemaker.jobs import Processing
    from sentigrade.sagemaker.jobs import process as run_job

    job = Processing(
        source=source or folders.processing_input,
        target=target or folders.processing_output,
        model=model,
        text_column=text_column,
        label_column=label_column,
        ordered=tuple(ordered.split(",")) if ordered else (),
    )
    run_job(job, folders.message)


COMMANDS = (sagemaker,)
