"""Holds deploy/compose.yaml against the schema of compose files, as the package docker-compose brings it, and against the
program: every setting it gives is one, every host it names is a service of the file. Runs no container."""
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys

import yaml
from jsonschema import Draft7Validator

path = pathlib.Path("deploy/compose.yaml")
document = yaml.safe_load(path.read_text())
package = pathlib.Path(importlib.util.find_spec("compose").origin).parent
schema = json.loads((package / "config/compose_spec.json").read_text())
found = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in Draft7Validator(schema).iter_errors(document)]

config = subprocess.run(
    [os.environ["POPUG_BINARY"], "config"], capture_output=True, text=True, check=True,
    env=os.environ | {"POPUG_INSTALLATION": "01900000-0000-7000-8000-000000000000"}).stdout
known = {"POPUG_" + word.upper().replace("-", "_") for word in re.findall(r"^([a-z-]+) {2,}", config, re.MULTILINE)}
services = document["services"]
checked = 0
for name, service in services.items():
    for variable, value in (service.get("environment") or {}).items():
        if variable.startswith("POPUG_"):
            checked += 1
            if variable not in known:
                found.append(f"{name}: {variable} is no setting")
        for host in re.findall(r"(?:https?://|@)([a-z0-9]+)(?=[:/,]|$)", str(value)):
            if host != "localhost" and host not in services:
                found.append(f"{name}: {variable} names {host}, which is no service of the file")
    for needed in service.get("depends_on") or {}:
        if needed not in services:
            found.append(f"{name} depends on {needed}, which is no service of the file")

print("\n".join(found) or f"{path}: {len(services)} services, {checked} settings")
sys.exit(1 if found or not checked else 0)
