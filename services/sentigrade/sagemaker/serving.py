"""The whole service on one port, as SageMaker starts it."""

from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from sentigrade.local_stack import run_local_stack
from sentigrade.sagemaker.environment import settings_of
from sentigrade.sagemaker.folders import SageMakerFolders, temporary_folder
from sentigrade.sagemaker.packed_model import packed_model
from sentigrade.sagemaker.refusals import refusals_printed
from sentigrade.settings import environment_name


def serve(environ: Mapping[str, str], folders: SageMakerFolders, *, nginx_folder: Path) -> None:
    """Serve the unpacked model, or else the one of the settings, until SIGTERM or SIGINT.

    Everything that is written lies in the folder for temporary files. Raises SettingError for a setting and
    ModelFolderError for a model that cannot be used.
    """
    with temporary_folder() as state, refusals_printed(Path(state, "access.log")) as access_log:
        settings = settings_of(environ, folders)
        named = environ.get(environment_name("models"))
        reference = None if named else packed_model(folders.model, adopted=Path(state, "adopted"))
        run_local_stack(
            replace(settings, models=reference) if reference else settings,
            nginx_folder=nginx_folder,
            state_folder=Path(state),
            access_log=access_log,
            announces=False,
        )
