#!/usr/bin/env python3
"""Tests whether the work for one reader delays another: the latency of `/health` while two connections request the
page of a fleet of 100,000 vehicles again and again.

    make build && Benchmarks/isolation.py [--vehicles 100000] [--seconds 5] [--rounds 3] [--binary PATH]

The third connection requests `/health` 200 times a second. Each round measures it alone, together with the page, with
one vehicle of the same fleet, and with the list of 2,000 fleets. A partner's fix moves the large fleet ten times a
second, so that no cached response can be used. Fails when the median under a load is more than 20 ms above the median
alone. Needs psql.
"""

import argparse
import json
import socket
import statistics
import subprocess
import threading
import time

import harness
from harness import Server, fix, need, post, table
from reload import fill

BOUND_MS = 20
LOADS = {
    "alone": None,
    "page": "/fleets/giant-1",
    "vehicle": "/api/v1/fleets/giant-1/vehicles/van-7",
    "list": "/api/v1/fleets",
    "home": "/",
}


class Connection:
    """A connection that stays open; each response has a length or chunks."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def get(self, path):
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n".encode())
        while b"\r\n\r\n" not in self.received:
            self.more()
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        length = int(fields[b"content-length"])
        while len(self.received) < length:
            self.more()
        self.received = self.received[length:]
        return int(head[9:12])

    def more(self):
        received = self.socket.recv(1 << 18)
        if not received:
            raise SystemExit("the server closed a connection")
        self.received += received


class Load(threading.Thread):
    """Requests one path again and again on a connection of its own."""

    def __init__(self, port, path, end):
        super().__init__(daemon=True)
        self.connection, self.path, self.end, self.responses = Connection(port), path, end, 0
        self.start()

    def run(self):
        while time.monotonic() < self.end:
            if self.connection.get(self.path) != 200:
                raise SystemExit(f"{self.path} did not respond with 200")
            self.responses += 1


class Driver(threading.Thread):
    """A partner that moves one vehicle of the large fleet ten times a second."""

    def __init__(self, server, secret):
        super().__init__(daemon=True)
        self.server, self.secret, self.ended = server, secret, threading.Event()
        self.start()

    def run(self):
        url, number = self.server.url("/api/v1/fleets/giant-1/fixes"), 0
        while not self.ended.wait(0.1):
            number += 1
            body = {"fixes": [fix("van-7", int(time.time() * 1000), number)]}
            post(url, self.secret, json.dumps(body).encode())


def latencies(port, seconds):
    """Milliseconds of `/health`, requested at a constant rate; each counts from the moment when it was due."""
    connection, found, due = Connection(port), [], time.monotonic()
    end = due + seconds
    while due < end:
        time.sleep(max(due - time.monotonic(), 0))
        connection.get("/health")
        found.append((time.monotonic() - due) * 1e3)
        due += 0.005
    return found


def measure(server, path, seconds):
    end = time.monotonic() + seconds + 0.5
    loads = [Load(server.port, path, end) for _ in range(2)] if path else []
    time.sleep(0.3 if path else 0)
    found = latencies(server.port, seconds)
    for load in loads:
        load.join(60)
    return found, sum(load.responses for load in loads) / (seconds + 0.5)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--vehicles", type=int, default=100_000)
    options.add_argument("--fleets", type=int, default=2_000)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--binary", help="the build to use instead of the release build")
    options = options.parse_args()
    if options.binary:
        harness.BINARY = options.binary
    need("psql")
    with Server(loops=2, HARBOR_PUBLIC_READ="true") as server:
        url = subprocess.run(
            [harness.BINARY, "database", "url"], env=server.environment, cwd=server.directory, check=True,
            capture_output=True, text=True).stdout.strip()
        fill(url, 1, options.vehicles, "giant")
        fill(url, options.fleets, 1, "small")
        secret = server.command("partners", "add", "isolation", "--fleet", "giant-1")["secret"]
        time.sleep(2)
        warm = Connection(server.port)
        for path in filter(None, LOADS.values()):
            warm.get(path)
        driver = Driver(server, secret)
        results = {name: ([], []) for name in LOADS}
        for _ in range(options.rounds):
            for name, path in LOADS.items():
                found, rate = measure(server, path, options.seconds)
                results[name][0].append(found)
                results[name][1].append(rate)
        driver.ended.set()
        driver.join()
    rows = []
    for name, (rounds, rates) in results.items():
        everything = sorted(value for found in rounds for value in found)
        rows.append((
            name, f"{statistics.median(map(statistics.median, rounds)):.2f}",
            f"{everything[int(len(everything) * 0.99)]:.2f}", f"{everything[-1]:.2f}",
            f"{statistics.median(rates):.1f}"))
    table(("beside", "median ms", "p99 ms", "worst ms", "responses/s"), rows)
    alone = float(rows[0][1])
    if any(float(row[1]) - alone > BOUND_MS for row in rows):
        raise SystemExit(f"other clients' work delays /health by more than {BOUND_MS} ms")


if __name__ == "__main__":
    main()
