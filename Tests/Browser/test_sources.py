"""The tests themselves: what leads to another page goes through the visitor, who waits for that page."""

import ast
from pathlib import Path

import pytest

# Each begins something whose end the test would have to wait for, or waits for what an old page may show as well.
FORBIDDEN = {
    "click", "dblclick", "tap", "press", "dispatch_event", "goto", "reload", "go_back", "go_forward",
    "wait_for_url", "wait_for_load_state", "wait_for_timeout", "expect_navigation", "sleep",
}


def wrong(source: str) -> list[str]:
    """The calls in a test that the visitor has a word for. What is downloaded leads nowhere, and may be clicked."""
    found = []

    def look(node: ast.AST, downloads: bool) -> None:
        if isinstance(node, ast.With):
            downloads = downloads or any("expect_download" in ast.dump(item) for item in node.items)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FORBIDDEN:
            if not (downloads and node.func.attr == "click"):
                found.append(f"line {node.lineno}: {ast.unparse(node)}")
        for child in ast.iter_child_nodes(node):
            look(child, downloads)

    look(ast.parse(source), False)
    return found


@pytest.mark.parametrize("file", sorted(Path(__file__).parent.glob("test_*.py")), ids=lambda file: file.name)
def test_nothing_is_begun_that_nobody_awaits(file):
    assert not wrong(file.read_text()), f"{file.name}: use the visitor's open, follow, enter, stay or reload_until"


def test_the_look_at_the_sources_finds_what_it_looks_for():
    for line in (
        'emma.page.locator("main form button").click()', 'emma.page.keyboard.press("Enter")', "emma.page.reload()",
        'emma.page.goto("/")', 'emma.page.wait_for_url("**/tasks")', "with emma.page.expect_navigation():\n    pass",
        "time.sleep(1)",
    ):
        assert wrong(line), line
    for line in (
        'emma.follow(emma.page.locator("main form button"))', 'emma.enter("Space")', 'emma.open("/")',
        'with emma.page.expect_download() as download:\n    emma.page.locator("a").click()',
    ):
        assert not wrong(line), line
