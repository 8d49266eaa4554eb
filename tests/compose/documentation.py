"""What the commands of a page make with Docker, all under one name, so that all of it can go in the end."""

from uuid import uuid4

from tests.compose.conftest import Project


class PageProject(Project):
    """A project that nothing but a page's own commands builds, starts and runs."""

    def __init__(self) -> None:
        super().__init__(f"page-{uuid4().hex[:8]}")

    @property
    def environ(self) -> dict[str, str]:
        """Environment variables that give the page's commands its name and its port."""
        return {"COMPOSE_PROJECT_NAME": self.name, "SENTIGRADE_PORT": str(self.port)}

    def remove(self) -> None:
        """Take away everything that bears the name."""
        for wanted in (f"ancestor={self.name}-sentigrade", f"name={self.name}"):
            self._each("ps --all --quiet --filter", wanted, "rm --force --volumes")
        for kind in ("network", "volume"):
            self._each(f"{kind} ls --quiet --filter", f"name={self.name}", f"{kind} rm")
        self._each("image ls --quiet --filter", f"reference={self.name}-*", "image rm --force")

    def _each(self, listing: str, wanted: str, removal: str) -> None:
        if found := set(self.docker(*listing.split(), wanted).stdout.split()):
            self.docker(*removal.split(), *found)
