"""An HTML page as its readers have it: tables, words and drawings."""

from collections.abc import Iterator
from html.parser import HTMLParser

Attributes = dict[str, str]

# What has no end of its own.
_VOID = ("meta", "link", "rect", "br", "img")


class ReadPage(HTMLParser):
    """The elements of a page, what is written in each section, and the cells of each table."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.sections: dict[str, str] = {}
        self._tables: dict[str, list[list[list[str]]]] = {}
        self._drawings: dict[str, list[list[Attributes]]] = {}
        self._open: list[str] = []
        self._section = "head"
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "section":
            self._section = attributes["aria-labelledby"].removesuffix("-title")
        elif tag == "table":
            self.tables_of(self._section).append([])
        elif tag == "tr":
            self.tables_of(self._section)[-1].append([])
        elif tag in ("td", "th"):
            self.tables_of(self._section)[-1][-1].append("")
        elif tag == "svg":
            self.drawings_of(self._section).append([attributes])
        elif tag == "rect":
            self.drawings_of(self._section)[-1].append(attributes)
        self.sections[self._section] = self.sections.get(self._section, "") + " "

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self._open.pop() == tag, f"</{tag}> ends something else"

    def handle_data(self, data: str) -> None:
        if "style" in self._open or "svg" in self._open:
            return
        self.sections[self._section] = self.sections.get(self._section, "") + data
        if {"td", "th"} & set(self._open):
            self.tables_of(self._section)[-1][-1][-1] += data.replace("\u00a0", " ")

    def tables_of(self, section: str) -> list[list[list[str]]]:
        """Return the tables of a section, each of them a list of rows of cells."""
        return self._tables.setdefault(section, [])

    def drawings_of(self, section: str) -> list[list[Attributes]]:
        """Return the drawings of a section: the attributes of each, and those of its rectangles."""
        return self._drawings.setdefault(section, [])

    def text_of(self, section: str) -> str:
        """Return what is written in a section, with single blanks."""
        return " ".join(self.sections[section].split())

    def links(self) -> Iterator[str]:
        """Give every address that the page names."""
        for _, attributes in self.elements:
            yield from (attributes[name] for name in ("src", "href", "xlink:href", "srcset") if name in attributes)


def widths(drawing: list[Attributes]) -> list[float]:
    """Return how wide the rectangles of a drawing are, in percent."""
    return [float(rectangle["width"].removesuffix("%")) for rectangle in drawing[1:]]
