#!/usr/bin/env python3
"""How long a tracker of 100,000 vehicles takes to reload, how that affects other readers, and how long a cold start
with 1,000 fleets takes.

    make build && Benchmarks/reload.py [--only reload|start] [--rounds 5]

The vehicles are written into the tables beforehand. A reload is the first read of a fleet after a start. Meanwhile
others read the status of a small fleet at a constant 1,000/s on all loops, each time for one second: before the reload,
around it, and around the first whole status of 22 MB. A cold start counts from the database's first response, which a
proxy in front of it records, to the end of the first status: with a database that is there before the server, and with
one that comes later. Needs psql and cc.
"""

import argparse
import http.client
import os
import re
import select
import signal
import socket
import statistics
import subprocess
import threading
import time

from harness import BINARY, Server, cpu_seconds, need, paced, table

GIANT = 100_000


def url_of(server):
    return subprocess.run(
        [BINARY, "database", "url"], env=server.environment, cwd=server.directory, check=True,
        capture_output=True, text=True).stdout.strip()


def psql(url, sql):
    subprocess.run(["psql", url, "-qv", "ON_ERROR_STOP=1", "-c", sql], check=True, capture_output=True, text=True)


def fill(url, fleets, vehicles, prefix):
    """Adds fleets whose vehicles each have a newest position, as if they had been driving."""
    psql(url, f"""
        INSERT INTO fleets (fleet_id, name)
            SELECT '{prefix}-' || n, 'Fleet ' || n FROM generate_series(1, {fleets}) n;
        INSERT INTO vehicles (fleet_key, vehicle_id)
            SELECT fleet_key, 'van-' || n FROM fleets, generate_series(1, {vehicles}) n
            WHERE fleet_id LIKE '{prefix}-%';
        INSERT INTO vehicle_positions (vehicle_key, fleet_key, recorded_at, received_at, lat, lng, speed_mps,
                heading_deg, derived_speed_mps, is_moving, attributes, post_id)
            SELECT vehicle_key, v.fleet_key, date_trunc('milliseconds', now()), date_trunc('milliseconds', now()),
                53.5 + vehicle_key % 1000 / 1e4, 9.9 + vehicle_key % 997 / 1e4, vehicle_key % 14 + 0.4,
                vehicle_key % 360, vehicle_key % 14 + 0.4, true, '{{"battery_pct":81}}', gen_random_uuid()
            FROM vehicles v JOIN fleets USING (fleet_key) WHERE fleet_id LIKE '{prefix}-%';
        ANALYZE""")


