#!/usr/bin/env python3
"""Counts the parts of one status read: system calls, allocations, instructions; and the memory of an idle WebSocket.

    make build && Benchmarks/anatomy.py [--requests 2000] [--only calls,allocations,instructions,memory]

Everything is counted for exactly N requests, once one at a time on one connection (which shares no turn of the event
loop with others), and once on 64 connections. The counts do not depend on other load of the machine.

calls         strace -c of the server; needs strace
allocations   an LD_PRELOADed counter (allocation_counter.c)
instructions  callgrind: user instructions, one loop, and the functions to which they belong; needs valgrind
memory        massif: the heap of 1,000 idle WebSockets on `/live`, by the allocating code; needs valgrind
"""

import argparse
import os
import re
import shutil
import struct
import subprocess
import tempfile
import time

import harness
from harness import TOOLS, compiled, need, paced, table
from idle import Clients
from subjects import fleet_server, harbor_fleet

CONNECTIONS = (1, 64)


def send(subject, connections, requests):
    result = paced("count", subject.port, subject.request(), connections, requests)
    if result["errors"] or result["requests"] != requests:
        raise SystemExit(f"errors: {result}")


def calls(arguments):
    """System calls of the server during a run, from strace's own summary."""
    print("System calls per status read (strace -c; background work is subtracted)")
    columns = {}
    with fleet_server(50, loops=2) as (server, token), tempfile.TemporaryDirectory() as directory:
        subject = harbor_fleet(server, token)
        send(subject, 1, 100)
        pid, path = server.process.pid, os.path.join(directory, "calls")
        for name, connections in (("background", 0), *((f"{count} connections", count) for count in CONNECTIONS)):
            tracer = subprocess.Popen(["strace", "-f", "-c", "-p", str(pid), "-o", path], stderr=subprocess.DEVNULL)
            time.sleep(1)
            start = time.monotonic()
            if connections:
                send(subject, connections, arguments.requests)
            else:
                time.sleep(2)
            tracer.send_signal(2)
            tracer.wait()
            columns[name] = (syscall_counts(path), time.monotonic() - start + 1)
    idle, idle_time = columns.pop("background")
    rows = {}
    for name, (counts, taken) in columns.items():
        for call, count in counts.items():
            extra = count - idle.get(call, 0) * taken / idle_time
            rows.setdefault(call, {})[name] = max(0, extra) / arguments.requests
    kept = [(call, row) for call, row in rows.items() if max(row.values()) >= 0.01]
    kept.sort(key=lambda entry: -max(entry[1].values()))
    table(["call", *columns], [[call, *(round(row.get(name, 0), 2) for name in columns)] for call, row in kept])


def syscall_counts(path):
    counts = {}
    with open(path) as file:
        for line in file:
            fields = line.split()
            if len(fields) >= 5 and re.fullmatch(r"[\d.]+", fields[0]) and fields[-1] != "total":
                counts[fields[-1]] = int(fields[3])
    return counts


def allocations(arguments):
    """The requests to malloc, from the counter's totals before and after."""
    print("Allocations per status read (LD_PRELOAD counter)")
    counter = compiled("allocation_counter.so", "-shared", "-fPIC")
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        prefix = os.path.join(directory, "totals")
        with fleet_server(50, loops=2, LD_PRELOAD=counter, ALLOCATION_COUNTER=prefix) as (server, token):
            subject = harbor_fleet(server, token)
            send(subject, 64, 6400)
            for connections in CONNECTIONS:
                # The difference to a run with twice as many requests: it excludes connecting and background
                # work.
                deltas = [totals_of(prefix, server.process.pid, lambda: send(subject, connections, number))
                          for number in (arguments.requests, 2 * arguments.requests)]
                each = [(twice - once) / arguments.requests for once, twice in zip(*deltas)]
                rows.append([f"{connections} connections", *(round(value, 2) for value in each)])
    table(["", "allocations", "bytes", "frees", "reallocations"], rows)


def totals_of(prefix, pid, work):
    def read():
        with open(f"{prefix}.{pid}", "rb") as file:
            return struct.unpack("<4Q", file.read(32))
    before = read()
    work()
    return [after - earlier for earlier, after in zip(before, read())]


class Valgrind:
    """The server under a valgrind tool. valgrind cannot read DWARF 5, so its copy of the server has only symbols."""

    def __init__(self, *options):
        self.options = options
        self.plain = harness.BINARY

    def __enter__(self):
        need("valgrind", "objcopy")
        os.makedirs(TOOLS, exist_ok=True)
        copy = os.path.join(TOOLS, "harbor-fleet")
        subprocess.run(["objcopy", "--strip-debug", self.plain, copy], check=True)
        shim = compiled("valgrind_shim.so", "-shared", "-fPIC")
        harness.SERVE = ["env", f"LD_PRELOAD={shim}", "valgrind", "--quiet", *self.options, copy, "serve"]

    def __exit__(self, *_):
        harness.SERVE = None


def demangled(names):
    text = subprocess.run(["swift", "demangle", "--simplified", "--compact"], input="\n".join(names),
                          capture_output=True, text=True, check=True).stdout.split("\n")
    return dict(zip(names, text))


