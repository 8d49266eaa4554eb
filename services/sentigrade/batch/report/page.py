"""The report of a batch job: one page that needs nothing beside it, neither a server nor the network."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from sentigrade.batch.report.files import shown_files
from sentigrade.batch.report.legend import legend
from sentigrade.batch.report.plots import histogram, stacked
from sentigrade.batch.report.words import told_of
from sentigrade.batch.tally import CONFIDENCES, Summary
from sentigrade.batch.wording import FILTERS
from sentigrade.labels import LabelSet

_TEMPLATES = Path(__file__).with_name("templates")
# The page at `GET /` and this one look alike.
_STATIC = files("sentigrade") / "web" / "static"
_SHARED_STYLES = ("colours.css", "page.css")
_OWN_STYLES = ("page.css", "drawing.css", "print.css")


def report_page(summary: Summary, labels: LabelSet, title: str) -> bytes:
    """Return the HTML page that shows what came out of a job; `title` says what was scored."""
    style = _style()
    reference, _, digest = summary.model.partition("#")
    # Of labels that apply side by side none is less sure than by half: what is not probable is surely not so.
    begin = CONFIDENCES // 2 if labels.kind == "multilabel" else 0
    page = _template().render(
        title=title,
        reference=reference,
        digest=digest,
        summary=summary,
        kind=labels.kind,
        legend=legend(labels, summary.labels),
        shown=shown_files(summary.files),
        confidence=histogram(summary.confidence, begin),
        words=told_of(summary.words, labels, summary.labels),
        style=style,
        policy=_policy(style),
        icon=_icon(),
    )
    return page.encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    environment.globals |= {"stacked": stacked}
    return environment.get_template("page.html")


def _style() -> str:
    sheets = [*(_STATIC / name for name in _SHARED_STYLES), *(_TEMPLATES / name for name in _OWN_STYLES)]
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


def _policy(style: str) -> str:
    """Return a policy by which nothing runs, nothing is fetched, and only this very style applies."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def _icon() -> str:
    return "data:image/svg+xml;base64," + base64.b64encode((_STATIC / "icon.svg").read_bytes()).decode()
