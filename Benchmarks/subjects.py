"""The servers that are compared: harbor-fleet, nginx with the same bytes in a file, a minimal server in C."""

import contextlib
import dataclasses
import json
import os
import socket
import subprocess
import tempfile
import time

from harness import Server, children, compiled, cpu_seconds, fix, free_port, get, post

STATUS = "/api/v1/fleets/bench/status"


@dataclasses.dataclass
class Subject:
    name: str
    pids: list
    port: int
    path: str
    headers: tuple = ()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.path}"

    def request(self, *headers):
        lines = [f"GET {self.path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *self.headers, *headers]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    @contextlib.contextmanager
    def spending(self, result):
        """Adds `cpu_us`, the server's CPU time per request, to the result of the load that runs inside."""
        before = cpu_seconds(self.pids)
        yield
        result["cpu_us"] = (cpu_seconds(self.pids) - before) / max(result["requests"], 1) * 1e6


@contextlib.contextmanager
def fleet_server(vehicles, loops=2, **settings):
    """A server with a fleet `bench`; yields it with its bearer token."""
    with Server(loops=loops, **settings) as server:
        server.command("fleets", "add", "bench")
        secret = server.command("partners", "add", "bench-partner", "--fleet", "bench")["secret"]
        token = server.command("tokens", "add", "bench-reader", "--role", "viewer")["token"]
        now = int(time.time() * 1000)
        body = {"fixes": [fix(f"van-{index}", now, index) for index in range(vehicles)]}
        post(server.url("/api/v1/fleets/bench/fixes"), secret, json.dumps(body).encode())
        yield server, token


def harbor_fleet(server, token):
    return Subject("harbor-fleet", server.pids, server.port, STATUS, (f"Authorization: Bearer {token}",))


def whole_response(subject):
    """Head and body of a response as sent over the network."""
    with socket.create_connection(("127.0.0.1", subject.port), timeout=10) as connection:
        connection.sendall(subject.request("Connection: close"))
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts).replace(b"connection: close\r\n", b"")


# A file of some KiB is sent faster by read and writev than by sendfile, which costs two more system calls (the
# cork of `tcp_nopush`, which keeps head and body in one segment); `aio threads` costs a switch of threads.
# README.md has the figures.
NGINX_FASTEST = "sendfile off; output_buffers 2 16k;"
NGINX_SENDFILE = "sendfile on; tcp_nopush on;"


@contextlib.contextmanager
def nginx(body, workers, name="nginx", tuning=NGINX_FASTEST, affinity=""):
    """nginx with the given number of workers, serving the body from a file."""
    with tempfile.TemporaryDirectory(prefix="hfn") as directory:
        os.chmod(directory, 0o755)
        with open(os.path.join(directory, "status.json"), "wb") as file:
            file.write(body)
        port = free_port()
        configuration = os.path.join(directory, "nginx.conf")
        with open(configuration, "w") as file:
            file.write(f"""
daemon off; worker_processes {workers}; {affinity} pid {directory}/nginx.pid; error_log {directory}/error.log crit;
{"user root;" if os.getuid() == 0 else ""}
worker_rlimit_nofile 20000;
events {{ worker_connections 9000; multi_accept on; }}
http {{
  access_log off; server_tokens off; {tuning} tcp_nodelay on;
  keepalive_requests 1000000000; keepalive_timeout 600s; reset_timedout_connection off;
  open_file_cache max=16 inactive=600s; open_file_cache_valid 600s;
  default_type application/json; etag on;
  client_body_temp_path {directory}/t1; proxy_temp_path {directory}/t2; fastcgi_temp_path {directory}/t3;
  uwsgi_temp_path {directory}/t4; scgi_temp_path {directory}/t5;
  server {{ listen 127.0.0.1:{port} reuseport backlog=4096; root {directory}; }}
}}""")
        process = subprocess.Popen(["nginx", "-c", configuration, "-p", directory], stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            assert get(f"http://127.0.0.1:{port}/status.json") == body
            yield Subject(name, children(process.pid), port, "/status.json")
        finally:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def minimal_server(response, threads):
    """The C server, sending exactly these bytes."""
    with tempfile.NamedTemporaryFile(prefix="hfm") as file:
        file.write(response)
        file.flush()
        port = free_port()
        process = subprocess.Popen([compiled("minimal_server"), str(port), str(threads), file.name])
        try:
            wait_for(port)
            yield Subject("minimal C", [process.pid], port, "/")
        finally:
            process.terminate()
            process.wait()


def wait_for(port):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port}")


@contextlib.contextmanager
def all_subjects(vehicles=50, loops=2):
    """All servers, each with the given number of loops, workers or threads."""
    with contextlib.ExitStack() as stack:
        server, token = stack.enter_context(fleet_server(vehicles, loops))
        ours = harbor_fleet(server, token)
        response = whole_response(ours)
        body = response.split(b"\r\n\r\n", 1)[1]
        theirs = stack.enter_context(nginx(body, loops))
        sendfile = stack.enter_context(nginx(body, loops, "nginx with sendfile", NGINX_SENDFILE))
        bound = stack.enter_context(nginx(body, loops, "nginx bound", affinity="worker_cpu_affinity auto;"))
        least = stack.enter_context(minimal_server(response, loops))
        yield [ours, theirs, bound, sendfile, least], len(body)
