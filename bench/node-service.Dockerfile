# syntax=docker/dockerfile:1
# What examples/node-service/cofferdam.yaml asks for, as a careful hand writes it: downloads in a cache mount, production
# packages copied to a slim image.
FROM node:22-trixie AS packages
WORKDIR /app
RUN --mount=type=bind,source=package.json,target=package.json \
    --mount=type=bind,source=package-lock.json,target=package-lock.json \
    --mount=type=cache,id=bench-npm,target=/root/.npm \
    npm ci --omit=dev --no-audit --no-fund

FROM node:22-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY . .
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["node", "server.js"]
