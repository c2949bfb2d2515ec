"""Holds contracts/ against validators that others wrote."""
import json
import pathlib
import sys

from jsonschema import Draft202012Validator, FormatChecker

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "contracts")
files = sorted(root.glob("*/*.json"))
assert files, f"no schemas in {root}"
for path in files:
    schema = json.loads(path.read_text())
    Draft202012Validator.check_schema(schema)
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
