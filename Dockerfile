# syntax=docker/dockerfile:1
# The image of the action. A release pins it by digest in action.yml; nothing is downloaded when it runs.
ARG PYTHON_IMAGE=docker.io/library/python:3.13-slim

FROM ${PYTHON_IMAGE} AS dependencies
COPY requirements.lock /tmp/requirements.lock
RUN python -m venv --without-pip /opt/pinward \
    && python -m pip --python /opt/pinward/bin/python install --no-cache-dir --require-hashes --only-binary :all: \
        --requirement /tmp/requirements.lock
COPY src/pinward /tmp/pinward
RUN site="$(/opt/pinward/bin/python -c 'import site; print(site.getsitepackages()[0])')" \
    && cp -r /tmp/pinward "$site/pinward" \
    && /opt/pinward/bin/python -m compileall -q "$site/pinward"

FROM ${PYTHON_IMAGE}
# git is Debian's: its version follows the base image's release, whose security updates are wanted.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/*
COPY --from=dependencies /opt/pinward /opt/pinward
ENV PATH=/opt/pinward/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1
LABEL org.opencontainers.image.source="https://github.com/pinward/pinward" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.description="The CI gate that keeps the LLM models of a repository pinned, proven and alive"
# The runner starts docker actions as root and does not support USER
# (docs.github.com/actions/reference/workflows-and-actions/dockerfile-support).
ENTRYPOINT ["/opt/pinward/bin/python", "-m", "pinward.action"]