def resident(server):
    with open(f"/proc/{server.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Neighbours(threading.Thread):
    """Other readers of a small fleet's status, at a constant rate for a second, on connections to all loops."""

    def __init__(self, server):
        super().__init__()
        self.server, self.result = server, None
        self.start()

    def run(self):
        request = b"GET /api/v1/fleets/small-1/status HTTP/1.1\r\nHost: localhost\r\n\r\n"
        self.result = paced("rate", self.server.port, request, 16, 1, 1000)

    def latency(self):
        """Milliseconds: the p99 and the maximum."""
        self.join()
        return self.result["p99"], self.result["max"]


def beside(server, body):
    """The result of `body`, and the latencies of the neighbours, in the middle of whose second it ran."""
    neighbours = Neighbours(server)
    time.sleep(0.3)
    value = body()
    return value, neighbours.latency()


def first_byte_and_whole(server, path):
    """The time until the head of a response has arrived, and until all of it has; its length."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.connect()
    started = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    headed = time.perf_counter()
    body = response.read()
    assert response.status == 200, response.status
    connection.close()
    return started, headed, time.perf_counter(), len(body)


def reload(rounds):
    rows = []
    with Server(HARBOR_PUBLIC_READ="true") as server:
        fill(url_of(server), 1, GIANT, "giant")
        fill(url_of(server), 1, 50, "small")
        for _ in range(rounds):
            restart(server)
            first_byte_and_whole(server, "/api/v1/fleets/small-1/status")
            _, calm = beside(server, lambda: None)
            before, cpu = resident(server), cpu_seconds(server.pids)
            # Only one vehicle: the tracker must load, but the response is small.
            (asked, headed, _, _), reloading = beside(
                server, lambda: first_byte_and_whole(server, "/api/v1/fleets/giant-1/vehicles/van-7"))
            cpu, kept = cpu_seconds(server.pids) - cpu, resident(server) - before
            loaded = headed - asked
            (asked, headed, whole, length), encoding = beside(
                server, lambda: first_byte_and_whole(server, "/api/v1/fleets/giant-1/status"))
            rows.append((loaded, headed - asked, loaded + whole - asked, cpu, kept / GIANT, length / 1e6,
                         *calm, *reloading, *encoding))
    table(["100,000 vehicles", "reload s", "status s", "both s", "CPU s", "bytes/vehicle", "MB", "calm p99 ms", "max",
           "reload p99", "max", "status p99", "max"],
          [[f"round {index + 1}", *row] for index, row in enumerate(rows)]
          + [["median", *map(statistics.median, zip(*rows))]])


def restart(server):
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    server.__enter__()


class Proxy(threading.Thread):
    """A socket in front of the database's that records when the database's first response passes."""

    def __init__(self, directory, target):
        super().__init__(daemon=True)
        self.path, self.target = os.path.join(directory, os.path.basename(target)), target
        self.responded_at, self.pairs, self.poll = None, {}, select.epoll()

    def open(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        self.poll.register(self.listener, select.EPOLLIN)
        self.start()

    def run(self):
        while True:
            for descriptor, _ in self.poll.poll():
                if descriptor == self.listener.fileno():
                    self.accept()
                elif descriptor in self.pairs:
                    self.copy(*self.pairs[descriptor])

    def accept(self):
        client, database = self.listener.accept()[0], socket.socket(socket.AF_UNIX)
        database.connect(self.target)
        for source, target, is_response in ((client, database, False), (database, client, True)):
            self.pairs[source.fileno()] = source, target, is_response
            self.poll.register(source, select.EPOLLIN)

    def copy(self, source, target, is_response):
        try:
            data = source.recv(262_144)
            if is_response and data and self.responded_at is None:
                self.responded_at = time.perf_counter()
            target.sendall(data)
        except OSError:
            data = b""
        if not data:
            for each in (source, target):
                self.pairs.pop(each.fileno(), None)
                each.close()


class Starting(Server):
    """A server on another server's database, through a proxy that is opened before the start or after it."""

    def __init__(self, home, socket_path):
        super().__init__(HARBOR_PUBLIC_READ="true")
        self.proxy = Proxy(self.directory, socket_path)
        port = socket_path.rsplit(".", 1)[1]
        self.environment["DATABASE_URL"] = (
            f"host={self.directory} port={port} dbname=harbor_fleet user=harbor_fleet")
        self.environment["HARBOR_DATA_DIR"] = home.environment["HARBOR_DATA_DIR"]

    def first_status(self, fleet, opens_after):
        """Seconds from the database's first response to the end of the first status, and from the start or the opening
        of the proxy."""
        if not opens_after:
            self.proxy.open()
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [BINARY, "serve"], env=self.environment, cwd=self.directory, stdout=self.log, stderr=self.log)
        if opens_after:
            time.sleep(opens_after)
            self.proxy.open()
            began = time.perf_counter()
        deadline = began + 60
        while time.perf_counter() < deadline:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
                connection.request("GET", f"/api/v1/fleets/{fleet}/status")
                response = connection.getresponse()
                if response.read() and response.status == 200:
                    done = time.perf_counter()
                    return done - self.proxy.responded_at, done - began
            except OSError:
                time.sleep(0.0005)
        raise SystemExit("no status:\n" + open(self.log.name).read())


def start(rounds, fleets, vehicles):
    there, late = [], []
    with Server() as home:
        fill(url_of(home), fleets, vehicles, "fleet")
        run = os.path.join(home.environment["HARBOR_DATA_DIR"], "run")
        path = os.path.join(run, next(name for name in os.listdir(run) if re.fullmatch(r"\.s\.PGSQL\.\d+", name)))
        for index in range(rounds):
            for rows, opens_after in ((there, 0), (late, 1.7 + index * 0.37)):
                server = Starting(home, path)
                rows.append(server.first_status(f"fleet-{index * 7 + 3}", opens_after))
                server.__exit__()
    for title, rows in (("the database is there", there), ("the database comes later", late)):
        table([f"{fleets:,} fleets × {vehicles}, {title}", "ms from its first response", "ms from start or opening"],
              [[f"round {index + 1}", *(each * 1e3 for each in row)] for index, row in enumerate(rows)]
              + [["median", *(statistics.median(column) * 1e3 for column in zip(*rows))]])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=["reload", "start"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--fleets", type=int, default=1000)
    parser.add_argument("--vehicles", type=int, default=50)
    arguments = parser.parse_args()
    need("psql", "cc")
    if arguments.only != "start":
        reload(arguments.rounds)
    if arguments.only != "reload":
        start(arguments.rounds, arguments.fleets, arguments.vehicles)


if __name__ == "__main__":
    main()
