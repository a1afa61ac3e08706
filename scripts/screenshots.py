"""Take the README's pictures: the comment and the report of the demo's blocked pull request, in a headless Chromium.

    python -m scripts.screenshots

GitHub draws comments with a style sheet of its own; the one here is close to it and nothing more.
"""

from __future__ import annotations

import base64
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from markdown_it import MarkdownIt

from pinward.commands.demo import run
from tests.browser.chromium import Page, find_chromium

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "images"
MAX_BYTES = 150_000
OPENED = """document.querySelector("#cases tbody button").click();
document.querySelector(".charts").scrollIntoView();"""
LIKE_GITHUB = """
body { margin: 0; padding: 20px 24px; font: 13px/1.45 "Liberation Sans", Arial, sans-serif; color: #1f2328; }
table { border-collapse: collapse; margin: 12px 0; }
th, td { border: 1px solid #d1d9e0; padding: 4px 11px; white-space: nowrap; }
tr:nth-child(2n) td { background: #f6f8fa; } p { margin: 0 0 12px; } details { margin: 0 0 12px; }
code { font: 11px "Liberation Mono", monospace; background: #eff1f3; padding: 2px 5px; border-radius: 6px; }
pre { background: #f6f8fa; padding: 12px; border-radius: 6px; overflow: hidden; }
pre code { background: none; padding: 0; }
.add { display: inline-block; width: 100%; background: #dafbe1; }
.remove { display: inline-block; width: 100%; background: #ffebe9; }
"""
_DIFF = re.compile(r'<code class="language-diff">.*?</code>', re.DOTALL)
_DIFF_LINE = re.compile(r"(?P<sign>(?<=>)[-+]|(?<=\n)[-+]) [^\n<]*")


def comment_page(markdown: str) -> str:
    """Return a page that shows a comment about as GitHub does, its first case unfolded."""
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    body = body.replace("<details>", "<details open>", 1)
    body = _DIFF.sub(lambda block: _DIFF_LINE.sub(_painted, block[0]), body)
    return f"<!doctype html><html lang=en><meta charset=utf-8><style>{LIKE_GITHUB}</style><body>{body}"


def _painted(line: re.Match[str]) -> str:
    return f'<span class="{"add" if line["sign"] == "+" else "remove"}">{line[0]}</span>'


def shoot(page: Page, source: Path, size: tuple[int, int], prepare: str = "0") -> bytes:
    """Return a PNG of what a window of `size` (CSS pixels) shows of a file, after a script."""
    width, height = size
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
    page.open(source)
    page.run(prepare)
    return base64.b64decode(page.call("Page.captureScreenshot", format="png")["data"])


def main() -> int:
    """Write docs/images/*.png; 1 where there is no Chromium, or a picture is too large for a README."""
    binary = find_chromium()
    if binary is None:
        print("needs Chromium (Debian: chromium)")
        return 1
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, Page(binary, Path(folder, "profile")) as page:
        work = Path(folder)
        run(work / "reports", lambda _: None)
        report = next(path for path in sorted(work.glob("reports/**/report.html")) if path.is_file())
        comment = work / "comment.html"
        comment.write_text(comment_page(report.with_name("comment.md").read_text("utf-8")), encoding="utf-8")
        pictures = {
            "comment.png": shoot(page, comment, (1130, 700)),
            "report.png": shoot(page, report, (1100, 820), OPENED),
        }
    TARGET.mkdir(exist_ok=True)
    for name, picture in pictures.items():
        (TARGET / name).write_bytes(picture)
        print(f"docs/images/{name}: {len(picture):,} bytes")
    return int(max(map(len, pictures.values())) > MAX_BYTES)


if __name__ == "__main__":
    sys.exit(main())
