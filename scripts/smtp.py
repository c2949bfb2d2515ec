#!/usr/bin/python3
"""A mail server on loopback for tests and benchmarks: takes, refuses, delays and drops, as the recipient's name says.

It prints `Ready PORT`, then one JSON line for each message that it has taken, and ends when its standard input does.

    refuse…@  550 at the recipient           busy…@  451 at the recipient, `busy2…@` only the first two times
    full…@    552 after the text             later…@ 450 after the text
    drop…@    hangs up after the text        slow…@  answers the text after half a second
    stuck…@   never answers the text
    lost…@    takes the text, then hangs up without an answer the first time
"""
import argparse
import asyncio
import email
import email.policy
import json
import re
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

seen = {}


class Handler:
    def __init__(self, quiet):
        self.quiet = quiet

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name.startswith("refuse"):
            return "550 5.1.1 No such mailbox here"
        busy = re.match(r"busy(\d*)", name)
        if busy:
            seen[address] = seen.get(address, 0) + 1
            if not busy.group(1) or seen[address] <= int(busy.group(1)):
                return "451 4.3.0 Too busy, come back"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        address = envelope.rcpt_tos[0]
        name = address.split("@")[0]
        if name.startswith("full"):
            return "552 5.2.2 Mailbox is full"
        if name.startswith("later"):
            return "450 4.2.1 Not now"
        if name.startswith("drop"):
            server.transport.close()
            return "421 Gone"
        if name.startswith("slow"):
            await asyncio.sleep(0.5)
        if name.startswith("stuck"):
            await asyncio.sleep(600)
        self.tell(server, session, envelope)
        seen[address] = seen.get(address, 0) + 1
        if name.startswith("lost") and seen[address] == 1:
            server.transport.close()
            return "421 Gone"
        return "250 2.0.0 Taken"

    def tell(self, server, session, envelope):
        if self.quiet:
            return
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = message.get_body(("plain",))
        html = message.get_body(("html",))
        defects = [str(defect) for part in message.walk() for defect in part.defects]
        print(json.dumps({
            "from": envelope.mail_from, "to": envelope.rcpt_tos,
            "tls": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data.login.decode() if session.auth_data else None,
            "message": envelope.content.decode("utf-8", "surrogateescape"),
            "subject": message["Subject"] or "", "sender": message["From"] or "", "recipient": message["To"] or "",
            "text": text.get_content() if text else "", "html": html.get_content() if html else "",
            "defects": defects,
        }), flush=True)


def authenticator(user, password):
    def check(server, session, envelope, mechanism, data):
        good = isinstance(data, LoginPassword) and data.login == user and data.password == password
        return AuthResult(success=good, handled=good, auth_data=data if good else None)
    return check


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", choices=["none", "starttls", "implicit"], default="none")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--auth", help="USER:PASSWORD, demanded before anything else")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--quiet", action="store_true", help="do not print the messages")
    options = parser.parse_args()
    context = None
    if options.tls != "none":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
    more = {}
    if options.auth:
        user, password = options.auth.encode().split(b":", 1)
        more = {"authenticator": authenticator(user, password), "auth_required": True,
                "auth_require_tls": options.tls == "starttls"}
    loop = asyncio.get_running_loop()

    def protocol():
        return SMTP(Handler(options.quiet), hostname="localhost", loop=loop,
                    tls_context=context if options.tls == "starttls" else None,
                    require_starttls=options.tls == "starttls", **more)

    server = await loop.create_server(
        protocol, "127.0.0.1", options.port, ssl=context if options.tls == "implicit" else None)
    print(f"Ready {server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
