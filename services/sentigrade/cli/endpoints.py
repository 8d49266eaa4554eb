"""Commands for models that lie elsewhere."""

import tempfile
from pathlib import Path

import click

from sentigrade.cli.options import license_option, listed, ordered_option, several_option, store_option
from sentigrade.cli.storing import json_option, show_publication, sign_with_option


@click.command("adopt-endpoint")
@click.argument("endpoint")
@click.option("--region", required=True, help="AWS region of the endpoint, such as eu-west-1.")
@click.option(
    "--labels",
    required=True,
    metavar="LABEL,...",
    help="Display names, comma-separated; ID=NAME where the endpoint calls a label otherwise: 1=World,2=Sports.",
)
@ordered_option
@several_option
@store_option
@click.option("--name", help="Name of the model; the endpoint's, unless it is given.")
@license_option
@sign_with_option
@json_option
def adopt_endpoint(  # noqa: PLR0913, PLR0917 - click passes every option
    endpoint: str,
    region: str,
    labels: str,
    ordered: bool,
    several: bool,
    store: str,
    name: str | None,
    license_: str,
    sign_with: Path | None,
    as_json: bool,
) -> None:
    """Publish a model that asks ENDPOINT, a SageMaker endpoint that speaks BlazingText. Nothing is asked yet."""
    from sentigrade.store.adopting_endpoint import EndpointAdoption, labels_of
    from sentigrade.store.adopting_endpoint import adopt_endpoint as write_folder
    from sentigrade.store.opening import open_store
    from sentigrade.store.publishing import Wish, publish
    from sentigrade.store.reference import name_of, parse_name

    label_set = labels_of(listed(labels), ordered=ordered, several=several)
    adoption = EndpointAdoption(parse_name(name or name_of(endpoint)), endpoint, region, label_set, license_)
    objects = open_store(store, create=True)
    with tempfile.TemporaryDirectory(prefix="sentigrade-") as folder:
        write_folder(adoption, Path(folder))
        publication = publish(objects, Path(folder), Wish(sign_with=sign_with))
    show_publication(publication, objects, as_json)


COMMANDS = (adopt_endpoint,)
