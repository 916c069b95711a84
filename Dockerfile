# Two images from one file:
#   docker build -t raak .                              the service: no compiler, no training packages
#   docker build -t raak-training --target training .   also `raak train` and `raak world`
ARG PYTHON=3.13-slim-bookworm

FROM python:${PYTHON} AS base
ENV PATH=/opt/raak/bin:$PATH \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin raak

# Packages change less often than our code: they come first, so that the layer is kept.
FROM base AS service-packages
RUN python -m venv /opt/raak
COPY requirements/service.txt /src/requirements/
RUN pip install --require-hashes --only-binary :all: -r /src/requirements/service.txt

FROM service-packages AS service-build
COPY . /src
RUN pip install --no-deps /src

FROM service-packages AS training-build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc g++ \
    && rm -rf /var/lib/apt/lists/*
COPY requirements/training.txt /src/requirements/
RUN pip install --require-hashes -r /src/requirements/training.txt
COPY . /src
RUN pip install --no-deps /src

FROM base AS training
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && install --directory --owner raak /data
COPY --from=training-build /opt/raak /opt/raak
# matplotlib wants a folder for its font cache.
ENV MPLCONFIGDIR=/tmp
USER raak
WORKDIR /data
VOLUME /data
ENTRYPOINT ["raak"]
CMD ["--help"]

# The last stage is the default one. It writes nothing, so it runs with a read-only root.
FROM base AS service
COPY --from=service-build /opt/raak /opt/raak
# What compose mounts here belongs to the user that writes it.
RUN install --directory --owner raak /var/lib/raak/keys /var/lib/raak/live
USER raak
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=2s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=1)"]
ENTRYPOINT ["raak"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
