# The tracker's image: web, worker, beat and one-off commands are the same one (compose.yaml).
# Built from the folder of the project:  docker build -t stp-tracker .

# The pages' styles and scripts, by the lock of npm.
FROM node:24-slim AS pages
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

# The packages, by hash, and the bytecode of all of them.
FROM python:3.13-slim AS packages
COPY requirements.lock ./
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --no-compile --require-hashes -r requirements.lock \
 && /opt/venv/bin/python -m compileall -q -j 0 /opt/venv/lib

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home tracker \
 && install -d -o tracker -g tracker -m 0700 /srv/uploads
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 \
    STP_DATA_DIR=/app/var STP_UPLOAD_DIR=/srv/uploads
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY manage.py gunicorn.conf.py ./
COPY stp stp
COPY workstreams workstreams
COPY finance finance
COPY indicators indicators
COPY templates templates
COPY static static
COPY fixtures fixtures
COPY docs docs
COPY --from=pages /build/node_modules node_modules
# Embedded mode for this step alone: it needs no secret, and the one it makes is taken away.
RUN python -m stp.core.assets node_modules var/assets \
 && python manage.py collectstatic --noinput -v 0 \
 && rm -rf node_modules var/secret_key var/assets var/joined \
 && install -d var/assets \
 && python -m compileall -q -j 0 stp workstreams finance indicators
USER tracker
# Two heaps for all threads, and what a large page took goes back to the system: a web process
# otherwise keeps a tenth more memory for the one, and a twentieth for the other.
ENV STP_MODE=production MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=65536
EXPOSE 8000
CMD ["gunicorn", "stp.wsgi:application", "--bind=0.0.0.0:8000", "--workers=2", "--threads=4"]
