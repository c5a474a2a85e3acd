# Every service of the repository, on a base of our own: docker buildx bake --push
variable "REGISTRY" {
  default = "registry.example.com"
}

variable "BASE" {
  default = "gcr.io/distroless/static-debian13:nonroot"
}

group "default" {
  targets = ["service"]
}

# What all services share.
target "settings" {
  dockerfile = "cofferdam.yaml"
  platforms  = ["linux/amd64", "linux/arm64"]
  labels     = { "org.opencontainers.image.vendor" = "Example" }
  # The base, whatever the manifest calls it, is what the target below makes.
  contexts = { "${BASE}" = "target:base" }
}

target "service" {
  name     = service
  inherits = ["settings"]
  matrix   = { service = ["greeter", "shouter"] }
  args     = { SERVICE = service }
  tags     = ["${REGISTRY}/${service}:1"]
}

target "base" {
  platforms         = ["linux/amd64", "linux/arm64"]
  dockerfile-inline = <<EOT
FROM ${BASE}
COPY --chmod=0444 <<NOTICE /usr/share/doc/example/notice
Built by Example.
NOTICE
EOT
}
