"""pdengine teachers pull, through the hub's own client, from a hub that stands on this machine."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pdengine.teach.models import catalogue

pytest.importorskip("huggingface_hub")

OWL, SAM3 = catalogue.OWLVIT_BASE.repository, catalogue.SAM3.repository
FILES = {
    "config.json": b'{"model_type": "owlvit"}',
    "model.safetensors": b"numbers",
    "pytorch_model.bin": b"a pickle",
    "modeling.py": b"code",
    "onnx/model.safetensors": b"others",
}


class Hub(BaseHTTPRequestHandler):
    """Answers as the hub does: what a revision is, what it holds, and the files."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if OWL.revision not in path and SAM3.revision not in path:
            self.say(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        elif path.startswith("/api/models/") and "/revision/" in path:
            files = [{"rfilename": name} for name in FILES]
            self.say_json({"id": OWL.id, "sha": OWL.revision, "siblings": files})
        elif path.startswith("/api/models/"):
            sizes = {name: len(content) for name, content in FILES.items()}
            each = [{"type": "file", "path": n, "size": s, "oid": n} for n, s in sizes.items()]
            self.say_json(each)
        elif SAM3.id in path:
            error = {"X-Error-Code": "GatedRepo", "X-Error-Message": "restricted"}
            self.say(401, b"", error)
        else:
            name = path.rsplit(f"/{OWL.revision}/", 1)[1]
            tag = hashlib.sha256(FILES[name]).hexdigest()
            commit = {"X-Repo-Commit": OWL.revision, "ETag": f'"{tag}"'}
            self.server.sent.append(name)  # type: ignore[attr-defined]
            self.say(200, FILES[name], commit)

    def say_json(self, content: object) -> None:
        self.say(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def say(self, code: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def pull(home: Path, port: int, *commands: str) -> list[str]:
    """What each `pdengine teachers pull` says last, in one process that believes in this hub."""
    code = "import sys; from pdengine.cli import main\nfor line in sys.argv[1:]:\n"
    code += " code = main(['teachers', 'pull', *line.split()]); print('left with', code)"
    there = {"HF_ENDPOINT": f"http://127.0.0.1:{port}", "HF_HOME": str(home), "NO_PROXY": "*"}
    done = subprocess.run(
        [sys.executable, "-u", "-c", code, *commands],
        env=os.environ | there,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    said = done.stdout.splitlines()
    return [f"{said[k - 1]} {end}" for k, end in enumerate(said) if end.startswith("left with")]


def test_the_pinned_commit_is_fetched_once_and_nothing_but_numbers_and_words(
    tmp_path: Path,
) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.sent = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    asked = ("owlvit-base", "owlvit-base", "sam3", "owlvit-base --revision v9")
    first, second, gated, unknown = pull(tmp_path, server.server_port, *asked)
    server.shutdown()

    folder = tmp_path / "hub/models--google--owlvit-base-patch32/snapshots" / OWL.revision
    assert first == f"owlvit-base: {OWL.id} at commit {OWL.revision}, in {folder} left with 0"
    assert sorted(p.name for p in folder.iterdir()) == ["config.json", "model.safetensors"]
    sent: list[str] = server.sent  # type: ignore[attr-defined]
    assert set(sent) == {"config.json", "model.safetensors"}
    assert (second, len(sent)) == (first, 4)  # its head and its body, of two files, once
    page = "https://huggingface.co/facebook/sam3"
    assert f"{SAM3.id} is gated: accept its terms at {page}, type hf auth login" in gated
    assert gated.endswith("left with 2")
    assert f"{OWL.id} has no revision v9" in unknown


def test_without_a_network_it_gives_up_at_once(tmp_path: Path) -> None:
    (said,) = pull(tmp_path, 9, "owlvit-base")
    assert said.startswith(f"error: owlvit-base: {OWL.id} could not be fetched: ConnectError:")
    assert f"type hf download {OWL.id} --revision {OWL.revision} --include" in said
