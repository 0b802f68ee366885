#!/usr/bin/env python3
"""Compares two builds of the server, in turn, in one run: a status read, fixes in, and an idle WebSocket.

    make build && Benchmarks/compare.py OLD_BINARY [NEW_BINARY] [--rounds 5] [--only status,churn,ingest,idle]

By default the new binary is the release build. Each build has a private PostgreSQL of its own. A ratio is the median
of the rounds' own ratios, new to old, so that drift between rounds cancels out; below 1 means less. Needs wrk and cc.
"""

import argparse
import contextlib
import resource
import statistics

from harness import BINARY, cpu_seconds, need, paced, table, wrk
from idle import Clients, memory
from ingest import Load
from subjects import fleet_server, harbor_fleet

LOADS = ((1, 32), (1, 256), (100, 16))
IDLE_CONNECTIONS = 4_000


class Build:
    """A running server of one build."""

    def __init__(self, stack, binary):
        self.server, self.token = stack.enter_context(fleet_server(50, binary=binary))
        self.subject = harbor_fleet(self.server, self.token)
        self.load = Load(self.server, "load")


def status(build, seconds):
    result = {}
    with build.subject.spending(result):
        result.update(wrk(build.subject.url, 64, seconds, build.subject.headers))
    return {"status read, 64 connections: CPU µs": result["cpu_us"]}


def churn(build, seconds):
    result = {}
    with build.subject.spending(result):
        request = build.subject.request("Connection: close")
        result.update(paced("churn", build.server.port, request, 64, seconds, threads=2))
    return {"a connection per request: CPU µs": result["cpu_us"]}


def ingest(build, seconds):
    found = {}
    for per_post, connections in LOADS:
        result = build.load.load(per_post, connections, seconds)
        name = f"{per_post} fixes a POST, {connections} connections"
        found[f"{name}: CPU µs a fix"] = result["ours"]
        found[f"{name}: µs a fix"] = 1e6 / result["rate"]
    return found


def idle(build, _):
    """Memory per connection, as the slope from a fifth of the connections to all, and the cost of opening one."""
    pid = build.server.process.pid
    clients = Clients(build.server.port, "/api/v1/fleets/bench/live", build.token)
    clients.open(IDLE_CONNECTIONS // 5)
    few, before = memory(pid)["private dirty"], cpu_seconds([pid])
    clients.open(IDLE_CONNECTIONS - IDLE_CONNECTIONS // 5)
    more = IDLE_CONNECTIONS - IDLE_CONNECTIONS // 5
    cost = (cpu_seconds([pid]) - before) / more * 1e6
    slope = (memory(pid)["private dirty"] - few) * 1024 / more
    clients.close()
    return {"live WebSocket: bytes of a new server": slope, "live WebSocket: CPU µs to open": cost}


PARTS = {"status": status, "churn": churn, "ingest": ingest, "idle": idle}


def rounds(binaries, part, arguments):
    """Each build's figures, in turn. The memory of an idle WebSocket shows only in a process that has had none yet."""
    found = [[], []]
    if part is not idle:
        with contextlib.ExitStack() as stack:
            builds = [Build(stack, binary) for binary in binaries]
            for _ in range(arguments.rounds):
                for build, results in zip(builds, found):
                    results.append(part(build, arguments.seconds))
        return found
    for _ in range(arguments.rounds):
        for binary, results in zip(binaries, found):
            with contextlib.ExitStack() as stack:
                results.append(part(Build(stack, binary), arguments.seconds))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old")
    parser.add_argument("new", nargs="?", default=BINARY)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--only", default=",".join(PARTS), help="parts to run, separated by commas")
    arguments = parser.parse_args()
    need("wrk", "cc")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    rows = []
    for name in arguments.only.split(","):
        old, new = rounds((arguments.old, arguments.new), PARTS[name], arguments)
        for figure in old[0]:
            before, after = [r[figure] for r in old], [r[figure] for r in new]
            ratios = sorted(b / a for a, b in zip(before, after))
            rows.append([figure, statistics.median(before), statistics.median(after), statistics.median(ratios),
                         ratios[0], ratios[-1]])
    table(["", "old", "new", "ratio", "least", "most"], rows)


if __name__ == "__main__":
    main()
