"""What the first boot of a host on EC2 does.

cloud-init itself runs, in a container. What is cut off, at the border of a process: systemd, Docker inside of Docker,
and Let's Encrypt. Scripts that write down what they were asked stand in for them. The list of packages is Ubuntu's,
and this is Debian: they are not installed.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.history import MODELS, History
from tests.live import REPOSITORY, wait_until

pytestmark = [pytest.mark.compose, pytest.mark.timeout(600)]

EC2 = REPOSITORY / "deploy" / "ec2"

MACHINE = """
FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install --yes --no-install-recommends cloud-init curl git openssl
"""

STAND_INS = {
    "systemctl": 'echo "systemctl $*" >>/asked',
    "docker": """
echo "docker $*" >>/asked
case "$*" in
*" up "*) exit $(cat /outcome) ;;
*"config --services") printf 'web\\nnginx\\ntls\\n' ;;
"image inspect"*) echo sha256:0123 ;;
"container ls"*) cat /tls-container ;;
esac
""",
    "certbot": """
echo "certbot $*" >>/asked
mkdir /lineage
openssl req -x509 -newkey rsa:2048 -noenc -subj /CN=renewed -keyout /lineage/privkey.pem -out /lineage/fullchain.pem
while [ "$1" != --deploy-hook ]; do shift; done
RENEWED_LINEAGE=/lineage sh -c "$2"
""",
}

STAGES = """
network: {config: disabled}
datasource_list: [NoCloud]
cloud_init_modules: [write_files]
cloud_config_modules: [runcmd]
cloud_final_modules: [scripts_user]
"""

# Stands where CloudFormation would, and writes down what it is told.
STACK = """
from http.server import BaseHTTPRequestHandler, HTTPServer

class Stack(BaseHTTPRequestHandler):
    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        open("/told", "a").write(f"{self.path} {self.headers['Content-Type']} {body}")
        self.send_response(200)
        self.end_headers()

HTTPServer(("127.0.0.1", 8000), Stack).serve_forever()
"""


class Machine:
    """A Debian that has just been started for the first time, without a network."""

    def __init__(self, folder: Path, outcome: int) -> None:
        image = docker("build", "--quiet", "-", stdin=MACHINE).strip()
        alone = ["--rm", "--init", "--network", "none"]
        self._container = docker("run", "--detach", *alone, image, "sleep", "600").strip()
        self._folder = folder
        self.put("/outcome", str(outcome))
        self.put("/tls-container", "")
        for name, script in STAND_INS.items():
            self.put(f"/usr/local/bin/{name}", f"#!/bin/sh\n{script}\n")
        docker("exec", "--detach", self._container, "python3", "-c", STACK)

    def put(self, path: str, text: str) -> None:
        """Write a file."""
        (self._folder / "file").write_text(text)
        (self._folder / "file").chmod(0o755)
        self.run("mkdir", "-p", str(Path(path).parent))
        self.copy(self._folder / "file", path)

    def copy(self, source: Path, path: str) -> None:
        docker("cp", "--quiet", str(source), f"{self._container}:{path}")

    def run(self, *command: str) -> str:
        return docker("exec", self._container, *command)

    def boot(self, user_data: str) -> None:
        """Run cloud-init's stages in their order."""
        self.put("/etc/cloud/cloud.cfg.d/99-test.cfg", STAGES)
        self.put("/var/lib/cloud/seed/nocloud/meta-data", "instance-id: host\n")
        self.put("/var/lib/cloud/seed/nocloud/user-data", user_data)
        listening = "0100007F:1F40"  # 127.0.0.1:8000
        wait_until(lambda: listening in self.run("cat", "/proc/net/tcp"), "listening for the host's report")
        self.run("cloud-init", "schema", "--config-file", "/var/lib/cloud/seed/nocloud/user-data")
        stages = "cloud-init init --local; cloud-init init; cloud-init modules --mode config"
        self.run("sh", "-c", f"{{ {stages}; cloud-init modules --mode final; }} >/output 2>&1 || true")

    def told(self) -> tuple[str, str]:
        """Where the host reported, and how it said the start had ended."""
        path, content_type, answer = self.run("cat", "/told").split(" ", 2)
        assert content_type == "None"  # CloudFormation's address is signed for none
        return path, str(json.loads(answer)["Status"])

    def remove(self) -> None:
        docker("rm", "--force", "--volumes", self._container)


