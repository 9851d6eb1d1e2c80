"""Switch off what libraries would send or fetch, before they are imported.

Nothing phones home (CONTRACT.md 6, promise 3). Each of these libraries reads its switches while
it is imported, so the package `proxy` calls this before anything else.
"""

from __future__ import annotations

import os

_SWITCHES = {
    # LiteLLM would fetch its price map, and further lists, from GitHub.
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_AUTOROUTER_PRESETS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_POLICY_TEMPLATES": "True",
    # LiteLLM would read any `.env` file from the working directory upwards.
    "LITELLM_MODE": "PRODUCTION",
    # guardrails-ai sends each use of a validator to its makers by OpenTelemetry, unless a file in
    # the home folder says otherwise. Nothing else here uses the OpenTelemetry SDK.
    "OTEL_SDK_DISABLED": "true",
    # guardrails-ai imports LangChain, which brings LangSmith along.
    "LANGSMITH_TRACING": "false",
    "LANGSMITH_TRACING_V2": "false",
    "LANGCHAIN_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    # Hugging Face: shipped weights only.
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_DATASETS_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    # tldextract, by Presidio, would fetch the list of public suffixes and keep it in the home
    # folder; it ships a copy.
    "TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS": "",
    "TLDEXTRACT_CACHE": "",
    # Understood by several libraries.
    "DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}


def silence_libraries() -> None:
    """Set every switch, whatever the environment said before.

    nltk has no switch: `validators.guardrails` keeps it away while guardrails-ai is imported.
    """
    os.environ.update(_SWITCHES)
