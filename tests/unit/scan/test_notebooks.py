from __future__ import annotations

import json

from tests.unit.scan.reading import uses


def notebook(*cells: tuple[str, list[str]], outputs: str = "gpt-4o says hi", indent: int | None = 1) -> str:
    rows = [
        {"cell_type": kind, "source": source, "outputs": [{"text": outputs}], "metadata": {}} for kind, source in cells
    ]
    return json.dumps({"cells": rows, "metadata": {}, "nbformat": 4}, indent=indent)


def test_a_name_stands_on_its_raw_line() -> None:
    text = notebook(("markdown", ["# About gpt-4o\n"]), ("code", ["import x\n", 'ask("\\t", model="gpt-4o")\n']))
    found = uses("a.ipynb", text)
    assert [use.role for use in found] == ["prose", "selection"]
    for use in found:
        line = text.split("\n")[use.location.line - 1]
        assert line[use.location.column - 1 : use.location.end - 1] == "gpt-4o"


def test_a_constant_of_one_cell_is_followed_into_another() -> None:
    text = notebook(("code", ['BEST = "gpt-4o"']), ("code", ["ask(model=BEST)"]))
    assert [use.role_why for use in uses("a.ipynb", text)] == ["a variable; then argument model of ask"]


def test_a_cell_on_one_line_and_magics_are_read() -> None:
    text = notebook(("code", ["%pip install openai\n", 'ask(model="gpt-4o")']), indent=None)
    assert [use.location.line for use in uses("a.ipynb", text)] == [1]


def test_cells_of_nbformat_3_are_read() -> None:
    code = {"cell_type": "code", "input": ["x = 1\n", 'ask(model="gpt-4o")'], "outputs": [{"text": ["gpt-4"]}]}
    about = {"cell_type": "markdown", "source": ["About gpt-4.1"]}
    book = {"metadata": {"name": "gpt-5"}, "nbformat": 3, "worksheets": [{"cells": [code, about], "metadata": {}}]}
    text = json.dumps(book, indent=1)
    found = uses("a.ipynb", text)
    assert [(use.model.written, use.role) for use in found] == [("gpt-4o", "selection"), ("gpt-4.1", "prose")]
    line = text.split("\n")[found[0].location.line - 1]
    assert line[found[0].location.column - 1 : found[0].location.end - 1] == "gpt-4o"


def test_what_is_no_notebook_falls_back_to_lines() -> None:
    assert [use.role for use in uses("a.ipynb", "{broken\nmodel = gpt-4o\n")] == ["selection"]
