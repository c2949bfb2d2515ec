#!/usr/bin/python3
"""A sample payment provider on loopback: keeps the protocol of docs/payouts.md, and misbehaves as it is told to.

    scripts/provider.py --secret-file FILE [--port 9090] [--moods pays,slow,…] [--late SECONDS]

It prints `Ready PORT`, then a JSON line for each movement of money (`"event":"moved"`), each callback and its answer, and
each request that it refuses; and ends when its standard input does, or with Ctrl-C. `GET /moved` lists the movements.

Each new order, and each higher attempt at one that was refused, gets the next mood of the list, in turn. A payee whose
first name is a mood's (`Late Larry`) always gets that one.

    pays      pays, and says so
    slow      pays, and says so after a second and a half
    fails     503, and nothing happens; the next order of this payout is paid
    refuses   refuses for certain; a higher attempt gets the next mood
    hangs-up  pays, and closes the connection without an answer
    silent    pays, and does not answer until the asker has gone
    babbles   pays, and answers with something else
    twice     accepts, pays, and calls back twice
    late      accepts, pays and calls back after --late seconds
    forged    accepts and pays; its callbacks say that it was refused, and are forged, altered, old or unsigned
    mute      accepts and pays, and never calls: it wants to be asked
"""
import argparse
import hashlib
import hmac
import http.client
import json
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MOODS = ["pays", "slow", "fails", "refuses", "hangs-up", "silent", "babbles", "twice", "late", "forged", "mute"]
TOLERANCE = 300


TELLING = threading.Lock()


def tell(**event):
    # In one piece: several threads tell, and what two of them write into one line nobody can read.
    with TELLING:
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()


def sign(secret, method, path, body, at=None):
    at = int(time.time()) if at is None else at
    signed = f"{at}\n{method}\n{path}\n".encode() + body
    return f"t={at},v1={hmac.new(secret, signed, hashlib.sha256).hexdigest()}"


def accepts(secret, header, method, path, body):
    try:
        at = int(dict(part.split("=", 1) for part in header.split(","))["t"])
    except (AttributeError, KeyError, ValueError):
        return False
    return abs(time.time() - at) <= TOLERANCE and hmac.compare_digest(header, sign(secret, method, path, body, at))


