"""How long one prediction takes, alone and beside a busy neighbour.

`python -m benchmarks.predict_latency [FOLDER …]`

Every template is made, run on its sample and served; FOLDERs of projects that were run before are
served as they are. A neighbour is one more program that keeps a core busy. Milliseconds over
HTTP, medians and 95th percentiles of 200 requests.
"""

from __future__ import annotations

import base64
import io
import json
import math
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
import wave
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.timing import markdown
from scaffold import catalogue
from scaffold.project import Project
from tests.slow.browser import served

REQUESTS, WARM_UP = 200, 10
BUSY = "while True: pass"
TEXT = "The council voted on Monday to keep the school open. Parents had asked for it. " * 6


def picture() -> str:
    """A PNG of 28 by 28 pixels, a light block on black: a plain one is refused."""
    block = bytes(8) + bytes([200]) * 12 + bytes(8)
    rows = b"".join(b"\0" + (block if 6 <= row < 22 else bytes(28)) for row in range(28))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 28, 28, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


def face() -> str:
    """112 rows of 92 grey levels, a light oval on dark ground."""
    rows = ((row - 56) / 45 for row in range(112))
    inside = (y**2 + ((column - 46) / 34) ** 2 < 1 for y in rows for column in range(92))
    return base64.b64encode(bytes(200 if each else 50 for each in inside)).decode()


def history() -> dict[str, Any]:
    """Half-hours of 44 days and a morning, each day alike."""
    slots = range(44 * 48 + 24)
    waves = [math.cos(2 * math.pi * slot / 48) for slot in slots]
    return {
        "date": "2015-02-03",
        "demand": [round(4.5 - 0.8 * wave, 3) for wave in waves],
        "temperature": [round(18 - 5 * wave, 1) for wave in waves],
    }


def ground() -> dict[str, str | int]:
    """A picture of 256 × 192 without a cell."""
    content = bytes([206, 207, 203]) * (256 * 192)
    return {"picture": base64.b64encode(content).decode(), "width": 256, "height": 192}


def sound() -> str:
    """Half a second of a tone, as a WAV file in base64."""
    file, many = io.BytesIO(), 4000
    with wave.open(file, "wb") as made:
        made.setparams((1, 2, 8000, many, "NONE", "not compressed"))
        tone = (round(9000 * math.sin(n / 4)) for n in range(many))
        made.writeframes(b"".join(level.to_bytes(2, "little", signed=True) for level in tone))
    return base64.b64encode(file.getvalue()).decode()


BODIES: Mapping[str, Any] = {
    "blood-cell-detector": ground(),
    "chatbot": {"turns": ["book a hotel in paris", "tomorrow"]},
    "customer-segments": {
        "orders": [{"date": "1997-02-10", "amount": 25.5}, {"date": "1997-08-02", "amount": 40}],
        "today": "1997-09-30",
    },
    "demand-forecast": history(),
    "face-recognition": {"picture": face()},
    "game-player": {"game": "connect_four", "moves": [3, 3]},
    "house-prices": {"zipcode": 98103, "sqft_living": 1800},
    "image-recognition": {"images": [picture()]},
    "lunar-lander": {"observation": [0.1, 0.8, -0.2, -0.4, 0.05, 0.1, 0.0, 0.0]},
    "product-recommender": {"liked": []},  # a film that it knows, asked for below
    "sentiment-analysis": {"snippets": [{"text": "A wonderful, quiet film.", "kind": "movies"}]},
    "spam-detector": {"mails": [{"subject": "Offer", "body": "Click for your credit report."}]},
    "spoken-digits": {"recording": sound()},
    "text-summarizer": {"articles": [{"text": TEXT, "headline": "School stays open"}]},
    "translator": {"sentences": ["Two dogs are playing in the snow."]},
}


def main(folders: list[Path]) -> None:
    with tempfile.TemporaryDirectory() as name:
        projects = folders or [_run_on_sample(Path(name), each) for each in catalogue.names()]
        rows = [_measure(project) for project in projects]
    print(markdown(("project", "p50", "p95", "p50, busy", "p95, busy"), rows))


def _run_on_sample(folder: Path, template: str) -> Path:
    for words in (["new", template, "--yes"], ["run", template, "--sample"]):
        subprocess.run([sys.executable, "-m", "scaffold", *words], cwd=folder, check=True)
    return folder / template


def _measure(folder: Path) -> list[str]:
    project = Project.read(folder)
    asked = BODIES[project.origin.template]
    (folder / ".scaffold" / "logs").mkdir(parents=True, exist_ok=True)
    with served(folder, project.package) as address:
        if "liked" in asked:
            with urllib.request.urlopen(f"{address}films?query=&length=12", timeout=60) as films:
                asked = {"liked": [json.load(films)["films"][0]["film"]]}
        body = json.dumps(asked).encode()
        alone = _milliseconds(f"{address}predict", body)
        with _neighbour():
            beside = _milliseconds(f"{address}predict", body)
    return [project.name, *alone, *beside]


def _milliseconds(address: str, body: bytes) -> tuple[str, str]:
    """Median and 95th percentile of the time from request to answer."""
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    times = []
    for _ in range(WARM_UP + REQUESTS):
        begin = time.perf_counter()
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
        times.append(1000 * (time.perf_counter() - begin))
    cuts = statistics.quantiles(times[WARM_UP:], n=20)
    return f"{statistics.median(times[WARM_UP:]):.1f} ms", f"{cuts[-1]:.1f} ms"


@contextmanager
def _neighbour() -> Iterator[None]:
    """Another program that wants a core to itself."""
    program = subprocess.Popen([sys.executable, "-c", BUSY])
    try:
        yield
    finally:
        program.kill()
        program.wait()


if __name__ == "__main__":
    main([Path(word).resolve() for word in sys.argv[1:]])
