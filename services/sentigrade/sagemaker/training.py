"""From channels and hyperparameters to the folder that an endpoint serves."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from joblib.externals.loky import BrokenProcessPool, get_reusable_executor

from sentigrade.manifest import MANIFEST
from sentigrade.sagemaker.channels import read_held_out, read_training
from sentigrade.sagemaker.folders import SageMakerFolders, writing
from sentigrade.sagemaker.hyperparameters import Hyperparameters
from sentigrade.sagemaker.job import killed
from sentigrade.store.reference import parse_name
from sentigrade.training.train import Recipe, train


def train_on_channels(folders: SageMakerFolders, hyperparameters: Hyperparameters, unfinished: Path) -> None:
    """Train in the folder `unfinished`, move the model to its place when it is whole, and print its figures."""
    columns = hyperparameters.columns
    name = parse_name(hyperparameters.name)
    source = read_training(folders.channels, columns, hyperparameters.order)
    held_out = [*source.held_out, *read_held_out(folders.channels, columns, source.labels)]
    for examples in (source.examples, *held_out):
        print(f"{examples.name}: {len(examples)} texts", flush=True)
    recipe = Recipe.of(source, name=name, license=hyperparameters.license, seed=hyperparameters.seed)
    try:
        manifest = train(recipe, source.examples, held_out, unfinished)
    except BrokenProcessPool:
        raise killed("The training") from None
    finally:
        # The workers of cross-validation would wait for more to do, and this process for them.
        get_reusable_executor().shutdown()
    # The manifest last: with it the folder begins to exist.
    with writing(folders.model):
        for file in sorted(unfinished.iterdir(), key=lambda file: file.name == MANIFEST):
            shutil.move(file, folders.model / file.name)
    print("\n".join(metric_lines(manifest.metrics)), flush=True)
    print(f"The model {name} is in {folders.model}.", flush=True)


def metric_lines(metrics: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Give lines such as `validation:accuracy=0.46;`, which the patterns of a job's metrics find in its log."""
    for data, figures in metrics.items():
        name, _, kind = data.partition(", ")
        if kind in ("", "grouped cross-validation"):
            yield from (f"{name}:{measure}={value};" for measure, value in figures.items() if measure != "n")