class Bank:
    """One payout is one payment: whatever is asked, money moves at most once for each."""

    def __init__(self, options, secret):
        self.secret, self.late = secret, options.late
        self.moods, self.turn = options.moods, 0
        self.payments, self.moved, self.failed = {}, [], set()
        self.lock = threading.Lock()

    def mood(self, order):
        name = (order.get("name") or "").split(" ")[0].lower()
        if name in MOODS:
            return name
        self.turn += 1
        return self.moods[(self.turn - 1) % len(self.moods)]

    def take(self, order):
        """Returns the mood, and how the payment stands; a known one only says how it stands."""
        with self.lock:
            payout, attempt = order["payout"], order["attempt"]
            known = self.payments.get(payout)
            if known and (known["status"] != "refused" or attempt <= known["attempt"]):
                return None, dict(known)
            mood = "pays" if payout in self.failed else self.mood(order)
            if mood == "fails":
                self.failed.add(payout)
                return mood, None
            payment = {"payout": payout, "attempt": attempt, "status": "paid", "sum": order["sum"],
                       "reference": f"S-{len(self.payments) + 1}-{attempt}"}
            if mood == "refuses":
                payment.update(status="refused", reason="The sample provider refuses this one")
            elif mood in ("twice", "late", "forged", "mute"):
                payment["status"] = "accepted"
            else:
                self.move(order)
            self.payments[payout] = payment
            return mood, dict(payment)

    def move(self, order):
        movement = {"payout": order["payout"], "attempt": order["attempt"], "sum": order["sum"],
                    "to": order["destination"]["number"][-4:]}
        self.moved.append(movement)
        tell(event="moved", **movement)

    def settle(self, order):
        with self.lock:
            payment = self.payments[order["payout"]]
            if payment["status"] == "accepted":
                payment["status"] = "paid"
                self.move(order)
            return dict(payment)

    def standing(self, payout):
        with self.lock:
            return dict(self.payments[payout]) if payout in self.payments else None

    # What it does by itself, after it has answered.

    def afterwards(self, mood, order):
        time.sleep(self.late if mood == "late" else 0.3)
        payment = self.settle(order)
        if mood == "mute":
            return
        if mood == "forged":
            return self.forge(order, payment)
        for _ in range(2 if mood == "twice" else 1):
            self.call(order, payment)

    def forge(self, order, payment):
        false = {**payment, "status": "refused", "reason": "forged"}
        body = json.dumps(false).encode()
        path = urllib.parse.urlsplit(order["callback"]).path
        now = int(time.time())
        right = sign(self.secret, "POST", path, json.dumps(payment).encode())
        for name, signature in [
                ("unsigned", None), ("under another secret", sign(b"another secret altogether", "POST", path, body)),
                ("of another body", right), ("of another path", sign(self.secret, "POST", "/", body)),
                ("old", sign(self.secret, "POST", path, body, now - 2 * TOLERANCE)), ("garbled", "t=1,v1=zz")]:
            # A forger knocks until somebody hears.
            for _ in range(120):
                if self.post(order, body, signature, forged=name):
                    break
                time.sleep(0.5)

    def call(self, order, payment):
        """Again until it is taken, for a while; then it leaves it: the exchange asks."""
        body = json.dumps(payment).encode()
        path = urllib.parse.urlsplit(order["callback"]).path
        for pause in (1, 2, 3, 0):
            if self.post(order, body, sign(self.secret, "POST", path, body)) == 204:
                return
            time.sleep(pause)

    def post(self, order, body, signature, **more):
        url = urllib.parse.urlsplit(order["callback"])
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        try:
            connection = kind(url.hostname, url.port, timeout=10)
            headers = {"Content-Type": "application/json"}
            if signature:
                headers["Popug-Signature"] = signature
            connection.request("POST", url.path, body, headers)
            status = connection.getresponse().status
            connection.close()
        except (OSError, http.client.HTTPException):
            status = 0
        tell(event="callback", payout=order["payout"], answer=status, **more)
        return status


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bank = None

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        if self.path == "/moved":
            with self.bank.lock:
                return self.answer(200, self.bank.moved)
        if not self.is_proved(b""):
            return
        payment = self.bank.standing(self.path.split("/")[-1])
        self.answer(200, payment) if payment else self.answer(404, {"status": "unknown"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.is_proved(body):
            return
        try:
            order = json.loads(body)
            fits = (self.path.endswith("/payments") and order["payout"] == self.headers.get("Idempotency-Key")
                    and order["sum"] > 0 and order["attempt"] > 0 and order["destination"]["number"])
        except (KeyError, TypeError, ValueError):
            fits = False
        if not fits:
            tell(event="refused", path=self.path, why="not understood")
            return self.answer(400, {"status": "not understood"})
        mood, payment = self.bank.take(order)
        if mood in ("twice", "late", "forged", "mute"):
            threading.Thread(target=self.bank.afterwards, args=(mood, order), daemon=True).start()
        if mood == "slow":
            time.sleep(1.5)
        if mood == "fails":
            return self.answer(503, None)
        if mood == "babbles":
            return self.answer(200, {"ok": True})
        if mood in ("hangs-up", "silent"):
            if mood == "silent":
                self.rfile.read(1)  # Returns when the asker has hung up.
            self.close_connection = True
            return
        self.answer(202 if payment["status"] == "accepted" else 200, payment)

    def is_proved(self, body):
        if accepts(self.bank.secret, self.headers.get("Popug-Signature"), self.command, self.path, body):
            return True
        tell(event="refused", path=self.path, why="signature")
        self.answer(401, {"status": "unproved"})
        return False

    def answer(self, status, value):
        body = b"<h1>Back soon</h1>" if value is None else json.dumps(value).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if value is None else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--secret-file", required=True, help="the secret shared with the exchange")
    parser.add_argument("--port", type=int, default=9090, help="0 takes a free one")
    parser.add_argument("--moods", type=lambda text: text.split(","), default=["pays"], help="or: all")
    parser.add_argument("--late", type=float, default=5, help="seconds that a late callback takes")
    options = parser.parse_args()
    if options.moods == ["all"]:
        options.moods = MOODS
    if not set(options.moods) <= set(MOODS):
        parser.error(f"--moods may name: {', '.join(MOODS)}")
    with open(options.secret_file, "rb") as file:
        Handler.bank = Bank(options, file.read().strip())
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"Ready {server.server_port}", flush=True)
    try:
        sys.stdin.read()
    except KeyboardInterrupt:
        pass


main()
