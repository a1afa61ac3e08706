import errno
import os

from hypothesis import given
from hypothesis import strategies as st

from pinward.errors import PRECEDENCE, ConfigError, ExitCode, as_error, worst


def test_every_exit_code_has_a_place_in_the_precedence() -> None:
    assert sorted(PRECEDENCE) == sorted(ExitCode)


def test_a_crash_is_never_hidden_behind_a_verdict() -> None:
    assert worst([ExitCode.OK, ExitCode.BLOCKED, ExitCode.INTERNAL]) is ExitCode.INTERNAL


def test_nothing_to_report_is_fine() -> None:
    assert worst([]) is ExitCode.OK


@given(st.lists(st.sampled_from(ExitCode), min_size=1))
def test_worst_is_one_of_its_inputs_and_ignores_their_order(codes: list[ExitCode]) -> None:
    assert worst(codes) in codes
    assert worst(codes) is worst(codes[::-1])


def test_a_full_disk_is_no_fault_of_ours() -> None:
    told = as_error(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert (told.exit_code, told.message) == (ExitCode.USAGE, "No space left on device")


def test_an_error_says_what_is_wrong_and_what_to_do() -> None:
    assert (
        str(ConfigError("pinward.yml:3: unknown key", "Write `model`.")) == "pinward.yml:3: unknown key\nWrite `model`."
    )
