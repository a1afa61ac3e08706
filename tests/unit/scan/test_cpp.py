"""C++: a row is a text, and what is found in it: name, role and pin, in the order of the file."""

# ruff: noqa: E501 - a row holds a whole file

from __future__ import annotations

import pytest

from tests.unit.scan.reading import uses

Row = tuple[str, tuple[str, ...]]

ROWS: list[Row] = [
    (
        'struct O { std::string model = "gpt-4o"; std::string other{"gpt-4"}; };',
        ("gpt-4o selection floating", "gpt-4 selection floating"),
    ),
    ('const char* kModel = "gpt-4";\n#define MODEL "o3"\n', ("gpt-4 selection floating", "o3 selection floating")),
    ('void f(const std::string& model = "gpt-4o") {}', ("gpt-4o selection floating",)),
    ('void f() { auto r = chat->create(\n  "gpt-4o", history); }', ("gpt-4o selection floating",)),
    (
        'void f() { QString m = env.value(QStringLiteral("MODEL"), QStringLiteral("gpt-4o")); }',
        ("gpt-4o selection floating",),
    ),
    (
        'void f() { json b = {{"model", "gpt-4o"}, {"x", 1}}; b["model"] = "gpt-4"; }',
        ("gpt-4o selection floating", "gpt-4 selection floating"),
    ),
    ('auto body = R"({"model": "gpt-4o", "x": 1})"_json;', ("gpt-4o selection floating",)),
    (
        'void f() { if (m == "gpt-4o") {} if (m.find("gpt-4") != npos) {} switch (m) { case M::Gpt41: use("gpt-4.1"); } }',
        ("gpt-4o compare floating", "gpt-4 compare floating", "gpt-4.1 catalog floating"),
    ),
    (
        'std::vector<std::string> models = {"gpt-4o", "gpt-4"};',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    (
        'std::map<std::string, int> limits = {{"gpt-4o", 128000}, {"gpt-4", 8192}};',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    (
        'void f() { std::cout << "gpt-4o" << std::endl; qDebug() << "gpt-4"; combo->addItem("o3"); }  // gpt-4.1',
        ("gpt-4o prose floating", "gpt-4 prose floating", "o3 catalog floating", "gpt-4.1 prose floating"),
    ),
    ('std::string Client::defaultModel() const { return "gpt-4o"; }', ("gpt-4o selection floating",)),
]


@pytest.mark.parametrize(("text", "found"), ROWS)
def test_names_in_cpp_get_their_roles(text: str, found: tuple[str, ...]) -> None:
    assert tuple(f"{use.model.written} {use.role} {use.model.pin}" for use in uses("a.cpp", text)) == found
