#!/usr/bin/env python3
"""Measures idle WebSockets: the server's memory for each, and its CPU time while they are silent.

    make build && Benchmarks/idle.py [--connections 10000] [--seconds 30] [--only live,echo]

`live` joins a fleet's stream, `echo` is `/test/echo`, the engine alone. Memory is read at 0, 20 %, 50 % and 100 % of
the connections: the slope between them is the cost of one more, without what is allocated only once. The kernel's
socket buffers are not included. The client responds to the server's pings (one for each connection every 25 s), so
seconds with pings and silent seconds are reported separately. A process may hold as many descriptors as `ulimit -n`.
"""

import argparse
import base64
import contextlib
import os
import re
import resource
import select
import socket
import time

from harness import need, table
from subjects import fleet_server

PING, PONG = b"\x89\x00", b"\x8a\x80\x00\x00\x00\x00"
BATCH = 100


class Clients:
    """WebSockets that only respond to pings."""

    def __init__(self, port, path, token):
        self.port, self.sockets, self.pings, self.closed = port, {}, 0, 0
        self.poll = select.epoll()
        key = base64.b64encode(os.urandom(16)).decode()
        self.request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nAuthorization: Bearer {token}\r\n\r\n").encode()

    def open(self, count):
        """Opens this many more, a batch at a time, and reads everything that they receive at first."""
        while count > 0:
            fresh = [self.connect() for _ in range(min(BATCH, count))]
            for connection in fresh:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(65536)
                if not head.startswith(b"HTTP/1.1 101"):
                    raise SystemExit("no upgrade: " + head.decode(errors="replace"))
                connection.setblocking(False)
                self.sockets[connection.fileno()] = connection
                self.poll.register(connection.fileno(), select.EPOLLIN)
            count -= len(fresh)
            self.serve(0)

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sendall(self.request)
        return connection

    def serve(self, seconds):
        """Reads, and responds to pings, for a while."""
        end = time.monotonic() + seconds
        while True:
            for descriptor, _ in self.poll.poll(max(0, end - time.monotonic()), 1024):
                self.read(descriptor)
            if time.monotonic() >= end:
                return

    def read(self, descriptor):
        data = self.sockets[descriptor].recv(65536)
        if not data:
            self.closed += 1
            self.poll.unregister(descriptor)
            self.sockets.pop(descriptor).close()
        elif data == PING:
            self.pings += 1
            self.sockets[descriptor].send(PONG)

    def close(self):
        for connection in self.sockets.values():
            connection.close()
        self.poll.close()


def memory(pid):
    """In KiB: resident memory, our share of it, and the written memory that belongs only to us."""
    with open(f"/proc/{pid}/status") as status, open(f"/proc/{pid}/smaps_rollup") as rollup:
        found = dict(re.findall(r"^(\w+):\s+(\d+) kB", status.read() + rollup.read(), re.MULTILINE))
    return {"RSS": int(found["VmRSS"]), "PSS": int(found["Pss"]), "private dirty": int(found["Private_Dirty"])}


def run_time(pid):
    """The nanoseconds that each thread has run so far, and how often it was woken."""
    times = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/schedstat") as file:
            fields = file.read().split()
            times[thread] = int(fields[0]), int(fields[2])
    return times


def spent(before, after):
    """The time that the live threads spent meanwhile: a thread that has ended takes its counts with it."""
    return [sum(time[place] - before.get(thread, (0, 0))[place] for thread, time in after.items()) for place in (0, 1)]


def watch(clients, pid, seconds):
    """CPU time second by second: (ns, wake-ups, pings) of each second."""
    samples = []
    for _ in range(seconds):
        before, pings = run_time(pid), clients.pings
        clients.serve(1)
        after = run_time(pid)
        samples.append((*spent(before, after), clients.pings - pings))
    return samples


def show_memory(samples, connections):
    rows, base = [], samples[0]
    for count, sample in samples.items():
        each = [(sample[key] - base[key]) * 1024 / count if count else "" for key in sample]
        rows.append([f"{count:,}", *sample.values(), *each])
    keys = list(base)
    table(["connections", *(f"{key} KiB" for key in keys), *(f"{key} bytes each" for key in keys)], rows)
    first = min(count for count in samples if count)
    for key in keys:
        slope = (samples[connections][key] - samples[first][key]) * 1024 / (connections - first)
        print(f"slope from {first:,} to {connections:,}, {key}: {slope:,.0f} bytes each", end="")
        print(f" (wanted at most 1,024: {'met' if slope <= 1024 else 'MISSED'})" if key == "RSS" else "")
    print()


def show_cpu(name, samples):
    silent = [sample for sample in samples if not sample[2]]
    busy = [sample for sample in samples if sample[2]]
    row = [name, len(silent)]
    row += [sum(sample[place] for sample in silent) / len(silent) / scale if silent else "none"
            for place, scale in ((0, 1e6), (1, 1))]
    pings = sum(sample[2] for sample in busy)
    row += [pings, sum(sample[0] for sample in busy) / pings / 1e3 if pings else ""]
    return row


def measure(kind, arguments):
    path = {"live": "/api/v1/fleets/bench/live", "echo": "/test/echo"}[kind]
    with fleet_server(arguments.vehicles, HARBOR_TEST_ENDPOINTS="true") as (server, token):
        pid = server.process.pid
        clients = Clients(server.port, path, token)
        clients.open(1)  # makes the tracker and the first topic
        clients.close()
        clients = Clients(server.port, path, token)
        clients.serve(1)
        cpu = [show_cpu("none", watch(clients, pid, 5))]
        samples = {0: memory(pid)}
        for part in (0.2, 0.5, 1):
            wanted = int(arguments.connections * part)
            clients.open(wanted - len(clients.sockets))
            clients.serve(1)
            samples[wanted] = memory(pid)
        cpu.append(show_cpu(f"{arguments.connections:,}", watch(clients, pid, arguments.seconds)))
        print(f"{path}, {clients.closed} of the connections lost\n")
        show_memory(samples, arguments.connections)
        table(["connections", "silent seconds", "CPU ms/s", "wake-ups/s", "pings", "CPU µs/ping"], cpu)
        clients.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=30, help="for which to watch the open connections")
    parser.add_argument("--vehicles", type=int, default=50)
    parser.add_argument("--only", default="live,echo", help="kinds to measure, separated by commas")
    arguments = parser.parse_args()
    need()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if arguments.connections > most - 100:
        raise SystemExit(f"this process may hold {most} descriptors")
    for kind in arguments.only.split(","):
        measure(kind, arguments)


if __name__ == "__main__":
    main()
