# The app: `yinling web`, `yinling worker`, `yinling ivr`, `yinling migrate`. From the repository's root:
#   docker build -f docker/Dockerfile.app -t yinling-app .

# What the console's pages need in the browser.
FROM node:20.20.2-bookworm-slim AS looks
WORKDIR /srv/console/assets
COPY backend/console/assets/package.json backend/console/assets/package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund
COPY backend/console/assets ./
RUN node gather.mjs

FROM python:3.11.13-slim-bookworm AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /srv/yinling
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --locked --no-dev --no-install-project --no-cache
COPY LICENSE yinling.py ./
COPY backend backend/
COPY --from=looks /srv/console/static backend/console/static/
COPY nlu nlu/
COPY bot bot/
COPY ivr ivr/
COPY ops ops/
# jionlp unpacks its dictionaries into its own folder when first imported: do it while we may.
RUN uv sync --locked --no-dev --no-cache && .venv/bin/python -c "import jionlp"

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/yinling --create-home yinling
COPY --from=build /srv/yinling /srv/yinling
WORKDIR /srv/yinling
ENV PATH=/srv/yinling/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    YINLING_DATA_DIR=/var/lib/yinling \
    YINLING_WEB_HOST=0.0.0.0
USER yinling
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/healthz', timeout=3)"]
CMD ["yinling", "web"]
