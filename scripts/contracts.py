"""Holds contracts/ against validators that others wrote, and the AsyncAPI document, for which there is none to be had as
a package, against what version 3.0.0 of its specification asks of the parts that are used here."""
import json
import pathlib
import re
import sys

import yaml
from jsonschema import Draft202012Validator, FormatChecker

# Names are written like_this; docs/events.md says why this one is not.
ODD_NAMES = {("keys-changed.1.json", "publicKey")}


def names(schema):
    for name, field in schema.get("properties", {}).items():
        yield name
        yield from names(field)
    if isinstance(schema.get("items"), dict):
        yield from names(schema["items"])


def references(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def check_asyncapi(path):
    document = yaml.safe_load(path.read_text())
    known = {"asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"}
    assert document["asyncapi"] == "3.0.0" and set(document) <= known, f"{path}: strange fields"
    assert document["info"]["title"] and document["info"]["version"]
    for reference in references(document):
        if reference.startswith("#/"):
            place = document
            for step in reference[2:].split("/"):
                place = place[step.replace("~1", "/").replace("~0", "~")]
        else:
            assert (path.parent / reference).is_file(), f"{path}: {reference} is not there"
    for name, channel in document["channels"].items():
        assert channel["address"] and channel["messages"], f"{path}: {name}"
    messages = document["components"]["messages"]
    for name, operation in document["operations"].items():
        assert operation["action"] in ("send", "receive"), f"{path}: {name}"
        channel = operation["channel"]["$ref"]
        assert channel.startswith("#/channels/"), f"{path}: {name}"
        # An operation's messages are its channel's, by their names there.
        for message in operation.get("messages", []):
            assert message["$ref"].startswith(channel + "/messages/"), f"{path}: {name}"
    for name, message in messages.items():
        payload = message["payload"]
        assert payload.get("$ref") or payload.get("schema", payload), f"{path}: {name} has no payload"
    print(f"{len(messages)} messages of {path.name} are in order.")


root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "contracts")
files = sorted(root.glob("*/*.json"))
assert files, f"no schemas in {root}"
for path in files:
    schema = json.loads(path.read_text())
    Draft202012Validator.check_schema(schema)
    for name in names(schema):
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or (path.name, name) in ODD_NAMES, f"{path}: {name}"
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    for example in schema["examples"]:
        validator.validate(example)
        # An event without a field that it needs, or with a wrong one, does not pass.
        for name in schema["required"]:
            assert not validator.is_valid({k: v for k, v in example.items() if k != name}), f"{path}: {name}"
            assert not validator.is_valid({**example, name: {"no": "such thing"}} if not isinstance(example[name], dict)
                                          else {**example, name: 1}), f"{path}: {name}"
        # A field that nobody knows yet does.
        assert validator.is_valid({**example, "not_known_yet": 1}), path
print(f"{len(files)} schemas and their examples are valid.")
check_asyncapi(root / "asyncapi.yaml")
