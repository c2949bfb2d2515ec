#!/usr/bin/env python3
"""nginx.py: proves deploy/nginx with Debian's nginx before a real server: signing in by form, what may not come in,
parts of pages, live updates, who is away, and limits. Everything on free loopback ports, in a folder of its own."""
import concurrent.futures
import http.client
import http.server
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
POPUG = os.environ.get("POPUG_BINARY", ROOT + "/.build/release/popug")
PASSWORD = "popug-demo-2026"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Tracker(http.server.BaseHTTPRequestHandler):
    """Stands for the Tracker's process: keeps what it was asked, and has pages with parts of others."""
    asked = []
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        Tracker.asked.append((self.command, self.path, dict(self.headers)))
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        page = '<p>[<!--#include virtual="/accounting/fragments/today" -->|<!--#include virtual="/mailer/fragments/hold" -->]</p>' \
            '<i>{<!--#include virtual="/accounting/fragments/waiting/close?quiet=1" -->|<!--#include virtual="/mailer/fragments/undelivered?quiet=1" -->}</i>'
        body = page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Popug-Includes", "yes")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *words):
        pass


class Client:
    def __init__(self, port):
        self.port, self.cookies = port, {}

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = dict(headers or {})
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for value in answer.headers.get_all("Set-Cookie") or []:
            name, rest = value.split("=", 1)
            self.cookies[name] = rest.split(";")[0]
        connection.close()
        return answer.status, answer.headers, text

    def form(self, path, fields, headers=None):
        return self.ask("POST", path, urllib.parse.urlencode(fields), {
            "Content-Type": "application/x-www-form-urlencoded", **(headers or {})})


def check(what, holds, shown=""):
    print(("ok    " if holds else "WRONG ") + what, flush=True)
    if not holds:
        print(f"      {shown}"[:2000])
        check.wrong += 1


check.wrong = 0


def serve(data, *arguments):
    """Starts the server on a folder, and returns it with its address once it is ready."""
    server = subprocess.Popen(
        [POPUG, "serve", "--data", data, "--listen", "127.0.0.1:0", *arguments], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "POPUG_PUBLIC_ADDRESS": "https://popug.test"})
    address = next(line for line in server.stdout if line.startswith("Ready on")).split("http://")[1].strip()
    threading.Thread(target=lambda: [None for _ in server.stdout], daemon=True).start()
    return server, address


def start_nginx(folder, port):
    """Starts nginx on the folder's nginx.conf, and returns it once it listens."""
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    settings = ["-e", folder + "/error.log", "-p", folder, "-c", folder + "/nginx.conf"]
    subprocess.run([binary, "-t", "-q", *settings], check=True)
    nginx = subprocess.Popen([binary, *settings])
    for _ in range(2000):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            if nginx.poll() is not None:
                sys.exit(open(folder + "/error.log").read())
    return nginx


def main_configuration(folder, inside):
    """nginx.conf for a folder, around what it says in its http block."""
    open(f"{folder}/nginx.conf", "w").write(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off; map_hash_bucket_size 128; variables_hash_max_size 2048;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {inside}
}}
""")


def end(started, folder):
    """Ends what was started, the last first, and takes the folder away."""
    for process in reversed(started):
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    shutil.rmtree(folder, ignore_errors=True)


def configuration(folder, port, server, tracker, gone, key):
    """The folder's nginx.conf around the files of deploy/, with addresses put in."""
    for name in ("popug.conf", "routes.conf"):
        shutil.copy(f"{ROOT}/deploy/nginx/{name}", folder)
    text = open(f"{folder}/popug.conf").read().replace("listen 8080;", f"listen 127.0.0.1:{port};")
    open(f"{folder}/popug.conf", "w").write(text)
    text = open(f"{ROOT}/deploy/nginx/upstreams.conf").read()
    addresses = {"tracker": f"127.0.0.1:{tracker}", "mailer": f"127.0.0.1:{gone}"}
    names = re.findall(r"^upstream popug_(\w+) {", text, re.MULTILINE)
    assert set(addresses) <= set(names), names
    with open(f"{folder}/upstreams.conf", "w") as file:
        for name in names:
            address = addresses.get(name, server)
            file.write(f"upstream popug_{name} {{ server {address} max_fails=5 fail_timeout=2s; keepalive 64; }}\n")
    text = open(f"{ROOT}/deploy/nginx/key.conf").read().replace("put the key here", key)
    open(f"{folder}/key.conf", "w").write(text)
    main_configuration(folder, f"""include {folder}/upstreams.conf; include {folder}/key.conf;
    include {folder}/routes.conf; include {folder}/popug.conf;""")


