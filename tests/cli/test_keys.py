"""Keys made, listed and taken away on the command line."""

from pathlib import Path

from sentigrade.api_keys import name_of, read_keys
from tests.cli.running import printed, refusal, sentigrade


def test_a_key_is_printed_once_listed_by_its_name_and_removed(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    key = printed("key", "add", file, "alice")
    assert key.startswith("sg_")
    assert key.count("\n") == 1
    assert name_of(key.strip(), read_keys(file)) == "alice"
    assert key.strip() not in file.read_text()
    printed("key", "add", file, "bob")
    assert printed("key", "list", file) == "alice\nbob\n"
    assert printed("key", "remove", file, "alice") == ""
    assert printed("key", "list", file) == "bob\n"


def test_what_cannot_be_done_is_said_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    printed("key", "add", file, "alice")
    assert "has a key named alice already" in refusal("key", "add", file, "alice")
    assert "1 to 64 of a-z" in refusal("key", "add", file, "Alice")
    assert "no key of this name" in refusal("key", "remove", file, "bob")
    assert "no other key" in refusal("key", "remove", file, "alice")
    assert "No such file" in refusal("key", "list", tmp_path / "nowhere")
    assert "Is a directory" in refusal("key", "list", tmp_path)
    file.write_text("alice sg_Zq")
    said = refusal("key", "list", file)
    assert "line 1 is not NAME sha256:HEXDIGEST" in said
    assert "Zq" not in said


def test_a_service_does_not_start_with_keys_that_it_cannot_read(small_store: Path, tmp_path: Path) -> None:
    for content, reason in ((None, "No such file"), ("", "holds no key"), ("alice sg_Zq", "line 1 is not NAME")):
        if content is not None:
            (tmp_path / "keys").write_text(content)
        result = sentigrade(
            "serve",
            SENTIGRADE_STORE=str(small_store),
            SENTIGRADE_API_KEYS=str(tmp_path / "keys"),
            SENTIGRADE_BIND=f"unix:{tmp_path}/web.sock",
        )
        assert result.returncode == 1
        assert f"sentigrade: SENTIGRADE_API_KEYS: {tmp_path}/keys" in result.stderr
        assert reason in result.stderr
        assert "Zq" not in result.stdout + result.stderr
        assert not list(tmp_path.glob("*.sock"))
