# One image for web, worker and beat; what a container runs is its command (see compose.yaml).
FROM python:3.11-slim-bookworm AS packages
WORKDIR /build
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 shop
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ENVIRONMENT=production AUTOSHOP_HOME=/home/shop/autoshop MODEL_CACHE=/home/shop/models
COPY --from=packages /venv /venv
COPY . .
# Static files need settings, settings need secrets: these are thrown away with the layer's process.
RUN ENVIRONMENT=development python manage.py collectstatic --noinput && \
    install -d -o shop /home/shop/autoshop && rm -rf /home/shop/autoshop/*
USER shop
# The built-in ear and voice stand in where Deepgram can't be reached: their models belong in the image.
RUN python -m voice.providers.local_speech prepare
EXPOSE 5050
# Live calls get this long to end; keep the platform's own grace above it.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=40s \
    CMD python -c "import os,urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\",5050)}/health?for=calls', timeout=4)"
CMD ["python", "-m", "autoshop.serve"]
