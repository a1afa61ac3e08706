"""Users' patterns, run under a time limit: the standard `re` never stops on `(a+)+$` (docs/threats.md T15)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pinward.core.evidence import Grade
from pinward.core.policy import Json
from pinward.core.visible import brief, quoted
from pinward.errors import ConfigError
from pinward.evals.graders.base import TextGrader, failed, held

if TYPE_CHECKING:
    from regex import Match, Pattern

TIMEOUT = 0.2  # seconds; an honest pattern needs microseconds for an answer
MAX_PATTERN = 10_000
_KEYS = {"pattern", "ignore_case", "full"}


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, ignore_case: bool = False) -> Pattern[str]:
    """Compile a pattern. Raises `ConfigError` with the column of the fault."""
    import regex

    if len(pattern) > MAX_PATTERN:
        raise ConfigError(f"the pattern has {len(pattern):,} characters; at most {MAX_PATTERN:,}", "Shorten it.")
    try:
        return regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)
    except regex.error as error:
        reason = brief(str(error), 120)
        raise ConfigError(f"the pattern {quoted(pattern, 60)} is wrong: {reason}", "Mend the pattern.") from None
    except (RecursionError, OverflowError, MemoryError, ValueError) as error:
        reason = brief(str(error), 60)
        raise ConfigError(f"the pattern {quoted(pattern, 60)} cannot be used: {reason}", "Simplify it.") from None


def search(pattern: Pattern[str], text: str, full: bool = False) -> Match[str] | None:
    """Search a text. Raises `ConfigError` where the pattern runs longer than `TIMEOUT`."""
    run = pattern.fullmatch if full else pattern.search
    try:
        return run(text, timeout=TIMEOUT)
    except (TimeoutError, MemoryError, RecursionError):
        raise ConfigError(
            f"the pattern {quoted(pattern.pattern, 60)} ran longer than {TIMEOUT} s on {len(text):,} characters",
            "Rewrite it without nested repetition such as `(a+)+`.",
        ) from None


class Regex(TextGrader):
    """A pattern occurs in the answer (`full: true`: it matches the whole answer)."""

    name = "regex"
    example = r"regex: '^\d{4}-\d{2}-\d{2}$'"

    def validate(self, argument: Json) -> None:
        """Compile the pattern."""
        compile_pattern(*self._read(argument)[:2])

    def judge(self, text: str, argument: Json) -> Grade:
        """Search the answer."""
        pattern, ignore_case, full = self._read(argument)
        found = search(compile_pattern(pattern, ignore_case), text, full)
        if found:
            return held(span=found.span())
        word = "the whole answer to match" if full else "a match of"
        return failed(f"expected {word} {quoted(pattern, 80)}, found {quoted(text)}")

    def _read(self, argument: Json) -> tuple[str, bool, bool]:
        options = argument if isinstance(argument, dict) else {"pattern": argument}
        pattern, ignore_case, full = (options.get(key, False) for key in ("pattern", "ignore_case", "full"))
        flags_are_right = isinstance(ignore_case, bool) and isinstance(full, bool)
        if not isinstance(pattern, str) or not pattern or set(options) - _KEYS or not flags_are_right:
            raise self.wrong("takes a pattern, or `{pattern: ..., ignore_case: true, full: true}`")
        return pattern, bool(ignore_case), bool(full)
