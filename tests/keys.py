"""Keys for signing, made as an operator makes them: with openssl."""

import subprocess
from pathlib import Path


def write_private_key(path: Path, *, algorithm: str = "ed25519") -> Path:
    """Write a new private key and return its path."""
    subprocess.run(["openssl", "genpkey", "-algorithm", algorithm, "-out", path], check=True, capture_output=True)
    return path


def public_key_of(private_key: Path) -> str:
    """Return the setting for the public key that belongs to a private one."""
    command = ["openssl", "pkey", "-in", str(private_key), "-pubout"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return "".join(line for line in printed.splitlines() if not line.startswith("-----"))
