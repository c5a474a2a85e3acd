# syntax=docker/dockerfile:1
# What examples/python-service/cofferdam.yaml asks for, as a careful hand writes it: Poetry's lock exported in the builder,
# downloads in a cache mount, the virtual environment copied to a slim image.
FROM python:3.13-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
RUN --mount=type=cache,id=bench-pip,target=/root/.cache/pip pip install poetry==2.2.1 poetry-plugin-export==1.9.0
WORKDIR /app
RUN --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    --mount=type=bind,source=poetry.lock,target=poetry.lock \
    --mount=type=cache,id=bench-pip,target=/root/.cache/pip \
    poetry export --output /tmp/requirements.txt && python -m venv .venv && \
    .venv/bin/pip install --require-hashes -r /tmp/requirements.txt
COPY . .

FROM python:3.13-slim-trixie
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["gunicorn", "--bind=0.0.0.0:8080", "--worker-tmp-dir=/tmp", "guestbook:app"]
