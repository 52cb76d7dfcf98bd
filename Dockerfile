# The image of mesh-ca-issuer: node, the libraries that it loads and one bundled file. No shell, no package manager, and a
# user without rights; the file system may be read-only.
#   docker build -t mesh-ca-issuer .
ARG NODE=node:24.21.0-bookworm-slim

FROM ${NODE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json LICENSE ./
COPY config config
COPY src src
RUN node config/build.ts

# The tree of the image.
RUN set -eu; \
    mkdir -p /image/app /image/etc; \
    cp dist/mesh-ca.cjs dist/LICENSES LICENSE /image/app/; \
    cp --parents -L /usr/local/bin/node $(ldd /usr/local/bin/node | grep -o '/[^ ]*') /image/; \
    echo 'mesh-ca:x:65532:65532::/:/sbin/nologin' > /image/etc/passwd; \
    echo 'mesh-ca:x:65532:' > /image/etc/group; \
    echo 'hosts: files dns' > /image/etc/nsswitch.conf

# The compile cache saves about a quarter of the start. Node finds it by its own version, the path of the file and
# the user, so it is made with those of the image.
RUN cp -r /image/app /app && install -d -o 65532 -g 65532 /app/cache
USER 65532:65532
RUN NODE_COMPILE_CACHE=/app/cache node /app/mesh-ca.cjs --help > /dev/null && test -n "$(find /app/cache -type f)"

FROM scratch
COPY --from=build /image /
COPY --from=build --chown=65532:65532 /app/cache /app/cache
# One arena, as in the bundle's first line.
ENV NODE_COMPILE_CACHE=/app/cache NODE_ENV=production MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=32768
USER 65532:65532
EXPOSE 8080
# The heap flags of the bundle's first line. The controller's memory is bounded by them, not by the limit of its container.
ENTRYPOINT ["/usr/local/bin/node", "--max-old-space-size=64", "--max-semi-space-size=4", "--no-parallel-scavenge", "/app/mesh-ca.cjs"]
CMD ["controller"]
