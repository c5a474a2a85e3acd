# syntax=docker/dockerfile:1
# What examples/python-service/cofferdam.yaml asks for, as a careful hand writes it: Poetry in the builder, downloads in
# cache mounts, the virtual environment copied to a slim image.
FROM python:3.13-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 POETRY_VIRTUALENVS_IN_PROJECT=1 POETRY_NO_INTERACTION=1
RUN --mount=type=cache,id=bench-pip,target=/root/.cache/pip pip install poetry==2.2.1
WORKDIR /app
RUN --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    --mount=type=bind,source=poetry.lock,target=poetry.lock \
    --mount=type=cache,id=bench-pypoetry,target=/root/.cache/pypoetry \
    poetry install --only main --no-root --compile
COPY . .

FROM python:3.13-slim-trixie
WORKDIR /app
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["gunicorn", "--bind=0.0.0.0:8080", "--worker-tmp-dir=/tmp", "guestbook:app"]
