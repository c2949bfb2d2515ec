"""The server under test: the real executable, serving a demonstration company from a folder of its own."""

import json
import os
import random
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "popug-demo-2026"
# Seconds in which anything that is waited for has to come about, on a busy machine too. Nothing waits longer than it
# must, so only a failure takes as long.
PATIENCE = 60
# One person of each role; where a role does what another does, the pages are the same.
ROLES = {"employee": "emma", "accountant": "abe", "manager": "mia", "admin": "ada", "boss": "boris"}


def binary() -> str:
    return os.environ.get("POPUG_BINARY", str(ROOT / ".build/release/popug"))


def free_port() -> int:
    """A port that nobody has, of those that the system lends to no outgoing connection: while the server is stopped, a
    browser that looks for it would otherwise be lent its port now and then."""
    for _ in range(1000):
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no port is free")


def tries(what: str, seconds: float = PATIENCE) -> Iterator[int]:
    """Goes round, without a pause, until the caller has found what it looks for; that is missing after a minute."""
    end = time.monotonic() + seconds
    number = 0
    while number == 0 or time.monotonic() < end:
        yield number
        number += 1
    raise AssertionError(f"tried {number} times in {seconds} seconds, in vain: {what}")


class Company:
    """A demonstration company and its server, which can be stopped and started again on the same port."""

    def __init__(self, folder: Path, demo: bool = True, host: str = "127.0.0.1"):
        """`demo`: with people, tasks and days that are past; otherwise with an admin, ada, and nothing else. `host`: by
        which browsers know it; passkeys want a name."""
        self.folder = str(folder / "data")
        self.host = host
        # For the next start, by their names in the environment.
        self.settings: dict[str, str] = {}
        self.port = 0
        self.process: subprocess.Popen | None = None
        self.printed: list[str] = []
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

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"

    @staticmethod
    def email(name: str) -> str:
        return f"{name}@popug.example"

    def popug(self, *arguments: str) -> str:
        """Runs a verb to its end and returns what it printed."""
        done = subprocess.run([binary(), *arguments], capture_output=True, text=True, timeout=5 * PATIENCE, check=False)
        assert done.returncode == 0, f"popug {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def token(self, name: str) -> str:
        return self.popug("person", "token", self.email(name), "--data", self.folder, "--name", "browser tests",
                          "--scopes", "tasks,money,people,operations")

    # Starting and stopping

    def start(self) -> None:
        """Returns when the server says that it is ready. The first start takes a free port, and all others the same."""
        self.port = self.port or free_port()
        self.process = subprocess.Popen(
            [binary(), "serve", "--data", self.folder, "--listen", f"127.0.0.1:{self.port}",
             "--public-address", self.address],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, **self.settings})
        self.printed = []
        ready = threading.Event()
        threading.Thread(target=self._read, args=(self.process, ready, self.printed), daemon=True).start()
        # The end of what it prints is heard of too.
        said = ready.wait(3 * PATIENCE)
        if not said or self.process.poll() is not None:
            self.process.kill()
            raise AssertionError("popug did not get ready:\n" + "".join(self.printed))

    @staticmethod
    def _read(process: subprocess.Popen, ready: threading.Event, printed: list[str]) -> None:
        for line in process.stdout:
            printed.append(line)
            if line.startswith("Ready on "):
                ready.set()
        process.wait()
        ready.set()

    def stop(self) -> None:
        """Ends the server in order; it must say so by its exit code."""
        process, self.process = self.process, None
        if not process:
            return
        process.terminate()
        try:
            code = process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            code = "none in time"
        assert code == 0, f"popug's exit code: {code}\n" + "".join(self.printed)

    # What a test needs to find there

    def call(self, name: str, method: str, path: str, body: dict | None = None) -> dict:
        """A request to the API as one of the people."""
        request = urllib.request.Request(
            self.address + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.tokens[name]}", "Content-Type": "application/json",
                "Idempotency-Key": os.urandom(16).hex(),
            })
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def person(self, name: str) -> str:
        """A person's id."""
        return self.call(name, "GET", "/api/me")["id"]

    def deal(self, name: str, title: str = "Count the seeds") -> dict:
        """Creates tasks until one is dealt to that person; returns it. Its fee may be on its way, see `settle`."""
        wanted = self.person(name)
        for number in range(500):
            task = self.call("ada", "POST", "/api/tasks", {"title": f"{title} {number}"})
            if task["assignee"] == wanted:
                return task
        raise AssertionError(f"500 tasks, and none for {name}")

    def settle(self) -> None:
        """Returns when every event has been applied everywhere, or is parked."""
        for _ in tries("the services at rest"):
            services = self.call("ada", "GET", "/api/services")
            if all(service["lag"] == 0 and service["unpublished"] == 0 for service in services):
                return

    def fall_behind(self, days: int) -> None:
        """As if the server had been down for so many days, or the clock were wrong: of a company without operations."""
        self.behind_its_back("accounting", "UPDATE open_day SET day = day - ?", days)
        self.behind_its_back("accounting", "UPDATE account SET day = day - ?, opened_day = opened_day - ?", days, days)

    def behind_its_back(self, service: str, statement: str, *values: object) -> list:
        """Reads or changes a service's database while the server is stopped: what no page could bring about."""
        assert self.process is None
        with sqlite3.connect(f"{self.folder}/{service}.sqlite") as database:
            return database.execute(statement, values).fetchall()
