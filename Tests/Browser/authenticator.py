"""What holds a person's passkeys: a virtual authenticator of Chromium, by the protocol for its tools."""

from visitor import Visitor


class Authenticator:
    """It is part of the visitor's device, and asks for a finger, which is always the right one until it is not.

    A page that offers passkeys beside the address field is signed in on by itself where somebody touches without being
    asked, so at first nobody does.
    """

    def __init__(self, visitor: Visitor, credentials: list[dict] | None = None):
        self.tools = visitor.context.new_cdp_session(visitor.page)
        self.tools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": False,
        }
        self.id = self.tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
        for credential in credentials or []:
            self.put(credential)

    def _send(self, command: str, **values) -> dict:
        return self.tools.send(f"WebAuthn.{command}", {"authenticatorId": self.id, **values})

    def credentials(self) -> list[dict]:
        """With their private keys, and how often each has signed."""
        return self._send("getCredentials")["credentials"]

    def put(self, credential: dict) -> None:
        """Puts a credential in, in the place of the one with the same id."""
        if any(one["credentialId"] == credential["credentialId"] for one in self.credentials()):
            self._send("removeCredential", credentialId=credential["credentialId"])
        self._send("addCredential", credential=credential)

    def touch(self, touched: bool = True) -> None:
        """Whether somebody touches it when it asks from now on."""
        self._send("setAutomaticPresenceSimulation", enabled=touched)

    def know(self, known: bool) -> None:
        """Whether the finger is the right one."""
        self._send("setUserVerified", isUserVerified=known)
