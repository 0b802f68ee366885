#!/usr/bin/env python3
"""Durable signed fixes per second through HTTP, compared with PostgreSQL through bare libpq, in one run.

    make build && Benchmarks/ingest.py [--quick] [--seconds 3]

One server runs on a private PostgreSQL. After each combination of fixes per POST and connections, the same statement
runs through bare libpq (storage_ceiling.c) in the same database. It has as many fixes and POSTs per transaction as the
server just had on average, over one, two and four connections, of which the fastest counts. Then only the fixes are
stored, by INSERT from unnest and by COPY. At the end the stored fixes are counted. Needs cc, psql, and the headers of
libpq and OpenSSL.
"""

import argparse
import glob
import json
import os
import re
import subprocess
import sys
import time

from harness import ROOT, Server, compiled, cpu_seconds, children, need, table

FIXES_PER_POST = (1, 10, 100, 1000)
CONNECTIONS = (1, 4, 16, 64, 256)
QUICK = ((1, 1), (1, 64), (100, 1), (100, 16), (1000, 4))
# More fixes a second than a server can store, so that the prepared requests do not run out.
MOST_PER_SECOND = {1: 70_000, 10: 200_000, 100: 300_000, 1000: 350_000}
VEHICLES = 1000
# The recorder holds at most this many fixes and refuses more, so there would be nothing to measure.
MOST_UNDER_WAY = 100_000


class Load:
    """Signed POSTs to one server, and their cost for it and its PostgreSQL."""

    def __init__(self, server, fleet="bench"):
        self.server, self.fleet = server, fleet
        server.command("fleets", "add", fleet)
        self.secret = server.command("partners", "add", fleet + "-partner", "--fleet", fleet)["secret"]
        self.client = compiled("signed_client", "-lcrypto")
        self.next_ms = int(time.time() - 7200) * 1000
        self.stored = 0
        # The first units make the vehicles and warm PostgreSQL's caches.
        self.load(100, 4, 0.5)

    def first_ms(self):
        """Each run has its own fixes: five seconds of a thousand vehicles, with a fix each millisecond."""
        self.next_ms += 5000
        return str(self.next_ms)

    def postgres_pids(self):
        with open(os.path.join(self.server.directory, "data", "postgres", "postmaster.pid")) as file:
            postmaster = int(file.readline())
        return [postmaster, *children(postmaster)]

    def commits(self):
        return self.server.metric("harbor_commit_rows_sum"), self.server.metric("harbor_commit_rows_count")

    def load(self, per_post, connections, seconds):
        posts = max(int(MOST_PER_SECOND[per_post] * seconds / per_post), connections)
        theirs = self.postgres_pids()
        rows, units = self.commits()
        process = subprocess.Popen(
            [self.client, str(self.server.port), self.fleet, self.secret, str(per_post), str(connections), str(seconds),
             str(posts), str(VEHICLES), self.first_ms()], stdout=subprocess.PIPE, text=True)
        # The servers spend no time while the requests are made and signed.
        ours, their_time = cpu_seconds(self.server.pids), cpu_seconds(theirs)
        output, _ = process.communicate()
        result = json.loads(output)
        if process.returncode or result["errors"]:
            raise SystemExit(f"errors: {result}")
        fixes = max(result["fixes"], 1)
        result["ours"] = (cpu_seconds(self.server.pids) - ours) / fixes * 1e6
        result["theirs"] = (cpu_seconds(theirs) - their_time) / fixes * 1e6
        rows_now, units_now = self.commits()
        result["rows_per_commit"] = (rows_now - rows) / max(units_now - units, 1)
        result["rate"] = result["fixes"] / result["seconds"]
        self.stored += result["fixes"]
        return result


