# syntax=docker/dockerfile:1
# The image of the action. A release pins it by digest in action.yml; nothing is downloaded when it runs.
ARG PYTHON_IMAGE=docker.io/library/python:3.13-slim

FROM ${PYTHON_IMAGE} AS dependencies
COPY requirements.lock /tmp/requirements.lock
RUN python -m venv --without-pip /opt/pinward \
    && python -m pip --python /opt/pinward/bin/python install --no-cache-dir --require-hashes --only-binary :all: \
        --requirement /tmp/requirements.lock
COPY src/pinward /tmp/pinward
COPY examples /tmp/pinward/data/examples
COPY docs/rules /tmp/pinward/data/rules
RUN site="$(/opt/pinward/bin/python -c 'import site; print(site.getsitepackages()[0])')" \
    && cp -r /tmp/pinward "$site/pinward" \
    && /opt/pinward/bin/python -m compileall -q "$site/pinward"

FROM ${PYTHON_IMAGE}
# git is Debian's: its version follows the base image's release, whose security updates are wanted. The Perl that a few
# of its commands use is left out (12 MB compressed); none of them runs here.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends git \
    && dpkg --purge --force-depends git-man liberror-perl perl perl-modules-5.40 libperl5.40 libgdbm-compat4t64 \
    && rm -rf /usr/lib/git-core/git-daemon /usr/lib/git-core/git-http-backend /usr/lib/git-core/git-imap-send \
        /usr/lib/git-core/git-http-fetch /usr/lib/git-core/git-http-push /usr/lib/git-core/git-shell \
        /usr/lib/git-core/scalar /usr/share/doc /usr/share/man /usr/share/locale \
        /usr/share/bash-completion /usr/share/gitweb /var/lib/apt/lists/* /var/cache/* /var/log/*
COPY --from=dependencies /opt/pinward /opt/pinward
ENV PATH=/opt/pinward/bin:/usr/local/bin:/usr/bin:/bin
LABEL org.opencontainers.image.source="https://github.com/pinward/pinward" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.description="The CI gate that keeps the LLM models of a repository pinned, proven and alive"
# The runner starts docker actions as root and does not support USER
# (docs.github.com/actions/reference/workflows-and-actions/dockerfile-support).
# -I: the workspace is the working directory, and none of its files may be imported; PYTHON* variables count for nothing.
ENTRYPOINT ["/opt/pinward/bin/python", "-I", "-B", "-u", "-X", "utf8", "-m", "pinward.action"]
