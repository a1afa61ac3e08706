from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinward.scan.names import candidates, constant_to_id, looks_like_model, may_hold_names, tokens


@pytest.mark.parametrize(
    ("constant", "model"),
    [
        ("GPT_4_O_MINI", "gpt-4o-mini"),
        ("GPT_4O", "gpt-4o"),
        ("Gpt4oMini", "gpt-4o-mini"),
        ("GPT4o20240806", "gpt-4o-2024-08-06"),
        ("GPT3Dot5Turbo", "gpt-3.5-turbo"),
        ("GPT_4_1_NANO", "gpt-4.1-nano"),
        ("ChatModelGPT5_1", "gpt-5.1"),
        ("O3_MINI", "o3-mini"),
        ("ModelClaudeSonnet4_5_20250929", "claude-sonnet-4-5-20250929"),
        ("CLAUDE_3_5_SONNET_20240620", "claude-3-5-sonnet-20240620"),
        ("GEMINI_2_5_FLASH", "gemini-2.5-flash"),
        ("TEXT_EMBEDDING_3_SMALL", "text-embedding-3-small"),
        ("TEXT_EMBEDDING_ADA_002", "text-embedding-ada-002"),
        ("DALL_E_3", "dall-e-3"),
        ("MISTRAL_LARGE_LATEST", "mistral-large-latest"),
    ],
)
def test_a_library_constant_names_its_model(constant: str, model: str) -> None:
    assert constant_to_id(constant) == model


@pytest.mark.parametrize("word", ["gemini", "CLAUDE", "LLAMA", "claude_client", "MODEL", "OPENAI_API_KEY"])
def test_a_word_without_a_version_is_no_constant(word: str) -> None:
    assert constant_to_id(word) is None


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4o",
        "o1",
        "openai:gpt-4o",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "@cf/meta/llama-3.1-8b-instruct",
        "models/gemini-2.5-flash",
        "ft:gpt-4o-mini-2024-07-18:acme::abc",
        "claude-sonnet-4-5@20250929",
    ],
)
def test_a_name_is_found_whole_between_quotes(name: str) -> None:
    assert list(tokens(f'x = "{name}"')) == [(5, 5 + len(name), name)]


@pytest.mark.parametrize("word", ["GPT-4", "Claude-3", "momus-gpt", "haiku:license", "gpt-4.md", "text", "ImageNet"])
def test_display_forms_files_and_other_words_are_no_names(word: str) -> None:
    assert not looks_like_model(word)


def test_the_model_of_a_url_is_the_name_and_other_urls_are_none() -> None:
    url = "https://generativelanguage.googleapis.com/v1beta/models/gemini-1.5-flash:generateContent"
    assert [name for _, _, name in tokens(url)] == ["gemini-1.5-flash"]
    assert not list(tokens("https://example.org/blog/gpt-4o-is-here"))


def test_the_letter_of_an_escape_is_no_part_of_a_name() -> None:
    assert [name for _, _, name in tokens(r"a\ngpt-4o\n")] == ["gpt-4o"]


def test_a_line_of_a_megabyte_is_read_in_linear_time() -> None:
    assert not [name for _, _, name in tokens("a" * 500_000 + "gpt-4o" + "a" * 500_000)]


@given(st.text())
def test_offsets_always_point_at_the_token(text: str) -> None:
    assert all(text[start:end] == name for start, end, name in tokens(text))


@given(st.text(alphabet=st.sampled_from("gpt-4o \n\"'claudeGPT_35:/"), max_size=60))
def test_the_byte_search_lets_every_name_through(text: str) -> None:
    assert may_hold_names(text.encode()) or not candidates(text)


def test_an_image_inside_a_text_holds_no_names_and_moves_none() -> None:
    image = "data:image/png;base64," + "o1mini+gpt4o/gemma2" * 400
    text = f"{image} model = gpt-4o"
    assert [(name, text[a:b]) for a, b, name in tokens(text)] == [("gpt-4o", "gpt-4o")]


def test_a_name_in_one_endless_line_of_code_is_found() -> None:
    line = ";".join(["var a=[1,2,3]"] * 500) + ';ask({model:"gpt-4o"});' + "b(4)," * 500
    assert [name for _, _, name in tokens(line)] == ["gpt-4o"]
