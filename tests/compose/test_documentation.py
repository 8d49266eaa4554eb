"""The commands of the documentation that need Docker, run as they are printed."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from sentigrade.store.opening import open_store
from tests.compose.conftest import Project
from tests.compose.documentation import PageProject
from tests.documentation.blocks import Block
from tests.documentation.test_commands import marked, require_what_is_shown, to_run
from tests.documentation.test_names import passages
from tests.documentation.workplace import Workplace
from tests.environment import set_variables
from tests.live import REPOSITORY
from tests.monitoring.prometheus import program
from tests.s3_server import S3Server

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

HERE = Path(__file__).parent
REVIEWS = "id,review\n1,A warm and funny film.\n2,An utter bore.\n"
UP = "docker compose up --build --detach --wait"

# What a page takes for granted.
BEFORE = {
    "docs/deploy-batch.md": f"printf '{REVIEWS}' > reviews.csv",
    "docs/deploy-ec2.md": """
git config --global user.name test
git config --global user.email test@example.org
git add --all
git commit --quiet --message test
git config --global url."$PWD".insteadOf https://github.com/OWNER/sentigrade.git""",
    "docs/monitoring.md": f"""{UP}
curl --header 'X-Request-ID: ID' --json '{{"mytext": "A warm film."}}' localhost:1337/v1/predict""",
    "docs/operations.md": UP,
}
# What shows that its commands have done their work, where their status alone does not.
AFTER = {
    "deploy/monitoring/README.md": """
until curl 'localhost:9090/api/v1/query?query=sentigrade_workers' | grep instance; do sleep 0.5; done""",
    "docs/deploy-batch.md": "ls batch/scored/_SUCCESS",
    "docs/operations.md": """
curl localhost:1337/health/ready
[[ $(docker compose ps --quiet web) != "$old" ]]
grep alice keys.txt""",
}


@pytest.fixture(scope="module")
def settings(s3_of_all: S3Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Lead `batch` to an S3 server with the buckets that the pages name; it listens on this host's loopback."""
    with pytest.MonkeyPatch.context() as owner:
        set_variables(owner, s3_of_all.environ("owner"))
        open_store("s3://my-reviews/2026-01-31").write("reviews.csv", REVIEWS.encode(), over=None)
        open_store("s3://my-results").write("made", b"", over=None)
    address = {"AWS_ENDPOINT_URL_S3": s3_of_all.endpoint, "AWS_DEFAULT_REGION": "us-east-1"}
    override = tmp_path_factory.mktemp("settings") / "override.yml"
    override.write_text(yaml.safe_dump({"services": {"batch": {"network_mode": "host", "environment": address}}}))
    return {
        "COMPOSE_FILE": f"docker-compose.yml{os.pathsep}{override}",
        "SENTIGRADE_AWS_CREDENTIALS": str(s3_of_all.credentials_file("publisher")),
    }


@pytest.fixture(scope="module")
def images() -> Iterator[None]:
    """Have Prometheus' and Grafana's images: their own, or stand-ins where no registry can be reached."""
    docker = Project("stand-ins").docker
    made = []
    services = yaml.safe_load((REPOSITORY / "deploy" / "monitoring" / "compose.yml").read_text())["services"]
    for name, service in services.items():
        image = service["image"]
        if docker("image", "inspect", image, check=False).returncode and docker("pull", image, check=False).returncode:
            installed = f"installed={Path(program('prometheus')).parent}"
            docker("build", "--tag", image, "--build-context", installed, str(HERE / "stand_ins" / name))
            made.append(image)
    yield
    for image in made:
        docker("image", "rm", "--force", image)


@pytest.fixture
def workplace(settings: dict[str, str], images: None, tmp_path: Path) -> Iterator[Workplace]:
    project = PageProject()
    try:
        yield Workplace(tmp_path, HERE / "documentation.bash", project.environ | settings)
    finally:
        project.remove()


def test_what_is_prepared_is_for_pages_that_are_followed() -> None:
    assert {*BEFORE, *AFTER} <= {*marked("docker")}


@pytest.mark.parametrize("page", marked("docker"))
def test_a_page_can_be_followed_with_docker(page: str, workplace: Workplace) -> None:
    before, after = (Block(page, 0, "sh", "docker", texts.get(page, ":")) for texts in (BEFORE, AFTER))
    found = to_run(page, "docker")
    printed = workplace.run([before, *found, after], seconds=500)[1:-1]
    for block, output in zip(found, printed, strict=True):
        require_what_is_shown(block, output)


@pytest.mark.parametrize("named", sorted({text for _, text in passages() if text.startswith("docker ")}))
def test_docker_knows_a_command_that_is_named_in_passing(named: str) -> None:
    """It gives help only where it knows the command and its options."""
    words = named.split()
    # What follows an image or a service is none of Docker's.
    words.insert(words.index("run") + 1 if "run" in words else len(words), "--help")
    result = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
