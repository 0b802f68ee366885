#!/usr/bin/env python3
"""CPU time and rate of a status read, side by side with nginx serving the same bytes from a file.

    make build && Benchmarks/status.py [--seconds 5] [--rounds 3]

The two are measured in turn, so that a machine whose speed drifts does not favour one. wrk shares the cores with
both. Needs nginx and wrk.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

from harness import Server, children, cpu_seconds, fix, free_port, get, need, post, wrk


def start_nginx(directory, port, workers):
    configuration = os.path.join(directory, "nginx.conf")
    with open(configuration, "w") as file:
        file.write(f"""
daemon off; worker_processes {workers}; pid {directory}/nginx.pid; error_log {directory}/error.log;
user root;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=16;
  default_type application/json; etag on;
  client_body_temp_path {directory}/t1; proxy_temp_path {directory}/t2; fastcgi_temp_path {directory}/t3;
  uwsgi_temp_path {directory}/t4; scgi_temp_path {directory}/t5;
  server {{ listen 127.0.0.1:{port} reuseport; root {directory}; }}
}}""")
    return subprocess.Popen(["nginx", "-c", configuration, "-p", directory], stderr=subprocess.DEVNULL)


def measure(url, pids, arguments, headers=()):
    before = cpu_seconds(pids)
    result = wrk(url, arguments.connections, arguments.seconds, headers)
    result["cpu_us"] = (cpu_seconds(pids) - before) / result["requests"] * 1e6
    if result["errors"] or result["socket_errors"]:
        raise SystemExit(f"errors at {url}: {result}")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--vehicles", type=int, default=50)
    parser.add_argument("--loops", type=int, default=2)
    arguments = parser.parse_args()
    need("nginx", "wrk")
    with Server(loops=arguments.loops) as server, tempfile.TemporaryDirectory(prefix="hfn") as directory:
        os.chmod(directory, 0o755)
        server.command("fleets", "add", "bench")
        secret = server.command("partners", "add", "bench-partner", "--fleet", "bench")["secret"]
        token = server.command("tokens", "add", "bench-reader", "--role", "viewer")["token"]
        now = int(time.time() * 1000)
        body = {"fixes": [fix(f"van-{index}", now, index) for index in range(arguments.vehicles)]}
        post(server.url("/api/v1/fleets/bench/fixes"), secret, json.dumps(body).encode())
        url = server.url("/api/v1/fleets/bench/status")
        status = get(url, token)
        with open(os.path.join(directory, "status.json"), "wb") as file:
            file.write(status)
        port = free_port()
        nginx = start_nginx(directory, port, arguments.loops)
        try:
            time.sleep(0.5)
            assert get(f"http://127.0.0.1:{port}/status.json") == status
            header = [f"Authorization: Bearer {token}"]
            ours, theirs = [], []
            for _ in range(arguments.rounds):
                ours.append(measure(url, server.pids, arguments, header))
                theirs.append(measure(f"http://127.0.0.1:{port}/status.json", children(nginx.pid), arguments))
        finally:
            nginx.terminate()
            nginx.wait()
    print(f"{len(status)} bytes, {arguments.vehicles} vehicles, {arguments.connections} connections, "
          f"{arguments.loops} loops or workers, median of {arguments.rounds} × {arguments.seconds} s")
    print(f"{'':14}{'requests/s':>12}{'CPU µs/req':>12}{'p50 ms':>10}{'p99 ms':>10}")
    middle = {}
    for name, results in (("harbor-fleet", ours), ("nginx", theirs)):
        row = {key: statistics.median(result[key] for result in results) for key in ("rate", "cpu_us", "p50", "p99")}
        middle[name] = row
        print(f"{name:14}{row['rate']:12.0f}{row['cpu_us']:12.2f}{row['p50']:10.2f}{row['p99']:10.2f}")
    ratio = {key: middle["harbor-fleet"][key] / middle["nginx"][key] for key in ("rate", "cpu_us")}
    print(f"{'ratio':14}{ratio['rate']:12.2f}{ratio['cpu_us']:12.2f}")


if __name__ == "__main__":
    main()