class Bench(Load):
    """The same load, and the same statement through bare libpq after it."""

    def __init__(self, server, ceiling_seconds):
        super().__init__(server)
        self.ceiling_seconds = ceiling_seconds
        server.command("fleets", "add", "ceiling")
        self.database = subprocess.run(
            [server.binary, "database", "url"], env=server.environment, cwd=server.directory, check=True,
            capture_output=True, text=True).stdout.strip()
        include = subprocess.run(["pg_config", "--includedir"], check=True, capture_output=True, text=True).stdout.strip()
        self.ceiling = compiled("storage_ceiling", f"-I{include}", "-lpq")
        self.fleet_key = self.query("SELECT fleet_key FROM fleets WHERE fleet_id = 'ceiling'")
        self.keys = self.file("keys", self.query(
            "INSERT INTO vehicles (fleet_key, vehicle_id) SELECT " + self.fleet_key + ", 'van-' || i "
            f"FROM generate_series(1, {VEHICLES}) i RETURNING vehicle_key"))
        self.statement = self.file("record.sql", recorder_statement(
            self.query("SELECT name FROM schema_functions WHERE name LIKE 'record_fixes%'")))
        self.bare("record", 100, 1, 1)

    def file(self, name, text):
        path = os.path.join(self.server.directory, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def query(self, sql):
        return subprocess.run(
            ["psql", self.database, "-qAtc", sql], check=True, capture_output=True, text=True).stdout.strip()

    def bare(self, mode, rows, posts, connections):
        result = json.loads(subprocess.run(
            [self.ceiling, mode, self.database, str(rows), str(posts), str(connections), str(self.ceiling_seconds),
             self.statement, self.fleet_key, self.first_ms(), self.keys], check=True, capture_output=True,
            text=True).stdout)
        result["rate"] = result["rows"] / result["seconds"]
        result["cpu_us"] = result["cpu"] / result["rows"] * 1e6
        result["connections"] = connections
        return result

    def best(self, mode, rows, posts, connections=(1, 2, 4)):
        return max((self.bare(mode, rows, posts, count) for count in connections), key=lambda result: result["rate"])

    def check(self):
        """Checks that every fix that got a 202 is stored."""
        count = int(self.query(
            "SELECT count(*) FROM fixes WHERE vehicle_key IN (SELECT vehicle_key FROM vehicles v JOIN fleets f "
            "USING (fleet_key) WHERE f.fleet_id = 'bench')"))
        if count != self.stored:
            raise SystemExit(f"{self.stored} fixes got a 202, {count} are stored")
        print(f"{count:,} fixes got a 202, and as many are stored.")


def recorder_statement(function):
    """The text of the recorder's statement, from its source. It calls a database function with a digest in its name."""
    [source] = glob.glob(os.path.join(ROOT, "Sources", "HarborFleetStorage", "**", "RecordSQL.swift"), recursive=True)
    with open(source) as file:
        found = re.search(r'static let record = """\n(.*?)\n\s*"""', file.read(), re.DOTALL)
    name = r"\(StorageMigrations.recordFixes.name)"
    if not found or found[1].count("\\") != 1 or name not in found[1]:
        raise SystemExit("RecordSQL.record was not found in its source")
    return found[1].replace(name, function)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3, help="of each load through HTTP")
    parser.add_argument("--ceiling-seconds", type=float, default=1, help="of each run through bare libpq")
    parser.add_argument("--quick", action="store_true", help="a few of the combinations")
    parser.add_argument("--no-ceiling", action="store_true", help="HTTP alone")
    arguments = parser.parse_args()
    need("psql", "pg_config", "cc")
    cells = QUICK if arguments.quick else [
        (per_post, count) for per_post in FIXES_PER_POST for count in CONNECTIONS
        if per_post * count <= MOST_UNDER_WAY]
    http, bare, ratios = [], [], {}
    with Server() as server:
        bench = Bench(server, arguments.ceiling_seconds)
        for per_post, connections in cells:
            result = bench.load(per_post, connections, arguments.seconds)
            posts = max(round(result["rows_per_commit"] / per_post), 1)
            rows = posts * per_post
            line = [str(per_post), str(connections), result["posts"] / result["seconds"], result["rate"], result["p50"],
                    result["p99"], result["ours"], result["theirs"], result["cpu"] / result["fixes"] * 1e6,
                    result["rows_per_commit"]]
            if not arguments.no_ceiling:
                ceiling = bench.best("record", rows, posts)
                unnest, copy = bench.best("unnest", rows, posts, (2, 4)), bench.best("copy", rows, posts, (2, 4))
                ratios[per_post, connections] = result["rate"] / ceiling["rate"]
                line += [ceiling["rate"], ratios[per_post, connections]]
                bare.append([str(rows), str(posts), str(ceiling["connections"]), ceiling["rate"], ceiling["p50"],
                             ceiling["cpu_us"], unnest["rate"], unnest["cpu_us"], copy["rate"], copy["cpu_us"]])
            http.append(line)
            if result["ran_out"]:
                print(f"{per_post} x {connections}: all prepared requests were used", file=sys.stderr)
        bench.check()
    print("\nThrough HTTP. CPU in µs per fix; the ceiling is the recorder's statement through bare libpq.\n")
    table(["fixes/POST", "connections", "POST/s", "fixes/s", "p50 ms", "p99 ms", "our CPU", "PostgreSQL's", "client's",
           "rows/commit", *([] if arguments.no_ceiling else ["ceiling/s", "ratio"])], http)
    if bare:
        print("Through bare libpq, in fixes/s; CPU of the backends in µs per fix.\n")
        table(["rows/commit", "POSTs", "connections", "same SQL", "p50 ms", "CPU", "unnest", "CPU", "COPY", "CPU"], bare)
        hundred = {count: ratio for (per_post, count), ratio in ratios.items() if per_post == 100}
        if hundred:
            best = max(hundred, key=hundred.get)
            print(f"100 fixes per POST: {hundred[best]:.2f} of the ceiling with {best} connections (bound: 0.6)")
        if (1, 64) in ratios:
            print(f"1 fix per POST, 64 connections: {ratios[1, 64]:.2f} of the ceiling (bound: 0.35)")


if __name__ == "__main__":
    main()
