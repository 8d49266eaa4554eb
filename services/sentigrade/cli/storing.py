"""Commands that look after a model store."""

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from sentigrade.cli.options import labels_option, license_option, listed, ordered_option, settings_with, store_option
from sentigrade.errors import StoreError

if TYPE_CHECKING:
    from sentigrade.store.finding import Found
    from sentigrade.store.objects import Objects
    from sentigrade.store.publishing import Publication
    from sentigrade.store.reference import Reference

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
sign_with_option = click.option(
    "--sign-with",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM file with the ed25519 private key to sign the manifest with.",
)


def say_published(publication: "Publication", address: str) -> None:
    """Say on standard error what a model is called now, and how to promote it."""
    name = f"{publication.name}@{publication.version}"
    hint = "promoted" if publication.promoted else f"`sentigrade promote {name}` makes it the one that is served"
    click.echo(f"Published {publication.identity} in {address}; {hint}.", err=True)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@store_option
@click.option("--name", help="Publish it under another name.")
@click.option("--version", type=click.IntRange(min=1), help="Publish it as this version, if nobody has it.")
@sign_with_option
@json_option
def publish(  # noqa: PLR0913, PLR0917 - click passes every option
    folder: Path, store: str, name: str | None, version: int | None, sign_with: Path | None, as_json: bool
) -> None:
    """Publish the model folder FOLDER as the next version of its model."""
    from sentigrade.store.opening import open_store
    from sentigrade.store.progress import bar
    from sentigrade.store.publishing import Wish
    from sentigrade.store.publishing import publish as publish_folder

    objects = open_store(store, create=True)
    show_publication(publish_folder(objects, folder, Wish(name, version, sign_with), bar), objects, as_json)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@store_option
@click.option("--name", help="Name of the model; the file's, unless it is given.")
@labels_option
@ordered_option
@license_option
@sign_with_option
@json_option
def adopt(  # noqa: PLR0913, PLR0917 - click passes every option
    file: Path,
    store: str,
    name: str | None,
    labels: str,
    ordered: bool,
    license_: str,
    sign_with: Path | None,
    as_json: bool,
) -> None:
    """Publish FILE, a bare model from elsewhere.

    That is a pickled CountVectorizer and LinearSVC, a model of fastText (.bin, .ftz), or the model.tar.gz of
    BlazingText.
    """
    from sentigrade.store.adopting import adopt as adopt_file
    from sentigrade.store.foreign import Adoption
    from sentigrade.store.opening import open_store
    from sentigrade.store.publishing import Wish
    from sentigrade.store.publishing import publish as publish_folder
    from sentigrade.store.reference import name_of, parse_name

    adoption = Adoption(parse_name(name or name_of(file.name)), listed(labels), ordered, license_)
    objects = open_store(store, create=True)
    with tempfile.TemporaryDirectory(prefix="sentigrade-") as folder:
        adopt_file(file.read_bytes(), file.name, adoption, Path(folder))
        publication = publish_folder(objects, Path(folder), Wish(sign_with=sign_with))
    show_publication(publication, objects, as_json)


def show_publication(publication: "Publication", objects: "Objects", as_json: bool) -> None:
    """Print what was published where: its identity, or all of it as JSON."""
    if as_json:
        _print_json({**publication._asdict(), "identity": publication.identity, "store": objects.address})
    else:
        say_published(publication, objects.address)
        click.echo(publication.identity)


@click.command("list")
@click.argument("name", required=False)
@store_option
@json_option
def list_(name: str | None, store: str, as_json: bool) -> None:
    """List the versions of all models, or of the model NAME."""
    from sentigrade.store.listing import list_versions
    from sentigrade.store.opening import open_store
    from sentigrade.store.reference import parse_name

    listings = list(list_versions(open_store(store), parse_name(name) if name else None))
    if as_json:
        _print_json(listings)
        return
    for listing in listings:
        facts = listing.fault or f"{listing.created}  {listing.family}  sha256:{listing.digest}"
        signed = "  signed" if listing.signed else ""
        click.echo(f"{'*' if listing.promoted else ' '} {listing.name}@{listing.version}  {facts}{signed}")
    if listings:
        click.echo("* promoted: the version that the bare name means", err=True)


@click.command()
@click.argument("reference")
@store_option
@json_option
def show(reference: str, store: str, as_json: bool) -> None:
    """Show what the manifest of REFERENCE says. Nothing is verified; see verify."""
    from sentigrade.store.catalogue import promoted, read_promotions, read_published

    objects, wanted = _in_store(reference, store)
    published = read_published(objects, wanted.name, wanted.version or promoted(objects, wanted.name))
    if wanted.digest not in (None, published.digest):
        raise StoreError(f"{published.manifest.reference} in {objects.address} has the sha256 {published.digest}")
    facts = {
        "identity": f"{published.manifest.reference}#sha256:{published.digest}",
        "promoted": read_promotions(objects, wanted.name).versions[:1] == (published.manifest.version,),
        "signed": published.signature is not None,
    }
    if as_json:
        _print_json({**facts, "manifest": published.manifest})
        return
    for name, value in facts.items():
        click.echo(f"{name}: {value}")
    click.echo(published.raw.decode(), nl=False)


