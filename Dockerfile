ARG BASE_IMAGE=node:24-bookworm-slim

# One image for every way to run Paperlift (docs/image.md). `docker build .` makes the product; `--target local` adds the
# Textract-compatible server and the stand-ins. Kept to what Debian's buildah understands: no heredocs, no COPY that links.

FROM ${BASE_IMAGE} AS base

# The locked dependencies, for building and for picking from.
FROM base AS dependencies
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund && rm -rf node_modules/node-linux-*

# The production bundles, and the packages that they leave out (esbuild's list in scripts/build.ts; the browser is Debian's).
FROM dependencies AS program
COPY image/copy-packages.ts image/
RUN node image/copy-packages.ts . /packages sharp puppeteer-core @hyzyla/pdfium libheif-js && chmod -R a+rX,go-w /packages
COPY scripts/build.ts scripts/
COPY src/ src/
RUN node scripts/build.ts --metafile /tmp/meta.json
COPY views/ /program/views/
COPY public/ /program/public/
COPY image/copy-browser-libraries.ts image/
RUN node image/copy-browser-libraries.ts . /program/public
# What of npm is in the image, by the lockfile: the bundles, the packages beside them, and what browsers load.
COPY image/sbom.ts image/
RUN npm sbom --package-lock-only --sbom-format=cyclonedx > /tmp/npm.json \
  && node image/sbom.ts packages /tmp/npm.json /tmp/meta.json /packages \
    $(node image/copy-browser-libraries.ts . --packages) > /packages.json
COPY image/start.sh image/health.mjs package.json LICENSE /program/
COPY image/words/product /program/words/
RUN cp -r dist /program/ && chmod 755 /program/start.sh && chmod -R a+rX,go-w /program

# What cold starts compile, compiled beforehand. Node keeps it by user: here root; the image's user and Lambda's get links.
FROM base AS compiled
COPY --from=program /packages/ /paperlift/
COPY --from=program /program/ /paperlift/
COPY image/warm-up.mjs /paperlift/
RUN export NODE_COMPILE_CACHE=/paperlift/compile-cache \
  && node /paperlift/warm-up.mjs lambda /health/live / /auth/login \
  && node /paperlift/warm-up.mjs lambda-worker \
  && node /paperlift/warm-up.mjs lambda-pre-token \
  && cd $NODE_COMPILE_CACHE \
  && for cache in *-0; do for user in 993 10001; do ln -s $cache ${cache%0}$user; done; done \
  && chmod -R a+rX,go-w .

# AWS's runtime interface client has no prebuilt binary: it is compiled here, and the few files that run are taken out.
FROM base AS runtime-interface-client
RUN apt-get update \
  && apt-get install -y --no-install-recommends cmake g++ make python3 xz-utils \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY image/runtime-interface-client/ ./
RUN npm_config_nodedir=/usr/local npm ci --no-audit --no-fund \
  && mkdir /client \
  && cd node_modules/aws-lambda-ric \
  && cp index.mjs package.json rapid-client.node LICENSE NOTICE THIRD-PARTY-LICENSES /client/ \
  && chmod -R a+rX,go-w /client
COPY image/sbom.ts /sbom/
RUN npm sbom --package-lock-only --sbom-format=cyclonedx > /sbom/npm.json \
  && node /sbom/sbom.ts packages /sbom/npm.json - node_modules/aws-lambda-ric > /sbom/packages.json

# What stands in on one machine: its sources run as they are, beside the packages that they need.
FROM dependencies AS stand-ins
COPY image/copy-packages.ts image/
COPY image/local-packages ./image/
# ONNX Runtime brings its library for every platform, and Tesseract's languages come in two precisions: one of each is read.
RUN node image/copy-packages.ts . /packages $(cat image/local-packages) \
  && cd /packages/node_modules \
  && find onnxruntime-node/bin/*/* -maxdepth 1 -mindepth 1 ! -path "*/linux/$(node -p process.arch)" -exec rm -rf {} + \
  && rm -rf @tesseract.js-data/*/4.0.0 \
  && chmod -R a+rX,go-w /packages
COPY image/sbom.ts image/
RUN npm sbom --package-lock-only --sbom-format=cyclonedx > /tmp/npm.json \
  && node image/sbom.ts packages /tmp/npm.json - /packages > /packages.json
COPY src/ /program/src/
COPY image/words/local /program/words/
RUN chmod -R a+rX,go-w /program

FROM base AS system
# Chromium's packages bring drivers for graphics cards and a compiler for their shaders, which nothing loads that only prints
# (docs/decisions/0018): these files are left out, the packages stay known to dpkg and so to vulnerability scanners.
COPY image/dpkg-excludes /etc/dpkg/dpkg.cfg.d/paperlift
# The index of fonts saves 0.2 seconds of each browser's start. It holds the folders' times; layers keep only whole seconds.
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    chromium-headless-shell \
    fontconfig \
    fonts-noto-cjk \
    fonts-noto-color-emoji \
    fonts-noto-core \
    tini \
  && find /usr/share/fonts -type d -exec touch --date='2026-01-01 00:00:00Z' {} + \
  && fc-cache --force --system-only \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/* \
  && groupadd --gid 10001 paperlift \
  && useradd --uid 10001 --gid 10001 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin paperlift

# The bills of materials (docs/image.md): what npm, Debian and the base bring.
FROM system AS bills
ARG VERSION=0.1.0
COPY image/sbom.ts package.json /bills/
COPY --from=program /packages.json /bills/
COPY --from=runtime-interface-client /sbom/packages.json /bills/client.json
RUN cd /bills && node sbom.ts image "$VERSION" packages.json client.json > sbom.cdx.json

FROM bills AS local-bills
ARG VERSION=0.1.0
COPY --from=stand-ins /packages.json /bills/stand-ins.json
RUN cd /bills && node sbom.ts image "$VERSION" packages.json client.json stand-ins.json > sbom.cdx.json

FROM system AS product
COPY --from=runtime-interface-client /client/ /paperlift/runtime-interface-client/
COPY --from=program /packages/ /paperlift/
COPY --from=program /program/ /paperlift/
COPY --from=compiled /paperlift/compile-cache/ /paperlift/compile-cache/
COPY --from=bills /bills/sbom.cdx.json /paperlift/
# Nothing but /tmp is ever written to: Lambda allows no other place, and elsewhere the root file system may be read-only.
ENV NODE_ENV=production \
  NODE_COMPILE_CACHE=/paperlift/compile-cache \
  HOME=/tmp \
  CHROMIUM_PATH=/usr/lib/chromium/chromium-headless-shell \
  WORKER_HEARTBEAT_FILE=/tmp/paperlift-worker.heartbeat
WORKDIR /paperlift
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 CMD ["node", "/paperlift/health.mjs"]
ENTRYPOINT ["/paperlift/start.sh"]
CMD ["web"]
ARG BASE_IMAGE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Paperlift" \
  org.opencontainers.image.description="Turns paper into searchable, reviewed documents behind a company's single sign-on." \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.base.name="${BASE_IMAGE}"

FROM product AS local
COPY --from=stand-ins /packages/ /paperlift/
COPY --from=stand-ins /program/ /paperlift/
COPY --from=local-bills /bills/sbom.cdx.json /paperlift/
# A new volume takes the owner of the folder that it is mounted on.
USER root
RUN install -d -o 10001 -g 10001 /data /shared
USER 10001:10001
LABEL org.opencontainers.image.title="Paperlift with its stand-ins"

# What is last is the default.
FROM product
