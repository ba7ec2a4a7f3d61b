# syntax=docker/dockerfile:1
# Three targets: `service` (NVIDIA GPU), `service-cpu`, and `training` (torch and Ray). `make image TARGET=service-cpu`.
# Models, certificates and tokens are mounted, never baked in; deploy/compose and deploy/k8s show how.
# `make image-check` has built and run service-cpu; the other two have been linted and tested as text only.

# By version. So that nothing changes under a tag give the digest too: --build-arg PYTHON_IMAGE=python:...@sha256:...
ARG PYTHON_IMAGE=python:3.11.15-slim-bookworm
# onnxruntime-gpu 1.31 is linked against CUDA 13 and cuDNN 9.
ARG CUDA_IMAGE=nvidia/cuda:13.0.2-cudnn-runtime-ubuntu24.04

# What builds. An index other than PyPI: --secret id=pip,src=pip.conf
FROM ${PYTHON_IMAGE} AS tools
ENV PIP_CONFIG_FILE=/run/secrets/pip PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements/build.txt /requirements/
RUN --mount=type=secret,id=pip \
    python -m venv /tools && /tools/bin/pip install --require-hashes --requirement /requirements/build.txt

FROM tools AS wheel
WORKDIR /src
COPY . .
RUN /tools/bin/python -m grpc_tools.protoc -I protos --python_out=protos --grpc_python_out=protos \
        protos/inference/*.proto protos/nodelens/v1/*.proto \
    && /tools/bin/pip wheel --no-deps --no-build-isolation --no-index --wheel-dir /wheels .

# A /venv for each target, without pip: dependencies by their hashes, then our wheel, then the list of what is inside.
FROM tools AS service-venv
COPY requirements/service.txt /requirements/
RUN --mount=type=secret,id=pip python -m venv --without-pip /venv \
    && /tools/bin/pip --python /venv/bin/python install --require-hashes --requirement /requirements/service.txt
COPY --from=wheel /wheels /wheels
RUN /tools/bin/pip --python /venv/bin/python install --no-deps --no-index /wheels/*.whl \
    && /tools/bin/cyclonedx-py environment --output-reproducible --output-file /sbom.json /venv/bin/python

FROM tools AS service-cpu-venv
COPY requirements/service-cpu.txt /requirements/
RUN --mount=type=secret,id=pip python -m venv --without-pip /venv \
    && /tools/bin/pip --python /venv/bin/python install --require-hashes --requirement /requirements/service-cpu.txt
COPY --from=wheel /wheels /wheels
RUN /tools/bin/pip --python /venv/bin/python install --no-deps --no-index /wheels/*.whl \
    && /tools/bin/cyclonedx-py environment --output-reproducible --output-file /sbom.json /venv/bin/python

FROM tools AS training-venv
COPY requirements/training.txt /requirements/
RUN --mount=type=secret,id=pip python -m venv --without-pip /venv \
    && /tools/bin/pip --python /venv/bin/python install --require-hashes --requirement /requirements/training.txt
COPY --from=wheel /wheels /wheels
RUN /tools/bin/pip --python /venv/bin/python install --no-deps --no-index /wheels/*.whl \
    && /tools/bin/cyclonedx-py environment --output-reproducible --output-file /sbom.json /venv/bin/python

# What runs: Python without pip. Its root file system may be read-only: libraries write to /tmp, and what must stay (the
# ledger of reviews, the bridge's journal) goes to /state.
FROM ${PYTHON_IMAGE} AS python
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3.11/ensurepip /usr/local/lib/python3.11/site-packages/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin nodelens \
    && install --directory --owner=10001 --group=10001 /state
ENV PATH=/venv/bin:$PATH HOME=/tmp MPLCONFIGDIR=/tmp/matplotlib \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 ORT_DISABLE_TELEMETRY=1
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="NodeLens" \
      org.opencontainers.image.description="Lymph nodes in CT: probability of metastasis, and where the network looked. Research use only." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# Exec form: the server is process 1 and has handlers of its own for SIGTERM, SIGINT and SIGHUP. It starts no children,
# so that there is nothing to reap, and no init is needed.
FROM python AS service-cpu
COPY --from=service-cpu-venv /venv /venv
COPY --from=service-cpu-venv /sbom.json /usr/share/nodelens/sbom.json
USER 10001:10001
EXPOSE 50051 50052 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=2m --retries=3 CMD ["python", "-m", "service.probe"]
ENTRYPOINT ["nodelens-serve", "--models", "/models", "--listen", "0.0.0.0:50051", "--health-port", "50052", "--metrics-host", "0.0.0.0"]

# Python comes from its own image, with the libraries that it is linked against; that all are found is seen here.
FROM ${CUDA_IMAGE} AS service
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# Ubuntu keeps no old versions, so that none are named here.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        libbz2-1.0 libexpat1 libffi8 liblzma5 libsqlite3-0 libssl3 libuuid1 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /tmp --shell /usr/sbin/nologin nodelens \
    && install --directory --owner=10001 --group=10001 /state
COPY --from=python /usr/local/bin /usr/local/bin
COPY --from=python /usr/local/lib /usr/local/lib
COPY --from=service-venv /venv /venv
COPY --from=service-venv /sbom.json /usr/share/nodelens/sbom.json
# Only the driver's library may be missing: the machine brings it.
RUN ldconfig \
    && /venv/bin/python -c "import bz2, ctypes, lzma, onnxruntime, pyexpat, sqlite3, ssl, uuid, zlib" \
    && ldconfig -p | grep 'libcudnn\.so\.9 ' \
    && ! ldd /venv/lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime_providers_cuda.so \
        | grep 'not found' | grep --invert-match 'libcuda\.so\.1 '
ENV PATH=/venv/bin:$PATH HOME=/tmp MPLCONFIGDIR=/tmp/matplotlib \
    PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 ORT_DISABLE_TELEMETRY=1
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="NodeLens" \
      org.opencontainers.image.description="Lymph nodes in CT: probability of metastasis, and where the network looked. Research use only." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
USER 10001:10001
EXPOSE 50051 50052 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=2m --retries=3 CMD ["python", "-m", "service.probe"]
ENTRYPOINT ["nodelens-serve", "--models", "/models", "--listen", "0.0.0.0:50051", "--health-port", "50052", "--metrics-host", "0.0.0.0"]

# torch brings CUDA in wheels of its own, so that a CUDA base would hold it twice.
FROM python AS training
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility RAY_USAGE_STATS_ENABLED=0
COPY --from=training-venv /venv /venv
COPY --from=training-venv /sbom.json /usr/share/nodelens/sbom.json
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["nodelens-train"]