def checks(port, server_port, key):
    browser = Client(port)
    check("nginx answers for itself", browser.ask("GET", "/healthz")[2] == "ok\n")
    status, _, page = browser.ask("GET", "/sign-in")
    check("a page comes through", status == 200, page)
    csrf = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
    status, headers, text = browser.form("/sign-in", {"csrf": csrf, "email": "ada@popug.example", "password": PASSWORD})
    check("signing in by form", status == 303 and "__Host-popug_session" in browser.cookies, text)
    status, _, page = browser.ask("GET", "/people")
    check("who is signed in sees their pages", status == 200 and "Ada" in page, page)

    status, _, page = browser.ask("GET", "/people/new")
    csrf, once = (re.search(f'name="{name}" value="([^"]+)"', page).group(1) for name in ("csrf", "once"))
    fields = {"csrf": csrf, "once": once, "name": "Nina Neu", "email": "nina@popug.example", "roles": "employee"}
    status, _, text = browser.form("/people", {**fields, "csrf": "wrong"})
    check("a form without its token is refused, though the cookie became a token", status == 403, text)
    status, _, text = browser.form("/people", fields, {"Origin": "https://evil.example"})
    check("a form from elsewhere is refused", status == 403, text)

    Tracker.asked.clear()
    status, headers, page = browser.ask("GET", "/tasks", headers={
        "X-Forwarded-For": "6.6.6.6", "Popug-Gateway": "f" * 64, "X-Request-Id": "mine", "X-Real-Ip": "6.6.6.6",
        "X-Original-Url": "/internal"})
    asked = Tracker.asked[0][2]
    check("the cookie became a token that says it was one",
          asked.get("Authorization") == "Bearer " + browser.cookies["__Host-popug_session"]
          and asked.get("Popug-From") == "browser" and "popug_session" not in asked.get("Cookie", ""), asked)
    check("nothing that the inside believes came from outside",
          asked.get("X-Forwarded-For") == "127.0.0.1" and asked.get("Popug-Gateway") == key
          and not {"X-Request-Id", "X-Real-Ip", "X-Original-Url"} & set(asked), asked)
    check("a part of another process stands in the page", "[<" in page and "<!--#" not in page, page)
    check("one whose process is away leaves a line", "This part is unavailable" in page, page)
    check("a count whose process is away leaves nothing", page.count("This part is unavailable") == 1 and "|}" in page, page)
    check("the mark of parts stays inside", "Popug-Includes" not in headers, headers)

    program = Client(port)
    program.ask("GET", "/api/tasks", headers={"Authorization": "Bearer program"})
    asked = Tracker.asked[-1][2]
    check("a program's token is passed on, and is no browser's",
          asked.get("Authorization") == "Bearer program" and "Popug-From" not in asked, asked)

    status, headers, text = program.ask("GET", "/api/letters")
    check("a part that is away is a problem to programs", status == 503 and headers["Retry-After"] == "5"
          and headers["Content-Type"] == "application/problem+json", (status, text))
    status, headers, text = browser.ask("GET", "/letters")
    check("and a page with the navigation to people", status == 503 and "Letters: unavailable right now" in text
          and "Ada" in text and "Retry-After" in headers, (status, text))
    for path in ("/internal/away/x", "/internal", "/metrics"):
        status, _, text = browser.ask("GET", path)
        check(f"{path} is nobody's", status == 404, (status, text))
    check("an unknown address is a 404", program.ask("GET", "/api/nothing")[0] == 404)

    stream = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    stream.request("GET", "/live?topics=identity", headers={"Cookie": f"__Host-popug_session={browser.cookies['__Host-popug_session']}"})
    answer = stream.getresponse()
    line = answer.fp.readline() + answer.fp.readline()
    check("live updates stream", answer.status == 200 and b"retry" in line, line)
    status, _, text = browser.form("/people", {**fields, "once": once})
    lines = b""
    # Chunks, heartbeats, and at last what moved.
    while status == 303 and b"moved" not in lines and len(lines) < 2000:
        lines += answer.fp.readline()
    check("and move when something happens", status == 303 and b"moved" in lines, (status, lines, text[-300:]))
    stream.close()

    statuses = []
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        # A burst of 400 is let through; more than 100 a second after that is not.
        while 429 not in statuses and len(statuses) < 20_000:
            statuses += pool.map(lambda _: Client(port).ask("GET", "/api/keys")[0], range(500))
    check("who asks too much is told so", 429 in statuses and 200 in statuses, set(statuses))


def main():
    folder = tempfile.mkdtemp(prefix="popug-nginx-")
    # nginx's workers are another user, where root starts it.
    os.chmod(folder, 0o755)
    started = []
    try:
        data = folder + "/data"
        subprocess.run([POPUG, "init", "--demo", "--data", data], check=True, stdout=subprocess.DEVNULL)
        key = subprocess.run(
            [POPUG, "gateway", "key", "--data", data], check=True, capture_output=True, text=True).stdout.strip()
        server, address = serve(data)
        started.append(server)
        tracker = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tracker)
        threading.Thread(target=tracker.serve_forever, daemon=True).start()
        port = free_port()
        configuration(folder, port, address, tracker.server_address[1], free_port(), key)
        started.append(start_nginx(folder, port))
        checks(port, address, key)
    finally:
        end(started, folder)
    print("nginx: all as it should be" if not check.wrong else f"nginx: {check.wrong} wrong")
    sys.exit(1 if check.wrong else 0)


if __name__ == "__main__":
    main()
