"""A registry of images on loopback, as far as pushing and looking go, in which a tag stays with its image."""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

Content = tuple[str, bytes]


class Registry:
    """What has been pushed: manifests by repository and by tag or digest, layers by digest."""

    def __init__(self, port: int) -> None:
        self.name = f"localhost:{port}"
        self.manifests: dict[tuple[str, str], Content] = {}
        self.blobs: dict[str, bytes] = {}
        self.uploads: dict[str, bytes] = {}
        self.asked: set[str] = set()
        """What ECR would ask a policy for, before it does what was asked here."""

    def put_manifest(self, repository: str, reference: str, content: Content) -> bool:
        """Keep a manifest under its tag and its digest; not if the tag has another one."""
        if self.manifests.get((repository, reference), content) != content:
            return False
        self.manifests[repository, reference] = self.manifests[repository, digest(content[1])] = content
        return True


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@contextmanager
def running() -> Iterator[Registry]:
    """Run an empty registry on a free port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        _Handler.registry = Registry(server.server_port)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield _Handler.registry
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    """The distribution protocol of the Open Container Initiative."""

    protocol_version = "HTTP/1.1"
    registry: Registry

    def do_GET(self) -> None:
        if self.path == "/v2/":
            return self._answer(200)
        repository, kind, reference = self._parts()
        if kind == "manifests":
            self.registry.asked.add("ecr:BatchGetImage")
            content = self.registry.manifests.get((repository, reference))
        else:
            is_look = self.command == "HEAD"
            self.registry.asked.add("ecr:BatchCheckLayerAvailability" if is_look else "ecr:GetDownloadUrlForLayer")
            blob = self.registry.blobs.get(reference)
            content = None if blob is None else ("application/octet-stream", blob)
        if content is None:
            return self._answer(404)
        return self._answer(200, *content)

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def do_POST(self) -> None:
        upload = uuid4().hex
        self.registry.uploads[upload] = b""
        self._answer(202, location=f"{self.path.rstrip('/')}/{upload}")

    def do_PATCH(self) -> None:
        upload = self._parts()[2]
        self.registry.uploads[upload] += self._body()
        received = len(self.registry.uploads[upload])
        self._answer(202, location=self.path, range=f"0-{received - 1}")

    def do_PUT(self) -> None:
        repository, kind, reference = self._parts()
        body = self._body()
        if kind == "manifests":
            kept = self.registry.put_manifest(repository, reference, (self.headers["Content-Type"], body))
            return self._answer(201 if kept else 400, docker_content_digest=digest(body))
        blob = self.registry.uploads.pop(reference) + body
        self.registry.blobs[digest(blob)] = blob
        return self._answer(201, location=f"/v2/{repository}/blobs/{digest(blob)}")

    def _parts(self) -> tuple[str, str, str]:
        path = self.path.partition("?")[0]
        found = re.fullmatch(r"/v2/(.+?)/(manifests|blobs(?:/uploads)?)/([^/]+)", path)
        assert found, path
        return found[1], found[2], found[3]

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, status: int, content_type: str = "", body: bytes = b"", **headers: str) -> None:
        if content_type:
            headers |= {"content_type": content_type, "docker_content_digest": digest(body)}
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-").title(), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
