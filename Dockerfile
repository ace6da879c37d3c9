# The explorer and the REST documentation, built from gateway/explorer.
FROM node:22-bookworm AS explorer
WORKDIR /app
COPY tools/frontend.py tools/
COPY gateway/explorer/ gateway/explorer/
RUN ["python3", "-c", "import sys; from pathlib import Path; from tools import frontend; sys.exit(not frontend.build(Path.cwd(), Path(sys.executable), print))"]

# The packages, each checked by its hash, and the sources, compiled: the service cannot write here.
FROM python:3.13-slim-bookworm AS build
WORKDIR /app
COPY requirements/run.txt requirements/
RUN python -m venv .venv \
 && .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary=:all: -r requirements/run.txt \
 && .venv/bin/python -m pip uninstall --yes --quiet pip
COPY db/ db/
COPY schema/ schema/
COPY rest/ rest/
COPY gateway/ gateway/
COPY --from=explorer /app/gateway/static/ gateway/static/
RUN rm -r gateway/explorer requirements \
 && .venv/bin/python -m compileall -q db schema rest gateway

# Python, the sources and the packages; nothing that builds or installs.
FROM python:3.13-slim-bookworm
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip \
 && groupadd --gid 10001 connect \
 && useradd --uid 10001 --gid connect --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin connect \
 && install --directory --owner=connect --group=connect --mode=0700 /data
WORKDIR /app
COPY --from=build /app /app
# A database given by URL is production: no demo in it, and CONNECT_SECRET_KEYS has to be set.
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CONNECT_HOST=0.0.0.0 \
    CONNECT_PORT=8000 \
    CONNECT_DATA_DIR=/data \
    CONNECT_DATABASE_URL=sqlite:////data/connect.db
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-m", "gateway.cli", "healthcheck"]
ENTRYPOINT ["python", "-m", "gateway.cli"]
CMD ["run"]
