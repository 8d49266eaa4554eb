"""The API keys out of Secrets Manager, which moto plays; what moto cannot say, a server says that is told to."""

import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import boto3
import pytest

from sentigrade.api_keys import add_key, name_of, read_keys
from sentigrade.aws.secrets import SECRET, fetch_api_keys
from sentigrade.errors import AwsError, AwsUnreachable, SettingError
from tests.aws_server import AwsServer
from tests.endpoint_server import EndpointServer, endpoint_server, refusal
from tests.environment import set_variables
from tests.lambda_runtime import function
from tests.live import free_port

Store = Callable[[str | bytes], str]

KEYS = "SENTIGRADE_API_KEYS"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "function",
    "AWS_SECRET_ACCESS_KEY": "the-secret-of-function",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def leading_to(port: int) -> dict[str, str]:
    """The environment variables that lead boto3 to a port of this host."""
    return {**CREDENTIALS, "AWS_ENDPOINT_URL_SECRETS_MANAGER": f"http://127.0.0.1:{port}"}


@pytest.fixture
def moto(aws: AwsServer) -> Mapping[str, str]:
    """The environment variables that lead to a Secrets Manager."""
    return leading_to(aws.port)


@pytest.fixture
def store(moto: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Store:
    """What makes a secret and returns its ARN; this process asks there too."""
    set_variables(monkeypatch, moto)
    client = boto3.Session().client("secretsmanager")

    def store(content: str | bytes) -> str:
        field = "SecretString" if isinstance(content, str) else "SecretBinary"
        return str(client.create_secret(Name=f"sentigrade/{uuid4().hex}", **{field: content})["ARN"])

    return store


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_the_keys_lie_in_a_file_that_nobody_else_reads(store: Store, tmp_path: Path) -> None:
    key = add_key(tmp_path / "keys", "alice")
    environ = {SECRET: store((tmp_path / "keys").read_text())}
    fetch_api_keys(environ)
    path = Path(environ[KEYS])
    assert name_of(key, read_keys(path)) == "alice"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_function_asks_for_a_key_of_the_secret(
    store: Store, moto: Mapping[str, str], small_store: Path, tmp_path: Path
) -> None:
    key = add_key(tmp_path / "keys", "alice")
    arn = store((tmp_path / "keys").read_text())
    with function(tmp_path, {"SENTIGRADE_STORE": str(small_store), SECRET: arn, **moto}) as running:
        assert running.call("POST", "/", {"mytext": "fine"}).status == 401
        assert running.call("POST", "/", {"mytext": "fine"}, {"X-API-Key": key}).status == 200


def test_without_its_keys_a_function_does_not_start(moto: Mapping[str, str], small_store: Path, tmp_path: Path) -> None:
    with function(tmp_path, {"SENTIGRADE_STORE": str(small_store), SECRET: "none", **moto}) as starting:
        outcome = starting.outcome()
        assert (outcome.kind, outcome.said["errorType"]) == ("init/error", "AwsError")
        assert outcome.said["errorMessage"].startswith(f"{SECRET}: there is no such secret in this region")


@pytest.mark.parametrize("text", ["", "alice sha256:zero", '{"alice": "sg_0123"}'])
def test_a_secret_that_holds_no_keys_is_refused_and_never_quoted(store: Store, text: str) -> None:
    with pytest.raises(SettingError, match=rf"{SECRET}, written to a file: .*`sentigrade key add`") as refused:
        fetch_api_keys({SECRET: store(text or "# none")})
    assert not text or text not in str(refused.value)


def test_a_secret_of_bytes_is_refused(store: Store) -> None:
    with pytest.raises(SettingError, match=r"holds bytes; store the file as text \(--secret-string"):
        fetch_api_keys({SECRET: store(b"alice")})


def test_a_secret_that_is_about_to_be_deleted_can_be_kept(store: Store) -> None:
    arn = store("alice")
    boto3.Session().client("secretsmanager").delete_secret(SecretId=arn)
    with pytest.raises(AwsError, match="about to be deleted; `aws secretsmanager restore-secret` keeps it"):
        fetch_api_keys({SECRET: arn})


def test_one_source_of_keys_is_enough(store: Store) -> None:
    with pytest.raises(SettingError, match=f"{KEYS} and {SECRET} are both set"):
        fetch_api_keys({SECRET: store("alice"), KEYS: "keys"})


def test_a_full_folder_for_temporary_files_is_named(store: Store, temporary: Path, tmp_path: Path) -> None:
    add_key(tmp_path / "keys", "alice")
    arn = store((tmp_path / "keys").read_text())
    temporary.rmdir()
    with pytest.raises(SettingError, match=rf"nothing can be written to {temporary} \(No such file"):
        fetch_api_keys({SECRET: arn})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[EndpointServer]:
    """A server that says what it is told to."""
    with endpoint_server(bytes) as server:
        set_variables(monkeypatch, leading_to(server.port))
        yield server


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AccessDeniedException", "allow secretsmanager:GetSecretValue on it, and kms:Decrypt"),
        ("UnrecognizedClientException", "answered UnrecognizedClientException; check the role and its policy"),
    ],
)
def test_a_refusal_says_what_to_allow(server: EndpointServer, code: str, advice: str) -> None:
    server.always = refusal(400, code, __type=code)
    with pytest.raises(AwsError, match=advice):
        fetch_api_keys({SECRET: "keys"})


@pytest.mark.parametrize(("status", "code"), [(400, "ThrottlingException"), (500, "InternalServiceError")])
def test_who_has_too_much_to_do_is_asked_again_later(server: EndpointServer, status: int, code: str) -> None:
    server.always = refusal(status, code, __type=code)
    with pytest.raises(AwsUnreachable, match=rf"cannot be reached \({code}\); it is asked again"):
        fetch_api_keys({SECRET: "keys"})


def test_who_is_away_is_asked_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    set_variables(monkeypatch, leading_to(free_port()))
    with pytest.raises(AwsUnreachable, match=r"cannot be reached \(EndpointConnectionError\); it is asked again"):
        fetch_api_keys({SECRET: "keys"})


def test_without_a_region_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    set_variables(monkeypatch, CREDENTIALS)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(AwsError, match=r"cannot be asked \(NoRegionError\); check the region"):
        fetch_api_keys({SECRET: "keys"})