def instructions(arguments):
    """Instructions in user space by callgrind, between two of its dumps."""
    print("User instructions per status read (callgrind, one loop, 1 connection)")
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "calls")
        with Valgrind("--tool=callgrind", f"--callgrind-out-file={path}", "--dump-line=no"), \
                fleet_server(50, loops=1) as (server, token):
            subject, control = harbor_fleet(server, token), ["callgrind_control", str(server.process.pid)]
            send(subject, 1, 200)
            subprocess.run([*control, "-z"], check=True, capture_output=True)
            send(subject, 1, arguments.requests)
            subprocess.run([*control, "-d"], check=True, capture_output=True)
            dump = next(os.path.join(directory, name) for name in sorted(os.listdir(directory))
                        if os.path.getsize(os.path.join(directory, name)))
            costs, total = costs_by_function(dump)
    names = demangled(list(costs))
    most = sorted(costs.items(), key=lambda entry: -entry[1])[:arguments.functions]
    print(f"{total / arguments.requests:,.0f} instructions in all; those of the functions themselves, most first")
    print("(valgrind counts each byte of `rep movsb`, by which memcpy moves some KiB, as one instruction):\n")
    table(["function", "per request"],
          [[shortened(names[name]), round(cost / arguments.requests)] for name, cost in most])


def costs_by_function(path):
    """Each function's own cost and the sum, from callgrind's file; `calls=` lines mark what called functions cost."""
    names, costs, function, is_call = {}, {}, None, False
    with open(path) as file:
        for line in file:
            if found := re.match(r"fn=\((\d+)\)(?: (.*))?", line):
                if found[2]:
                    names[found[1]] = found[2]
                function = names[found[1]]
            elif found := re.match(r"cfn=\((\d+)\) (.*)", line):
                names[found[1]] = found[2]
            elif line.startswith("calls="):
                is_call = True
            elif function and (found := re.match(r"[+*-]?\w* ?(\d+)$", line)):
                if not is_call:
                    name = function.split("'")[0]
                    costs[name] = costs.get(name, 0) + int(found[1])
                is_call = False
    return costs, sum(costs.values())


def shortened(name):
    return name if len(name) <= 100 else name[:99] + "…"


def memory(arguments):
    """The heap that 1,000 idle WebSockets add, by the allocating stack."""
    count = 1000
    print("Heap bytes of one idle WebSocket on /live (massif; plus malloc's own 8 to 16 bytes for each)")
    with tempfile.TemporaryDirectory() as directory:
        paths = [os.path.join(directory, name) for name in ("before", "after", "end")]
        options = ["--tool=massif", "--depth=14", "--threshold=0.3", f"--massif-out-file={paths[2]}"]
        with Valgrind(*options), fleet_server(50) as (server, token):
            clients = Clients(server.port, "/api/v1/fleets/bench/live", token)
            for path, more in zip(paths, (20, count)):
                clients.open(more)
                clients.serve(2)
                subprocess.run(["vgdb", f"--pid={server.process.pid}", "detailed_snapshot", path], check=True,
                               capture_output=True)
            clients.close()
        before, after = (heap_by_stack(path) for path in paths[:2])
    each = {stack: (size - before.get(stack, 0)) / count for stack, size in after.items()}
    most = sorted(((size, stack) for stack, size in each.items() if size >= 8), reverse=True)
    names = demangled(sorted({name for _, stack in most for name in stack}))
    table(["allocated in", "bytes"],
          [[shortened(" < ".join(names[name] for name in ours(stack))), round(size)] for size, stack in most])
    print(f"{sum(each.values()):,.0f} bytes in all\n")


def ours(stack):
    """The nearest callers that are not the runtime's allocator."""
    runtime = ("swift_slowAlloc", "swift_allocObject", "swift::")
    return [name for name in stack if not name.startswith(runtime)][:3] or list(stack[:1])


def heap_by_stack(path):
    """The leaves of massif's tree."""
    leaves, stack = {}, []
    with open(path) as file:
        for line in file:
            found = re.match(r"( *)n(\d+): (\d+) (?:0x[0-9A-F]+: )?(.*?)(?: \(in .*)?$", line)
            if found:
                depth = len(found[1])
                stack = [*stack[:depth], found[4]]
                if found[2] == "0":
                    leaves[tuple(stack[1:])] = leaves.get(tuple(stack[1:]), 0) + int(found[3])
    return leaves


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--functions", type=int, default=25, help="lines of callgrind's list")
    parser.add_argument("--only", default="calls,allocations,instructions,memory", help="parts to run, separated by commas")
    arguments = parser.parse_args()
    need("cc")
    parts = {"calls": calls, "allocations": allocations, "instructions": instructions, "memory": memory}
    needs = {"calls": "strace", "instructions": "valgrind", "memory": "valgrind"}
    for name in arguments.only.split(","):
        if name in needs and not shutil.which(needs[name]):
            print(f"{name}: skipped, install {needs[name]}\n")
            continue
        parts[name](arguments)


if __name__ == "__main__":
    main()
