"""Formats without a grammar: XML, property lists, resources of Android, Objective-C."""

# ruff: noqa: E501 - a row holds a whole file

from __future__ import annotations

from tests.unit.scan.reading import Row, found_in, of_rows

MARKUP: list[Row] = [
    (
        "Settings.plist",
        "<dict>\n<key>DefaultModel</key>\n<string>gpt-4o</string>\n<key>Models</key>\n<array>\n<string>gpt-4o</string>\n<string>gpt-4</string>\n</array>\n<key>Model</key><string>o3</string>\n</dict>\n",
        ("gpt-4o selection floating", "gpt-4o catalog floating", "gpt-4 catalog floating", "o3 selection floating"),
    ),
    (
        "res/values/arrays.xml",
        '<string-array name="model_values">\n<item>gpt-4o</item>\n<item>gpt-4</item>\n</string-array>\n',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    ("config.xml", '<entry key="chat.model">gpt-4o</entry>\n', ("gpt-4o selection floating",)),
    ("a.xml", '<ListPreference\n  app:key="model"\n  app:defaultValue="gpt-4o" />\n', ("gpt-4o selection floating",)),
    (
        "AndroidManifest.xml",
        '<meta-data android:name="llm_model" android:value="gpt-4o" />',
        ("gpt-4o selection floating",),
    ),
    (
        "app/src/main/res/values/strings.xml",
        '<string name="default_model">gpt-4o</string>\n<string name="model_hint">gpt-4</string>\n<string name="gpt4_model">gpt-4</string>\n',
        ("gpt-4o selection floating", "gpt-4 prose floating", "gpt-4 prose floating"),
    ),
    (
        "app/src/main/res/values-de/strings.xml",
        '<string name="default_model">gpt-4o</string>\n',
        ("gpt-4o prose floating",),
    ),
]
OBJECTIVE_C: list[Row] = [
    ("a.m", 'NSString *model = @"gpt-4o";\n', ("gpt-4o selection floating",)),
    (
        "a.mm",
        'std::vector<std::string> models = {"gpt-4o", "gpt-4"};\n',
        ("gpt-4o catalog floating", "gpt-4 catalog floating"),
    ),
    ("a.mm", 'auto body = json{{"model", "gpt-4o"}};\n', ("gpt-4o selection floating",)),
    (
        "a.mm",
        'std::string model{"gpt-4o"};\nQString other_model = QStringLiteral("gpt-4");\n',
        ("gpt-4o selection floating", "gpt-4 selection floating"),
    ),
]


@of_rows(MARKUP, OBJECTIVE_C)
def test_what_holds_a_name_on_its_line_gives_it_a_role(path: str, text: str, found: tuple[str, ...]) -> None:
    assert found_in(path, text) == found