@click.command()
@click.argument("reference")
@store_option
@json_option
def promote(reference: str, store: str, as_json: bool) -> None:
    """Let the bare name mean REFERENCE (name@version, or name@version#sha256:...) from now on."""
    from sentigrade.store.catalogue import read_published
    from sentigrade.store.promoting import promote as promote_version

    objects, wanted = _in_store(reference, store)
    if wanted.version is None:
        raise StoreError(f"{reference} names no version: write {wanted.name}@version")
    if wanted.digest not in (None, read_published(objects, wanted.name, wanted.version).digest):
        raise StoreError(f"{wanted.name}@{wanted.version} in {objects.address} has another sha256: not promoted")
    promote_version(objects, wanted.name, wanted.version)
    _show_promoted(objects, wanted.name, wanted.version, as_json)


@click.command()
@click.argument("name")
@store_option
@json_option
def rollback(name: str, store: str, as_json: bool) -> None:
    """Promote again the version of NAME that was promoted before."""
    from sentigrade.store.promoting import rollback as roll_back

    objects, model = _model_in_store(name, store)
    _show_promoted(objects, model, roll_back(objects, model), as_json)


def _show_promoted(objects: "Objects", name: str, version: int, as_json: bool) -> None:
    if as_json:
        _print_json({"name": name, "promoted": version, "store": objects.address})
    else:
        click.echo(f"{name} means {name}@{version} in {objects.address} now.")


@click.command()
@click.argument("reference")
@store_option
@json_option
def verify(reference: str, store: str, as_json: bool) -> None:
    """Verify every file of REFERENCE, open the model and let it answer a text, as the service would."""
    from sentigrade.scorer import Scorer
    from sentigrade.store.finding import find, open_found
    from sentigrade.store.progress import bar

    settings = settings_with(store)
    found = find(reference, settings, bar)
    model = open_found(found, settings)
    Scorer(model, max_characters=settings.max_characters).start()
    if as_json:
        _print_json({"identity": model.identity, "folder": str(found.folder.resolve()), "notice": found.notice})
        return
    _warn_of(found)
    click.echo(f"{model.identity} is sound and answers.")


@click.command()
@click.argument("reference")
@store_option
@click.option("--into", required=True, help="Folder that becomes a store with this model, promoted.")
@json_option
def fetch(reference: str, store: str, into: str, as_json: bool) -> None:
    """Copy the model REFERENCE, verified, into a store in a folder, such as that of an image."""
    from sentigrade.store.fetching import copy
    from sentigrade.store.finding import find
    from sentigrade.store.opening import open_store
    from sentigrade.store.progress import bar

    found = find(reference, settings_with(store), bar)
    target = open_store(into, create=True)
    identity = copy(found.folder, found.trust, target)
    if as_json:
        _print_json({"identity": identity, "store": target.address, "notice": found.notice})
        return
    _warn_of(found)
    click.echo(f"{identity} is in {target.address}.")


def _warn_of(found: "Found") -> None:
    if found.notice:
        click.echo(f"sentigrade: warning: {found.notice}", err=True)


@click.command()
@click.argument("name")
@store_option
@click.option("--keep", type=click.IntRange(min=1), default=5, show_default=True, help="So many of the newest stay.")
@json_option
def prune(name: str, store: str, keep: int, as_json: bool) -> None:
    """Remove old versions of NAME, never the promoted one nor the one that a rollback would promote."""
    from sentigrade.store.pruning import prune as remove_old

    objects, model = _model_in_store(name, store)
    pruned = remove_old(objects, model, keep=keep, now=time.time())
    if as_json:
        _print_json(pruned._asdict())
        return
    for version in pruned.versions:
        click.echo(f"removed {model}@{version}")
    for version in pruned.leftovers:
        click.echo(f"removed what a dead publisher left of {model}@{version}")


def _in_store(text: str, store: str) -> tuple["Objects", "Reference"]:
    """Return the store that a reference names, or else `store`, and the reference."""
    from sentigrade.store.opening import open_store
    from sentigrade.store.reference import Reference, parse_reference

    wanted = parse_reference(text)
    if not isinstance(wanted, Reference):
        raise StoreError(f"{text!r} is not in a store: write name@version")
    return open_store(wanted.store or store), wanted


def _model_in_store(text: str, store: str) -> tuple["Objects", str]:
    """Return the store and the name of a model; a version would be ignored, so it is refused."""
    objects, wanted = _in_store(text, store)
    if wanted.version or wanted.digest:
        raise StoreError(f"{text!r} names one version: give the model's name alone")
    return objects, wanted.name


def _print_json(value: object) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


COMMANDS = (publish, adopt, list_, show, promote, rollback, verify, fetch, prune)