def docker(*arguments: str, stdin: str | None = None) -> str:
    result = subprocess.run(["docker", *arguments], input=stdin, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def filled_in(origin: str, commit: str, domain: str) -> str:
    """The cloud-init with its names filled in, as CloudFormation does."""
    values = {
        "RepositoryUrl": origin,
        "Revision": commit,
        "Models": MODELS,
        "Store": "s3://models/store/",
        "Region": "eu-central-1",
        "DomainName": domain,
        "ReadyUrl": "http://127.0.0.1:8000/ready?stack=a%2Fb&signature=c%3D",
    }
    text = (EC2 / "cloud-init.yaml").read_text()
    return re.sub(r"\$\{(\w+)\}", lambda name: values[name[1]], text)


def booted(folder: Path, history: History, commit: str, *, domain: str, outcome: int) -> Machine:
    machine = Machine(folder, outcome)
    machine.copy(history.folder / ".git", "/origin.git")
    machine.run("chown", "--recursive", "root:root", "/origin.git")  # git mistrusts another user's repository
    machine.boot(filled_in("file:///origin.git", commit, domain))
    return machine


@pytest.fixture(scope="module")
def with_tls(tmp_path_factory: pytest.TempPathFactory, history: History, first_commit: str) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("with-tls")
    machine = booted(folder, history, first_commit, domain="grades.example.org", outcome=0)
    yield machine
    machine.remove()


@pytest.fixture(scope="module")
def unhealthy(tmp_path_factory: pytest.TempPathFactory, history: History, first_commit: str) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("unhealthy")
    machine = booted(folder, history, first_commit, domain="", outcome=1)
    yield machine
    machine.remove()


def test_the_first_boot_writes_settings_and_no_credentials(with_tls: Machine) -> None:
    assert with_tls.run("cat", "/opt/sentigrade/.env") == (
        "SENTIGRADE_STORE=s3://models/store/\n"
        "AWS_DEFAULT_REGION=eu-central-1\n"
        "COMPOSE_PROFILES=tls\n"
        "SENTIGRADE_TLS_FOLDER=/etc/sentigrade/tls\n"
    )
    assert with_tls.run("stat", "--format", "%a %U", "/opt/sentigrade/.env") == "600 root\n"


def test_the_first_boot_installs_the_commit_s_own_scripts_and_unit(with_tls: Machine, history: History) -> None:
    for name, path in (
        ("release", "/usr/local/bin/sentigrade-release"),
        ("certificate", "/usr/local/bin/sentigrade-certificate"),
        ("sentigrade.service", "/etc/systemd/system/sentigrade.service"),
    ):
        assert with_tls.run("cat", path) == (history.folder / "deploy" / "ec2" / name).read_text()
    assert "sentigrade-release back" in with_tls.run("sh", "-c", "sentigrade-release 2>&1 || true")


def test_the_first_release_is_the_commit_with_its_models(
    with_tls: Machine, history: History, first_commit: str
) -> None:
    release = "/opt/sentigrade/releases/1"
    assert with_tls.run("cat", "/opt/sentigrade/current") == "1\n"
    assert with_tls.run("cat", f"{release}/commit") == f"{first_commit}\n"
    assert with_tls.run("cat", f"{release}/env") == f"SENTIGRADE_MODELS='{MODELS}'\n"
    files = with_tls.run("sh", "-c", f"cd {release}/source && find . -type f | sort").split()
    assert files == sorted(f"./{name}" for name in history.git("ls-tree", "-r", "--name-only", first_commit).split())


def test_the_first_boot_builds_starts_and_leaves_the_rest_to_systemd(with_tls: Machine) -> None:
    asked = with_tls.run("cat", "/asked").splitlines()
    kinds = [
        kind
        for line in asked
        for kind in ("daemon-reload", " build", " up ", "enable --now sentigrade.service")
        if kind in line
    ]
    assert kinds == ["daemon-reload", " build", " up ", "enable --now sentigrade.service"]
    (up,) = (line for line in asked if " up " in line)
    assert "--env-file /opt/sentigrade/.env --env-file /opt/sentigrade/releases/1/env" in up
    assert "--wait" in up


def test_the_first_boot_makes_a_certificate_that_only_nginx_s_user_reads(with_tls: Machine) -> None:
    folder = "/etc/sentigrade/tls"
    assert with_tls.run("stat", "--format", "%a %u", f"{folder}/privkey.pem") == "400 101\n"
    names = with_tls.run("openssl", "x509", "-noout", "-ext", "subjectAltName", "-in", f"{folder}/fullchain.pem")
    assert "DNS:grades.example.org" in names


def test_a_certificate_from_let_s_encrypt_takes_its_place_and_is_served(with_tls: Machine) -> None:
    with_tls.put("/tls-container", "0123")
    with_tls.run("sentigrade-certificate", "get", "grades.example.org")
    served = "/etc/sentigrade/tls"
    for name in ("fullchain.pem", "privkey.pem"):
        assert with_tls.run("cat", f"{served}/{name}") == with_tls.run("cat", f"/lineage/{name}")
    assert with_tls.run("stat", "--format", "%a %u", f"{served}/privkey.pem") == "400 101\n"
    asked = with_tls.run("cat", "/asked").splitlines()
    assert "--domain grades.example.org" in next(line for line in asked if line.startswith("certbot"))
    assert asked[-1].endswith("kill --signal HUP tls")


def test_the_stack_is_told_that_the_service_runs(with_tls: Machine) -> None:
    assert with_tls.told() == ("/ready?stack=a%2Fb&signature=c%3D", "SUCCESS"), with_tls.run("cat", "/output")


def test_the_stack_is_told_that_the_service_did_not_become_healthy(unhealthy: Machine) -> None:
    assert unhealthy.told()[1] == "FAILURE"
    assert "there is no earlier release to go back to" in unhealthy.run("cat", "/output")
    assert "enable --now" not in unhealthy.run("cat", "/asked")


def test_without_a_domain_name_there_is_no_tls(unhealthy: Machine) -> None:
    assert "TLS" not in unhealthy.run("cat", "/opt/sentigrade/.env")
    assert "sentigrade" not in unhealthy.run("ls", "/etc").split()
