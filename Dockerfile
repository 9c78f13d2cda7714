# syntax=docker/dockerfile:1
# The copilot with everything `make setup` installs, and the report pages compiled. No secret enters
# a layer: all of them come from the environment of the running container.

FROM node:20.19.5-bookworm-slim AS reports
WORKDIR /app/reports
COPY reports/package.json reports/package-lock.json reports/.npmrc ./
COPY reports/patches ./patches
RUN npm ci --no-audit --no-fund --loglevel=error

# Python 3.11, which the vendors' connectors need; they are installed when a source is first read.
FROM python:3.11.13-slim-bookworm AS python
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-dev --no-install-project --no-cache
COPY warehouse ./warehouse
COPY connectors ./connectors
COPY ml ./ml
COPY data_contracts ./data_contracts
COPY orchestration ./orchestration
RUN uv sync --frozen --no-dev --no-cache

FROM python:3.11.13-slim-bookworm AS copilot
RUN groupadd --gid 10001 copilot \
    && useradd --uid 10001 --gid copilot --create-home copilot \
    && install -d -o copilot -g copilot /var/lib/copilot /var/lib/copilot/reports
COPY --from=reports /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=python /app /app
COPY --from=reports /app/reports/node_modules ./reports/node_modules
COPY reports ./reports
COPY dbt_project ./dbt_project
COPY copilot.yml ./
COPY deploy/entrypoint.sh ./deploy/entrypoint.sh
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    COPILOT_HOME=/var/lib/copilot \
    DAGSTER_HOME=/var/lib/copilot/dagster \
    DAGSTER_DISABLE_TELEMETRY=1
# Only the compiled pages and the tools' scratch folders belong to the user that runs.
RUN install -d -o copilot -g copilot reports/build reports/.evidence \
    && chown copilot:copilot reports/node_modules
USER copilot
RUN python -m orchestration.resources.report_pages
ENTRYPOINT ["sh", "/app/deploy/entrypoint.sh"]
CMD ["copilot", "doctor"]
