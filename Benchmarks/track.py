#!/usr/bin/env python3
"""One long track over loopback: fixes per second, CPU time per fix, and the server's peak memory.

    make build && Benchmarks/track.py [--fixes 1000000] [--rounds 3]

psql makes the rows, past the server. A client reads each format to its end and discards it; COPY of the same rows by
psql shows what PostgreSQL alone achieves. Fails when a track takes more memory than the bound. Needs psql.
"""

import argparse
import os
import socket
import statistics
import subprocess
import time

from harness import BINARY, Server, cpu_seconds, need, table

BOUND_MIB = 8
FORMATS = ("application/json", "application/geo+json", "application/gpx+xml", "text/csv")
ROWS = """
INSERT INTO vehicles (fleet_key, vehicle_id) SELECT fleet_key, 'van-7' FROM fleets;
INSERT INTO fixes (vehicle_key, recorded_at, received_at, lat, lng, speed_mps, heading_deg, altitude_m, accuracy_m,
    attributes, post_id)
SELECT v.vehicle_key, t.time, t.time + interval '358 milliseconds', 53.53 + n %% 9973 / 1e6, 9.96 + n %% 9967 / 1e6,
    round((n %% 140 / 10.0)::numeric, 1), n %% 360, 6.1, 4, '{"battery_pct":81}', gen_random_uuid()
FROM vehicles v, generate_series(0, %(count)d - 1) n,
    LATERAL (SELECT date_trunc('second', now()) - (%(count)d - n) * interval '1 second' AS time) t;
ANALYZE fixes;
"""


def psql(server, sql):
    url = subprocess.run(
        [BINARY, "database", "url"], env=server.environment, cwd=server.directory, check=True, capture_output=True,
        text=True).stdout.strip()
    subprocess.run(["psql", "-qv", "ON_ERROR_STOP=1", url, "-c", sql], check=True, stdout=subprocess.DEVNULL)


def backends(server):
    """The private PostgreSQL's processes."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink(f"/proc/{entry}/cwd").startswith(server.directory):
                with open(f"/proc/{entry}/comm") as comm:
                    if comm.read().strip() == "postgres":
                        found.append(int(entry))
        except OSError:
            pass
    return found


def memory(pid, name):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name)) / 1024


def read(server, media, fields=""):
    """Reads the track to the end of its connection; returns the bytes, and whether the last chunk arrived."""
    request = (
        f"GET /api/v1/fleets/bench/vehicles/van-7/track?limit=1000000 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Accept: {media}\r\nConnection: close\r\n{fields}\r\n")
    room, size, tail = bytearray(1 << 18), 0, b""
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(request.encode())
        while count := client.recv_into(room):
            size += count
            tail = (tail + room[max(count - 5, 0):count])[-5:]
    if tail != b"0\r\n\r\n":
        raise SystemExit(f"{media}: the track broke off after {size} bytes")
    return size


def measure(server, media, fields=""):
    pid = server.process.pid
    with open(f"/proc/{pid}/clear_refs", "w") as peak:
        # Resets the peak (proc(5)).
        peak.write("5")
    before, ours, theirs = memory(pid, "VmRSS"), cpu_seconds([pid]), cpu_seconds(backends(server))
    start = time.monotonic()
    size = read(server, media, fields)
    seconds = time.monotonic() - start
    return (seconds, size, cpu_seconds([pid]) - ours, cpu_seconds(backends(server)) - theirs,
            memory(pid, "VmHWM") - before)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fixes", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    need("psql")
    rows, worst = [], 0
    with Server(HARBOR_PUBLIC_READ="true") as server:
        server.command("fleets", "add", "bench")
        psql(server, ROWS % {"count": arguments.fixes})
        subjects = [(media, "") for media in FORMATS] + [(FORMATS[0] + ", gzip", "Accept-Encoding: gzip\r\n")]
        for media, fields in subjects:
            # The first round warms up the process's caches, and is not counted.
            rounds = [measure(server, media.split(",")[0], fields) for _ in range(arguments.rounds + 1)][1:]
            seconds, size, ours, theirs, grown = (statistics.median(column) for column in zip(*rounds))
            worst = max(worst, grown)
            count = arguments.fixes
            rows.append([media, count / seconds, size / seconds / 1e6, size / count, ours / count * 1e6,
                         theirs / count * 1e6, grown])
        start = time.monotonic()
        psql(server, "COPY (SELECT recorded_at, received_at, lat, lng, speed_mps, heading_deg, altitude_m, accuracy_m,"
                     " attributes FROM fixes ORDER BY recorded_at) TO STDOUT (FORMAT csv)")
        rows.append(["COPY by psql", arguments.fixes / (time.monotonic() - start), "", "", "", "", ""])
    table(["", "fixes/s", "MB/s", "bytes/fix", "CPU µs/fix", "PostgreSQL", "peak MiB"], rows)
    if worst > BOUND_MIB:
        raise SystemExit(f"a track took {worst:.1f} MiB, {BOUND_MIB} are allowed at most")


if __name__ == "__main__":
    main()
