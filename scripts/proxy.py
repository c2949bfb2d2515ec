#!/usr/bin/env python3
"""proxy.py: proves deploy/nginx/one-process.conf with Debian's nginx and TLS before one real server: from where people
come, that nobody's guesses lock another out from where they usually sign in, and that figures are not for the world,
also through an nginx that is left alone. Everything on free loopback ports, in a folder of its own; callers come from
several addresses of loopback."""
import concurrent.futures
import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile
import urllib.parse

from nginx import PASSWORD, POPUG, ROOT, check, end, free_port, main_configuration, serve, start_nginx

HOME, AWAY, ELSEWHERE = "127.0.0.7", "127.0.0.9", "127.0.0.11"
TOKEN = "what-the-monitor-shows"


class Caller:
    """Somebody at an address, with a jar for cookies."""

    def __init__(self, port, source, trust):
        self.port, self.source, self.trust, self.cookies = port, source, trust, {}

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPSConnection(
            "localhost", self.port, timeout=30, source_address=(self.source, 0), context=self.trust)
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

    def sign_in(self, password=PASSWORD, who="kenji", headers=None):
        """By the page, as a browser."""
        _, _, page = self.ask("GET", "/sign-in")
        csrf = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
        fields = {"csrf": csrf, "email": f"{who}@popug.example", "password": password}
        return self.ask("POST", "/sign-in", urllib.parse.urlencode(fields), {
            "Content-Type": "application/x-www-form-urlencoded", **(headers or {})})

    def token(self, password=PASSWORD, who="kenji", headers=None):
        """By the API, as a program that keeps no cookies."""
        status, _, text = self.ask("POST", "/api/sessions", json.dumps(
            {"email": f"{who}@popug.example", "password": password}), {
            "Content-Type": "application/json", **(headers or {})})
        self.cookies = {}
        return status, text

    def guess(self, **more):
        """Tries wrong passwords, two at a time, until it is told to wait; returns whether it was."""
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return any(429 in pool.map(lambda _: Caller(self.port, self.source, self.trust).token("wrong", **more)[0],
                                       range(2)) for _ in range(30))


def checks(port, alone, address, trust):
    def at(source, port=port):
        return Caller(port, source, trust)

    browser = at(HOME)
    status, headers, text = browser.sign_in()
    check("signing in through TLS", status == 303 and "__Host-popug_session" in browser.cookies, (status, text))
    check("every cookie stays with TLS and away from scripts",
          all("Secure" in each and "HttpOnly" in each for each in headers.get_all("Set-Cookie")), headers)
    status, text = at(ELSEWHERE).token(headers={"X-Forwarded-For": "203.0.113.77"})
    token = json.loads(text)["token"]
    _, _, text = at(HOME).ask("GET", "/api/sessions", headers={"Authorization": "Bearer " + token})
    addresses = [session["address"] for session in json.loads(text)["items"]]
    check("sessions show from where people came, and nobody's word", set(addresses) == {HOME, ELSEWHERE}, text)

    check("who guesses is told to wait", at(AWAY).guess(headers={"X-Forwarded-For": HOME}))
    check("and nobody else, by the API", at(HOME).token()[0] == 201)
    check("nor by the page", at(ELSEWHERE).sign_in()[0] == 303)

    # The same address for both, as in one office.
    check("who guesses from the same address is told to wait", at(HOME).guess())
    status, _, text = browser.sign_in()
    check("and the browser that has been signed in with is not", status == 303, (status, text))
    check("others at that address are not either", at(HOME).token(who="mia")[0] == 201)
    guessed = [at(HOME).guess(who=who) for who in ("abe", "ada", "emma", "lucia", "oskar")]
    check("who guesses at many accounts there is told to wait, whichever it is", at(HOME).token(who="boris")[0] == 429, guessed)
    status, _, text = browser.sign_in()
    check("and whoever is known there is not", status == 303 and at(HOME).token(who="mia")[0] == 201, (status, text))

    for name, caller in (("as it is set up here", at(HOME)), ("left alone", at(HOME, alone))):
        for headers in ({}, {"Host": "127.0.0.1"}, {"X-Forwarded-For": "127.0.0.1"}, {"Authorization": "Bearer wrong"}):
            status, _, text = caller.ask("GET", "/metrics", headers=headers)
            check(f"no figures through nginx {name}, with {headers or 'nothing'}",
                  status in (403, 404) and "popug_" not in text, (status, text))

    def figures(**headers):
        connection = http.client.HTTPConnection(*address.split(":"), timeout=30)
        connection.request("GET", "/metrics", headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    check("the monitor has them", "popug_ledger_cents" in figures(Authorization="Bearer " + TOKEN)[1])
    check("whoever has no token has none", figures()[0] == 403)


def main():
    folder = tempfile.mkdtemp(prefix="popug-proxy-")
    # nginx's workers are another user, where root starts it.
    os.chmod(folder, 0o755)
    started = []
    try:
        subprocess.run(
            [POPUG, "init", "--demo", "--data", folder + "/data"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder + "/popug.key",
             "-out", folder + "/popug.crt"], check=True, stderr=subprocess.DEVNULL)
        port, alone = free_port(), free_port()
        token_file = folder + "/token"
        open(token_file, "w").write(TOKEN + "\n")
        os.environ["POPUG_METRICS_TOKEN_FILE"] = token_file
        server, address = serve(
            folder + "/data", "--public-address", f"https://localhost:{port}", "--trusted-proxies", "127.0.0.1")
        started.append(server)
        text = open(f"{ROOT}/deploy/nginx/one-process.conf").read()
        text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl").replace("127.0.0.1:8080", address)
        text = text.replace("/etc/popug/", folder + "/").replace("popug.example.com", "localhost")
        # As it is without anything said, but for where it leads.
        text += f"""
server {{
    listen 127.0.0.1:{alone} ssl;
    ssl_certificate {folder}/popug.crt;
    ssl_certificate_key {folder}/popug.key;
    location / {{ proxy_pass http://{address}; }}
}}"""
        main_configuration(folder, text)
        started.append(start_nginx(folder, port))
        checks(port, alone, address, ssl.create_default_context(cafile=folder + "/popug.crt"))
    finally:
        end(started, folder)
    print("proxy: all as it should be" if not check.wrong else f"proxy: {check.wrong} wrong")
    sys.exit(1 if check.wrong else 0)


if __name__ == "__main__":
    main()
