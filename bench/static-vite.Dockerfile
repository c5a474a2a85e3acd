# syntax=docker/dockerfile:1
# What examples/static-vite/cofferdam.yaml asks for, as a careful hand writes it: downloads in a cache mount, the site copied
# to nginx's own image.
FROM node:22-trixie AS build
ARG TITLE="Moon phases"
WORKDIR /app
RUN --mount=type=bind,source=package.json,target=package.json \
    --mount=type=bind,source=package-lock.json,target=package-lock.json \
    --mount=type=cache,id=bench-npm,target=/root/.npm \
    npm ci --no-audit --no-fund
COPY . .
RUN VITE_TITLE="$TITLE" npm run build

FROM nginx:1
COPY --from=build /app/dist /usr/share/nginx/html
EXPOSE 80
