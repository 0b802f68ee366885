"""Shared by the benchmarks: a server of our own, signed requests, CPU time, wrk."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.path.join(ROOT, ".build", "release", "harbor-fleet")
# The command that starts a server instead of `harbor-fleet serve`, to run it under a tool that execs it.
SERVE = None
TICKS = os.sysconf("SC_CLK_TCK")
TOOLS = os.path.join(ROOT, ".build", "benchmarks")


def need(*programs):
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        raise SystemExit("install first (Debian packages of the same name): " + " ".join(missing))
    if not os.path.exists(BINARY):
        raise SystemExit("build first: make build")


def compiled(name, *flags):
    """The path of a C tool in this directory, compiled again if its source is newer."""
    source = os.path.join(ROOT, "Benchmarks", name.removesuffix(".so") + ".c")
    target = os.path.join(TOOLS, name)
    os.makedirs(TOOLS, exist_ok=True)
    if not os.path.exists(target) or os.path.getmtime(target) < os.path.getmtime(source):
        subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-pthread", "-o", target, source, *flags], check=True)
    return target


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pids):
    """User and system time so far of processes and all their threads."""
    total = 0
    for pid in pids:
        with contextlib.suppress(FileNotFoundError), open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
    return total / TICKS


def children(pid):
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError), open(f"/proc/{entry}/stat") as stat:
                if int(stat.read().rsplit(")", 1)[1].split()[1]) == pid:
                    found.append(int(entry))
    return found


def get(url, token=None):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read()


class Server:
    """A release build on a private PostgreSQL in its own directory, stopped at the end."""

    def __init__(self, loops=2, binary=None, **settings):
        self.binary = binary or BINARY
        self.directory = tempfile.mkdtemp(prefix="hfb")
        os.chmod(self.directory, 0o755)
        self.port, self.operations_port = free_port(), free_port()
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("HARBOR_", "DATABASE_"))},
            "HARBOR_DATA_DIR": os.path.join(self.directory, "data"),
            "HARBOR_HTTP_HOST": "127.0.0.1",
            "HARBOR_HTTP_PORT": str(self.port),
            "HARBOR_OPS_PORT": str(self.operations_port),
            "HARBOR_EVENT_LOOPS": str(loops),
            "HARBOR_DRAIN_DELAY_S": "0",
            **settings,
        }
        self.log = open(os.path.join(self.directory, "log"), "w")
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(
            SERVE or [self.binary, "serve"], env=self.environment, cwd=self.directory, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, urllib.error.URLError):
                get(self.url("/ready"))
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit("the server did not become ready:\n" + open(self.log.name).read())

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def pids(self):
        return [self.process.pid]

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def command(self, *arguments):
        environment = {key: value for key, value in self.environment.items() if key != "LD_PRELOAD"}
        result = subprocess.run(
            [self.binary, *arguments, "--json"], env=environment, cwd=self.directory, check=True, capture_output=True,
            text=True)
        return json.loads(result.stdout) if result.stdout.strip() else None

    def metric(self, name):
        text = get(f"http://127.0.0.1:{self.operations_port}/metrics").decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if re.match(name + r"[{ ]", line))


def sign(secret, identifier, timestamp, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    code = hmac.new(key, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(code).decode()


def signed_headers(secret, body):
    identifier, timestamp = f"msg_{time.time_ns()}", int(time.time())
    return {
        "content-type": "application/json",
        "webhook-id": identifier,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, identifier, timestamp, body),
    }


def post(url, secret, body):
    request = urllib.request.Request(url, data=body, headers=signed_headers(secret, body), method="POST")
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.loads(response.read())


def fix(vehicle, milliseconds, index=0):
    seconds, fraction = divmod(milliseconds, 1000)
    time_text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{fraction:03d}Z"
    return {
        "vehicle_id": vehicle, "recorded_at": time_text,
        "lat": round(53.53 + index % 97 / 5000, 6), "lng": round(9.96 + index % 89 / 5000, 6),
        "speed_mps": round(index % 14 + 0.4, 1), "heading_deg": float(index * 7 % 360),
    }


def paced(mode, port, request, connections, *numbers, threads=1):
    """Runs paced_client.c, whose comment explains the modes; returns its JSON."""
    with tempfile.NamedTemporaryFile(prefix="hfp") as file:
        file.write(request)
        file.flush()
        output = subprocess.run(
            [compiled("paced_client"), mode, str(port), file.name, str(threads), str(connections), *map(str, numbers)],
            check=True, capture_output=True, text=True).stdout
    return json.loads(output)


def table(header, rows):
    """Prints rows of text and numbers under a header, with columns as wide as needed."""
    text = [[cell if isinstance(cell, str) else f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:.3g}" for cell in row]
            for row in rows]
    widths = [max(len(row[place]) for row in [header, *text]) for place in range(len(header))]
    for row in [header, *text]:
        print("  ".join(cell.ljust(width) if place == 0 else cell.rjust(width)
                        for place, (cell, width) in enumerate(zip(row, widths))))
    print()


def wrk(url, connections, seconds, headers=(), script=None, threads=1):
    """Runs wrk; returns requests, requests per second, p50 and p99 in ms, errors."""
    command = ["wrk", "--latency", f"-t{threads}", f"-c{connections}", f"-d{seconds}s"]
    for header in headers:
        command += ["-H", header]
    if script:
        command += ["-s", script]
    output = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    percentile = {
        match[1]: float(match[2]) * {"us": 0.001, "ms": 1, "s": 1000}[match[3]]
        for match in re.finditer(r"(50|99)%\s+([\d.]+)(us|ms|s)", output)
    }
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    socket_errors = re.search(r"Socket errors: (.*)", output)
    return {
        "requests": int(re.search(r"(\d+) requests in", output)[1]),
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]),
        "p50": percentile.get("50"), "p99": percentile.get("99"),
        "errors": int(errors[1]) if errors else 0, "socket_errors": socket_errors[1] if socket_errors else None,
    }
