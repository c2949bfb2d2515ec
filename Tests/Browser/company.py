"""The server under test: the real executable, serving a demonstration company from a folder of its own."""

import json
import os
import queue
import socket
import sqlite3
import subprocess
import threading
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "popug-demo-2026"
# One person of each role; where a role does what another does, the pages are the same.
ROLES = {"employee": "emma", "accountant": "abe", "manager": "mia", "admin": "ada", "boss": "boris"}


def binary() -> str:
    return os.environ.get("POPUG_BINARY", str(ROOT / ".build/release/popug"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Company:
    """A demonstration company and its server, which can be stopped and started again on the same port."""

    def __init__(self, folder: Path, demo: bool = True):
        """`demo`: with people, tasks and days that are past; otherwise with an admin, ada, and nothing else."""
        self.folder = str(folder / "data")
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None
        people = (*ROLES.values(), "elena", "oskar")
        if demo:
            self.popug("init", "--demo", "--data", self.folder)
        else:
            people = ("ada",)
            secret = folder / "password"
            secret.write_text(PASSWORD + "\n")
            self.popug(
                "init", "--data", self.folder, "--company", "Popug Inc.", "--admin-name", "Ada", "--admin-email",
                self.email("ada"), "--admin-password-file", str(secret))
        self.tokens = {name: self.token(name) for name in people}

    @staticmethod
    def email(name: str) -> str:
        return f"{name}@popug.example"

    def popug(self, *arguments: str) -> str:
        """Runs a verb to its end and returns what it printed."""
        done = subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"popug {' '.join(arguments)}: {done.stderr}"
        return done.stdout.strip()

    def token(self, name: str) -> str:
        return self.popug("person", "token", self.email(name), "--data", self.folder, "--name", "browser tests")

    # Starting and stopping

    def start(self) -> None:
        """Returns when the server says that it is ready."""
        self.process = subprocess.Popen(
            [binary(), "serve", "--data", self.folder, "--listen", f"127.0.0.1:{self.port}"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines: queue.Queue[str | None] = queue.Queue()

        def read(stream):
            for line in stream:
                lines.put(line)
            lines.put(None)

        threading.Thread(target=read, args=(self.process.stdout,), daemon=True).start()
        printed = []
        while (line := lines.get(timeout=60)) is not None:
            printed.append(line)
            if line.startswith("Ready on "):
                return
        raise AssertionError("popug did not get ready:\n" + "".join(printed))

    def stop(self) -> None:
        """Ends the server in order; it must say so by its exit code."""
        if self.process:
            self.process.terminate()
            assert self.process.wait(timeout=30) == 0
            self.process = None

    # What a test needs to find there

    def call(self, name: str, method: str, path: str, body: dict | None = None) -> dict:
        """A request to the API as one of the people."""
        request = urllib.request.Request(
            self.address + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.tokens[name]}", "Content-Type": "application/json",
                "Idempotency-Key": os.urandom(16).hex(),
            })
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def person(self, name: str) -> str:
        """A person's id."""
        return self.call(name, "GET", "/api/me")["id"]

    def deal(self, name: str, title: str = "Count the seeds") -> dict:
        """Creates tasks until one is dealt to that person; returns it."""
        wanted = self.person(name)
        for number in range(500):
            task = self.call("ada", "POST", "/api/tasks", {"title": f"{title} {number}"})
            if task["assignee"] == wanted:
                return task
        raise AssertionError(f"500 tasks, and none for {name}")

    def settle(self) -> None:
        """Returns when every event has been applied everywhere, or is parked."""
        for _ in range(10_000):
            services = self.call("ada", "GET", "/api/services")
            if all(service["lag"] == 0 and service["unpublished"] == 0 for service in services):
                return
        raise AssertionError("the services did not come to rest")

    def behind_its_back(self, service: str, statement: str, *values: object) -> list:
        """Reads or changes a service's database while the server is stopped: what no page could bring about."""
        assert self.process is None
        with sqlite3.connect(f"{self.folder}/{service}.sqlite") as database:
            return database.execute(statement, values).fetchall()
