#!/usr/bin/env python3
"""Compares a status read: harbor-fleet with its bearer token, nginx serving the same bytes from a file (as fast as
possible, and the usual way with sendfile), and the least work that a C server on epoll can do.

    make build && Benchmarks/engine.py [--seconds 2] [--rounds 13] [--only rate,latency,churn]

They are measured in turn, round after round, so that drift of the machine's speed favours none of them. The clients
share the cores with all of them. Figures are medians of the rounds. Needs nginx, wrk and a C compiler.
"""

import argparse
import statistics

from harness import need, paced, table, wrk
from subjects import all_subjects


def checked(subject, result):
    if result["errors"] or result.get("socket_errors"):
        raise SystemExit(f"errors at {subject.name}: {result}")
    return result


def rounds(subjects, count, measure):
    """Each subject's results, the rounds interleaved."""
    results = {subject.name: [] for subject in subjects}
    for _ in range(count):
        for subject in subjects:
            result = {}
            with subject.spending(result):
                result.update(measure(subject))
            results[subject.name].append(checked(subject, result))
    return results


def medians(results, keys):
    return {name: {key: statistics.median(result[key] for result in found) for key in keys}
            for name, found in results.items()}


def ratios(results, key, other):
    """The median of the rounds' own ratios, in which drift between rounds cancels out."""
    return statistics.median(
        ours[key] / theirs[key] for ours, theirs in zip(results["harbor-fleet"], results[other]))


def show(title, results, columns):
    print(title)
    middle = medians(results, columns.values())
    table(["", *columns], [[name, *row.values()] for name, row in middle.items()])
    return middle


def verdict(what, value, bound, at_most):
    met = value <= bound if at_most else value >= bound
    print(f"{what}: {value:.2f}, wanted {'at most' if at_most else 'at least'} {bound}: {'met' if met else 'MISSED'}")


RATE_COLUMNS = {"requests/s": "rate", "CPU µs/request": "cpu_us", "p50 ms": "p50", "p99 ms": "p99"}


def rate(subjects, arguments):
    """At full speed, on connections that stay open."""
    results = rounds(subjects, arguments.rounds, lambda subject: wrk(
        subject.url, arguments.connections, arguments.seconds, subject.headers))
    middle = show(f"Full speed, {arguments.connections} connections (wrk)", results, RATE_COLUMNS)
    verdict("CPU per request against nginx", ratios(results, "cpu_us", "nginx"), 0.9, True)
    verdict("requests/s against nginx", ratios(results, "rate", "nginx"), 1.1, False)
    verdict("CPU per request against minimal C", ratios(results, "cpu_us", "minimal C"), 1.3, True)
    print()
    return middle


def latency(subjects, arguments, full_speed):
    """At half of each server's full speed, at a constant rate that does not wait for responses."""
    results = rounds(subjects, arguments.rounds, lambda subject: paced(
        "rate", subject.port, subject.request(), arguments.connections, arguments.seconds,
        full_speed[subject.name]["rate"] / 2))
    columns = {**RATE_COLUMNS, "p99.9 ms": "p999", "client's lag ms": "largest_lag",
               "p99 ms from send to arrival": "arrival_p99"}
    middle = show("At half of each one's full speed, constant rate (paced_client rate)", results, columns)
    verdict("p99 in ms at half the full speed", middle["harbor-fleet"]["p99"], 2, True)
    print()


def churn(subjects, arguments):
    """Connect, one request, close by the server."""
    results = rounds(subjects, arguments.rounds, lambda subject: paced(
        "churn", subject.port, subject.request("Connection: close"), arguments.connections, arguments.seconds, threads=2))
    show("A new connection for each request (paced_client churn)", results, RATE_COLUMNS)
    verdict("connections/s against nginx", ratios(results, "rate", "nginx"), 1, False)
    verdict("CPU per connection against nginx", ratios(results, "cpu_us", "nginx"), 1, True)
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=13)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--vehicles", type=int, default=50)
    parser.add_argument("--loops", type=int, default=2)
    parser.add_argument("--only", default="rate,latency,churn", help="parts to run, separated by commas")
    arguments = parser.parse_args()
    parts = arguments.only.split(",")
    need("nginx", "wrk", "cc")
    with all_subjects(arguments.vehicles, arguments.loops) as (subjects, size):
        print(f"Status of {arguments.vehicles} vehicles, {size:,} bytes; {arguments.loops} loops, workers or threads; "
              f"median of {arguments.rounds} rounds of {arguments.seconds} s\n")
        if "rate" in parts or "latency" in parts:
            full_speed = rate(subjects, arguments)
        if "latency" in parts:
            latency(subjects, arguments, full_speed)
        if "churn" in parts:
            churn(subjects, arguments)


if __name__ == "__main__":
    main()
