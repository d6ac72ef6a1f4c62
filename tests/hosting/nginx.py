"""A real nginx in front of a real app, set up by the code blocks of docs/hosting.md."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.browser import running

BLOCK = re.compile(r"^```nginx\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROOT_LOCATION = "    location / { proxy_pass http://127.0.0.1:7860; }\n"
HTTP = """daemon off; master_process off; pid {folder}/pid; error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
{server}
}}
"""
"""What Debian's own nginx.conf does, with every file of it in one folder."""
ELSEWHERE = "127.0.0.9"
CERTIFICATE = (
    *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
    *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
)


@dataclass(frozen=True)
class Proxied:
    """An app behind nginx."""

    root: str
    """Its path: "" or "/orrery"."""
    plain: str
    """Its address by http, without a slash at the end."""
    secure: str
    """By https, likewise."""
    direct: str
    """The app's own address, past nginx."""
    certificate: Path


def blocks() -> list[str]:
    """What docs/hosting.md tells to write for nginx: the server, a sub-path, the metrics."""
    page = (running.ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
    return BLOCK.findall(page)


def server(root: str) -> str:
    """The server of the document at "/", or at its sub-path, with its metrics kept inside."""
    whole, below, metrics = blocks()
    assert ROOT_LOCATION in whole
    return whole.replace(ROOT_LOCATION, (below if root else ROOT_LOCATION) + metrics)


@contextmanager
def proxied(
    checkpoints: Path, folder: Path, root: str, elsewhere: bool = False
) -> Iterator[Proxied]:
    """The app at this path behind nginx; both end with the block.

    elsewhere: nginx asks from an address that the app must be told to trust, as another machine
    would, and removes the prefix.
    """
    inner, outer, safe = free_ports(3)
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = (*CERTIFICATE, "-keyout", str(key), "-out", str(certificate))
    subprocess.run(made, check=True, capture_output=True)
    text = put(
        server(root),
        {
            "listen 80;": f"listen 127.0.0.1:{outer};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{safe} ssl http2;",
            "server_name orrery.example.org;": "server_name localhost;",
            "/etc/ssl/certs/orrery.pem": str(certificate),
            "/etc/ssl/private/orrery.key": str(key),
            "http://127.0.0.1:7860": f"http://127.0.0.1:{inner}",
        },
    )
    environment = {"GRADIO_ROOT_PATH": root, "ORRERY_METRICS": "1"}
    if elsewhere:
        environment["FORWARDED_ALLOW_IPS"] = ELSEWHERE
        text = put(text, {"absolute_redirect": f"proxy_bind {ELSEWHERE};\n    absolute_redirect"})
        text = put(text, {f":{inner}; }}\n    location ~ /m": f":{inner}/; }}\n    location ~ /m"})
    with (
        running.app_process(checkpoints, folder / "app.txt", inner, **environment),
        nginx(folder, text, f"http://127.0.0.1:{outer}{root}/healthz"),
    ):
        yield Proxied(
            root,
            f"http://127.0.0.1:{outer}{root}",
            f"https://localhost:{safe}{root}",
            f"http://127.0.0.1:{inner}",
            certificate,
        )


def free_ports(many: int) -> list[int]:
    """Ports that nobody listened on a moment ago, each another."""
    found: set[int] = set()
    while len(found) < many:
        found.add(running.free_port())
    return [*found]


def put(text: str, places: dict[str, str]) -> str:
    """The text with every one of these replaced; each of them must be there."""
    for place, value in places.items():
        assert place in text, place
        text = text.replace(place, value)
    return text


@contextmanager
def nginx(folder: Path, text: str, answers: str) -> Iterator[None]:
    """Runs nginx with this server until the block ends, from when this address answers."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise RuntimeError("The tests of hosting need nginx: install the package `nginx`.")
    (folder / "nginx.conf").write_text(HTTP.format(folder=folder, server=text), encoding="utf-8")
    command = (program, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf"))
    with (folder / "nginx.txt").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait(process, answers, folder / "nginx.txt")
            yield
        finally:
            process.terminate()
            process.wait(timeout=running.PATIENCE)


def wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Return once nginx passes an answer on; raise with its own words where it never does."""
    deadline = time.monotonic() + running.PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(address, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    said = log.read_text(encoding="utf-8", errors="replace")
    raise RuntimeError(f"nginx passes nothing on. It said:\n{said}")
