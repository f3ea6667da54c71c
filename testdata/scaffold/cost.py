"""CPU time of one authenticated read on PostgreSQL: `python cost.py PROJECT --against OTHER --target FILE`.

Both services run at once and are asked in turns, one process each, as they log by
default; what counts is the ratio.
"""

import argparse
import contextlib
import http.client
import os
import statistics
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from probes import Bench, Target, prepared

ROUNDS = 5
CONNECTIONS = 4
REQUESTS_EACH = 250
WARM_UP = 100


def cpu_seconds(group: int) -> float:
    """Sum up what the processes of a group have used; those of threads are in it."""
    ticks = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                values = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(values[2]) == group:
                    ticks += int(values[11]) + int(values[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def read(bench: Bench, headers: Mapping[str, str], count: int) -> None:
    """Read again and again on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", bench.server.port, timeout=30)
    with contextlib.closing(connection):
        for _ in range(count):
            connection.request("GET", bench.target.me, headers=dict(headers))
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"{bench.folder}: {bench.target.me} answers {answer.status}")


def milliseconds(bench: Bench, headers: Mapping[str, str], each: int) -> float:
    """Measure one round: CPU milliseconds for each request."""
    assert bench.server.process is not None
    group = bench.server.process.pid
    before = cpu_seconds(group)
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        for done in [threads.submit(read, bench, headers, each) for _ in range(CONNECTIONS)]:
            done.result()
    return (cpu_seconds(group) - before) * 1000 / (CONNECTIONS * each)


def main() -> int:
    """Measure one service, or two in turns."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("--against", type=Path, help="another service")
    parser.add_argument("--target", type=Path, help="how that one differs, as JSON")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        benches = [stack.enter_context(prepared(given.project, Target(), sqlite=False))]
        if given.against:
            target = Target.read(given.target)
            benches.append(stack.enter_context(prepared(given.against, target, sqlite=False)))
        headers = []
        for bench in benches:
            stack.enter_context(bench.server)
            headers.append(bench.headers())
            milliseconds(bench, headers[-1], WARM_UP)
        rounds = [
            [milliseconds(bench, one, REQUESTS_EACH) for bench, one in zip(benches, headers, strict=True)]
            for _ in range(ROUNDS)
        ]
    for bench, values in zip((given.project, given.against), zip(*rounds, strict=True), strict=False):
        print(f"{bench}: {statistics.median(values):.2f} CPU ms a request ({min(values):.2f} to {max(values):.2f})")
    if given.against:
        print(f"ratio {statistics.median(mine / other for mine, other in rounds):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
