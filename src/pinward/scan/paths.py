"""What a file's path says of the names in it, and which files are not worth reading."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath

_TEST_FOLDER = re.compile(
    r"(?:[a-z0-9]+[-_])?(?:unit|e2e|integration)?tests?(?:[-_]?(?:data|utils?|cases|files?|suites?|fixtures|helpers?|support))?"
    r"|(?:[\w-]+\.)*(?:unit|integration|functional|e2e|acceptance)?tests?(?:\.[\w-]+)*"  # projects of .NET
    r"|specs?|testing|__tests__|fixtures?|cassettes|testdata|__?mocks?_?_?|mocks?|__snapshots__|e2e|stories|vcr\w*|recordings"
)
_TEST_FILE = re.compile(
    r"(?:.*\.(?:vitest|jest|cy|e2e)\.[^.]+|(?:vitest|jest|playwright|cypress)\.(?:setup|config)\.[^.]+|testsettings\.json"
    r"|test[-_].*|.*[-_.]tests?\.[^.]+|.*[-_.]spec\.[^.]+|.*\.stories\.[^.]+|conftest\.py|fixtures?\.[^.]+|.*[-_.]fixtures?\.[^.]+|.*\.(?:client|server|integration|browser|smoke)[-_]?tests?\.[^.]+|.*_test_.*\.py|tests?\.[^.]+)$"
)
_TEST_CLASS = re.compile(r".*(?:Tests?|Spec|IT|TestCase|Suite)\.(?:java|kt|kts|scala|cs|swift|php|groovy|dart)$")
_SOURCE_SET = re.compile(r"(?:^|/)src/[a-z]\w*Test/")  # of Gradle: `src/commonTest`, `src/androidTest`
_EVALS = re.compile(r"(?:[a-z0-9]+[-_])?evals?|evaluations?|promptfoo.*|benchmarks?|red-?team.*")
_RECORDED = re.compile(
    r"(?:[a-z0-9]+[-_])*(?:results?|outputs?|logs?|runs|traces?|transcripts?|leaderboards?|reports?|responses?)"
)
_RECORDS = frozenset({".jsonl", ".ndjson", ".csv", ".tsv", ".log"})
_RECORD_FILES = frozenset({".json", ".xml", ".yaml", ".yml", ".txt"})
_SHOWN = re.compile(r"(?:i18n|locales?|lang|translations?|l10n|values(?:-[a-z-]+)?)")
_LOCKS = frozenset(
    {
        *("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "pnpm-lock.yml", "bun.lock"),
        *("poetry.lock", "uv.lock", "pipfile.lock", "pdm.lock", "cargo.lock", "gemfile.lock", "composer.lock"),
        *("go.sum", "flake.lock", "pubspec.lock", "podfile.lock", "packages.lock.json", "mix.lock"),
    }
)
_GENERATED = (".min.js", ".min.css", ".map", ".snap", ".pb.go", ".ipynb_checkpoints")
_VENDORED = frozenset(
    {
        *("node_modules", "vendor", "third-party-licenses", "dist-packages", "site-packages", ".venv", "venv"),
        *(".git", ".hg", ".svn", "__pycache__", ".tox", ".mypy_cache", ".next", ".nuxt", "bower_components"),
    }
)
_BINARY = frozenset(
    {
        *("png", "jpg", "jpeg", "gif", "webp", "ico", "icns", "bmp", "tif", "tiff", "svg", "svgz"),
        *("psd", "ai", "sketch", "fig", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx"),
        *("zip", "gz", "bz2", "xz", "zst", "7z", "tar", "tgz", "whl", "jar", "war", "class"),
        *("o", "a", "so", "dylib", "dll", "exe", "bin", "wasm", "pyc", "pyo", "lockb"),
        *("woff", "woff2", "ttf", "otf", "eot", "mp3", "mp4", "m4a", "wav", "ogg", "flac", "mov"),
        *("avi", "webm", "mkv", "keystore", "p12", "der"),
        *("pkl", "npy", "npz", "parquet", "arrow", "onnx", "pt", "pth", "safetensors", "gguf", "h5", "db"),
        *("sqlite", "sqlite3"),
    }
)


def is_skipped(path: str) -> bool:
    """Tell whether a file is binary, an image, a lock file, minified, generated or vendored by its name."""
    *folders, name = path.lower().split("/")
    _, dot, ending = name.rpartition(".")
    if (dot and ending in _BINARY) or name in _LOCKS or name.endswith(_GENERATED):
        return True
    return not _VENDORED.isdisjoint(folders)


@lru_cache(maxsize=65536)
def is_test(path: str) -> bool:
    """Tell whether a file holds tests or their data. Live evaluations are not tests: they call the model."""
    pure = PurePosixPath(path)
    name, folders = pure.name.lower(), [part.lower() for part in pure.parts[:-1]]
    collected = not name.endswith(".ipynb")  # no runner collects notebooks: `test-embeddings.ipynb` tries something
    if (collected and _TEST_FILE.match(name)) or _TEST_CLASS.match(pure.name):
        return not name.startswith("promptfoo")
    if name.startswith("promptfoo"):
        return False
    tests, evals = _last(_TEST_FOLDER, folders), _last(_EVALS, folders)
    if evals >= 0 and not (tests > evals and is_code(path)):
        return False  # of code, the folder that is nearest decides: `tests/evals`, `benchmarks/src/test`
    return tests >= 0 or _SOURCE_SET.search(path) is not None


def _last(pattern: re.Pattern[str], folders: list[str]) -> int:
    """Return the place of the last folder of a kind; -1 where there is none."""
    return max((i for i, folder in enumerate(folders) if pattern.fullmatch(folder)), default=-1)


@lru_cache(maxsize=65536)
def is_recorded(path: str) -> bool:
    """Tell whether a data file holds what came out of a run."""
    pure = PurePosixPath(path.lower())
    if pure.suffix in _RECORDS:
        return True
    folders = pure.parts[:-1]
    below = len(folders) - folders[::-1].index("src") if "src" in folders else 0  # a program's folders are features
    parts = [*folders[below:], pure.name.split(".")[0]]
    return pure.suffix in _RECORD_FILES and any(_RECORDED.fullmatch(part) for part in parts)


@lru_cache(maxsize=65536)
def is_shown(path: str) -> bool:
    """Tell whether a data file holds texts that are shown to people."""
    pure = PurePosixPath(path.lower())
    if pure.suffix not in (".json", ".yaml", ".yml", ".xml", ".properties", ".po", ".arb", ".strings", ".toml"):
        return False
    return (
        pure.name == "strings.xml"
        or pure.suffix in (".po", ".arb", ".strings")
        or bool([part for part in pure.parts[:-1] if _SHOWN.fullmatch(part) and part != "values"])
    )


def holds_defaults(path: str) -> bool:
    """Tell whether a file holds texts that are shown, and settings of an application among them (Android)."""
    return path.lower().endswith("/values/strings.xml")


@lru_cache(maxsize=65536)
def stem(path: str) -> str:
    """Return a file's name without its folders and its endings."""
    return path.rsplit("/", 1)[-1].split(".")[0]


@lru_cache(maxsize=65536)
def is_code(path: str) -> bool:
    """Tell whether a file is source code, where a value needs no key to be a setting."""
    return PurePosixPath(path.lower()).suffix not in _DATA_SUFFIXES


_DATA_SUFFIXES = frozenset(
    {
        *(".yaml", ".yml", ".json", ".jsonc", ".json5", ".toml", ".ini", ".cfg", ".conf", ".properties", ".env"),
        *(".tf", ".tfvars", ".hcl", ".bicep", ".xml", ".md", ".mdx", ".txt", ".csv", ".tsv", ".jsonl", ".sql"),
        *(".prompt", ".prompty", ".mdc", ".example", ".sample", ".template", ".dist", ".log", ".rst", ".html"),
    }
)
