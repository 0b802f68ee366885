#!/usr/bin/env python3
"""Durable signed fixes per second through HTTP, with 1 and 100 fixes per POST.

    make build && Benchmarks/ingest.py [--seconds 5]

Every request is made and signed beforehand, each with fixes of its own, so that wrk only sends; the requests are
sent once each. What was accepted is counted in the table at the end. Needs wrk and psql.
"""

import argparse
import json
import os
import subprocess
import time

from harness import BINARY, Server, cpu_seconds, fix, need, sign, wrk

SCRIPT = """
local requests, position, count = {}, 0, 0
function init(arguments)
  local file = assert(io.open(%(path)q, "rb"))
  while true do
    local length = file:read(8)
    if not length then break end
    requests[#requests + 1] = file:read(tonumber(length))
  end
  file:close()
end
function request()
  position = position + 1
  if position > #requests then position = #requests; wrk.thread:stop() end
  return requests[position]
end
"""


def write_requests(path, server, secret, per_post, posts, vehicles, start):
    now = int(time.time())
    with open(path, "wb") as file:
        for index in range(posts):
            fixes = []
            for place in range(per_post):
                number = index * per_post + place
                fixes.append(fix(f"van-{number % vehicles}", start + number // vehicles, number))
            body = json.dumps({"fixes": fixes}, separators=(",", ":")).encode()
            identifier = f"msg_{per_post}_{index}"
            head = (
                f"POST /api/v1/fleets/bench/fixes HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nwebhook-id: {identifier}\r\n"
                f"webhook-timestamp: {now}\r\nwebhook-signature: {sign(secret, identifier, now, body)}\r\n\r\n")
            request = head.encode() + body
            file.write(f"{len(request):8d}".encode() + request)


def rows(server):
    url = subprocess.run(
        [BINARY, "database", "url"], env=server.environment, cwd=server.directory, check=True,
        capture_output=True, text=True).stdout.strip()
    return int(subprocess.run(
        ["psql", url, "-Atc", "SELECT count(*) FROM fixes"], check=True, capture_output=True, text=True).stdout)


def postgres_pids():
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/comm") as comm:
                    if comm.read().strip() == "postgres":
                        found.append(int(entry))
            except FileNotFoundError:
                pass
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--vehicles", type=int, default=1000)
    arguments = parser.parse_args()
    need("wrk", "psql")
    print(f"{'fixes/POST':>10}{'connections':>13}{'POST/s':>10}{'fixes/s':>10}{'p50 ms':>9}{'p99 ms':>9}"
          f"{'CPU µs/fix':>12}{'PostgreSQL':>12}")
    for per_post, connections, most in ((1, 1, 60_000), (1, 64, 250_000), (100, 1, 12_000), (100, 16, 12_000)):
        with Server() as server:
            server.command("fleets", "add", "bench")
            secret = server.command("partners", "add", "bench-partner", "--fleet", "bench")["secret"]
            path = os.path.join(server.directory, "requests")
            start = (int(time.time()) - 3600) * 1000
            write_requests(path, server, secret, per_post, most, arguments.vehicles, start)
            script = os.path.join(server.directory, "requests.lua")
            with open(script, "w") as file:
                file.write(SCRIPT.replace("%(path)q", json.dumps(path)))
            ours, theirs = cpu_seconds(server.pids), cpu_seconds(postgres_pids())
            result = wrk(server.url("/"), connections, arguments.seconds, script=script)
            ours = cpu_seconds(server.pids) - ours
            theirs = cpu_seconds(postgres_pids()) - theirs
            stored = rows(server)
            if result["errors"] or result["socket_errors"]:
                raise SystemExit(f"errors: {result}")
            print(f"{per_post:10}{connections:13}{result['rate']:10.0f}{stored / arguments.seconds:10.0f}"
                  f"{result['p50']:9.2f}{result['p99']:9.2f}{ours / stored * 1e6:12.1f}{theirs / stored * 1e6:12.1f}")


if __name__ == "__main__":
    main()
