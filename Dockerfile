# The explorer and the REST documentation, built from gateway/explorer.
FROM node:22-bookworm AS pages
WORKDIR /src
COPY tools/children.py tools/environment.py tools/frontend.py tools/place.py tools/
COPY gateway/explorer/ gateway/explorer/
RUN ["python3", "-m", "tools.frontend"]

# The wheel that operators install elsewhere, too: the same sources give the same bytes.
FROM python:3.13-slim-bookworm AS wheel
WORKDIR /src
COPY requirements/build.txt requirements/
RUN python -m pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore \
    --require-hashes --only-binary=:all: -r requirements/build.txt
COPY pyproject.toml README.md ./
COPY requirements/run.txt requirements/traces.txt requirements/
COPY tools/ tools/
COPY consularia_connect/ consularia_connect/
COPY db/ db/
COPY schema/ schema/
COPY rest/ rest/
COPY gateway/ gateway/
COPY --from=pages /src/gateway/static/ gateway/static/
RUN rm -r gateway/explorer \
 && python -m tools.wheel /dist

# What the wheel needs, each package checked by its hash, then the wheel; pip compiles all of it.
# With what sends traces: nothing can be added to an image later.
FROM python:3.13-slim-bookworm AS install
COPY requirements/traces.txt /tmp/
COPY --from=wheel /dist/ /tmp/dist/
RUN python -m venv /app \
 && /app/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary=:all: -r /tmp/traces.txt \
 && /app/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
    --no-deps --no-index /tmp/dist/*.whl \
 && /app/bin/python -m pip uninstall --yes --quiet pip

# Python and the packages; nothing that builds or installs.
FROM python:3.13-slim-bookworm
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip \
 && groupadd --gid 10001 connect \
 && useradd --uid 10001 --gid connect --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin connect \
 && install --directory --owner=connect --group=connect --mode=0700 /data
COPY --from=install /app /app
# A database given by URL is production: no demo in it, and CONNECT_SECRET_KEYS has to be set.
ENV PATH=/app/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    CONNECT_HOST=0.0.0.0 \
    CONNECT_PORT=8000 \
    CONNECT_DATA_DIR=/data \
    CONNECT_DATABASE_URL=sqlite:////data/connect.db
WORKDIR /data
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["connect", "healthcheck"]
ENTRYPOINT ["connect"]
CMD ["run"]
# Last, because the two arguments change with every build.
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="Consularia Connect" \
      org.opencontainers.image.description="Self-hosted API for managing video appointments and participants" \
      org.opencontainers.image.version="1.0.0" \
      org.opencontainers.image.base.name="docker.io/library/python:3.13-slim-bookworm" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED"
