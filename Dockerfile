# syntax=docker/dockerfile:1
# The service. Models, certificates and tokens are mounted, not baked in. For other machines, with TLS:
#   docker run --publish 50051:50051 --volume "$PWD/models:/models:ro" --volume "$PWD/tls:/tls:ro" nodelens \
#     --tls-certificate /tls/tls.crt --tls-key /tls/tls.key --tokens /tls/tokens
# For this machine, or behind a mesh that encrypts, where it is said so: without either the server does not start.
#   docker run --publish 127.0.0.1:50051:50051 --volume "$PWD/models:/models:ro" nodelens --allow-plaintext

ARG PYTHON_IMAGE=python:3.11.13-slim-bookworm

# hadolint ignore=DL3006 -- the version is in the argument's default
FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
COPY constraints.txt ./
RUN python -m venv /tools && /tools/bin/pip install --no-cache-dir --constraint constraints.txt grpcio-tools
COPY . .
RUN /tools/bin/python -m grpc_tools.protoc -I protos --python_out=protos --grpc_python_out=protos \
        protos/inference/*.proto protos/nodelens/v1/*.proto \
    && python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --constraint constraints.txt '.[service]'

# hadolint ignore=DL3006 -- likewise
FROM ${PYTHON_IMAGE} AS service
RUN useradd --create-home --uid 10001 nodelens
COPY --from=build /venv /venv
USER 10001
ENV PATH=/venv/bin:$PATH
EXPOSE 50051 9464
STOPSIGNAL SIGTERM
ENTRYPOINT ["nodelens-serve", "--models", "/models", "--listen", "0.0.0.0:50051", "--metrics-host", "0.0.0.0"]
