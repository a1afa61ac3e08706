"""What an application imports: the file that the gate guards is the file that it reads (docs/runtime.md).

Nothing of the gate, the scanner or GitHub is imported, and network code only when a `ModelRouter` is used.
"""

from pinward.errors import AllProvidersFailedError, ConfigError, ModelCallError, PinwardError, RequestRejectedError
from pinward.prompts.registry import PromptRegistry
from pinward.runtime.config import Config, LiveConfig, TaskConfig, get_prompt, load_config
from pinward.runtime.deprecations import Deprecation, check_deprecations
from pinward.runtime.metrics import Outcome, OutcomeRecorder
from pinward.runtime.prompt import Prompt
from pinward.runtime.router import Answer, ModelRouter
from pinward.runtime.sdk import sdk_arguments
from pinward.runtime.select import select_model

__all__ = [
    "AllProvidersFailedError",
    "Answer",
    "Config",
    "ConfigError",
    "Deprecation",
    "LiveConfig",
    "ModelCallError",
    "ModelRouter",
    "Outcome",
    "OutcomeRecorder",
    "PinwardError",
    "Prompt",
    "PromptRegistry",
    "RequestRejectedError",
    "TaskConfig",
    "check_deprecations",
    "get_prompt",
    "load_config",
    "sdk_arguments",
    "select_model",
]
