# syntax=docker/dockerfile:1
# What examples/java-service/cofferdam.yaml asks for, as a careful hand writes it: Maven's repository in a cache mount, the
# archive taken apart into layers, a runtime by jlink as the JDK's image recommends, on a slim image.
FROM maven:3.9-eclipse-temurin-21 AS build
WORKDIR /work
RUN --mount=type=bind,target=.,rw --mount=type=cache,id=bench-maven,target=/root/.m2 \
    mvn --batch-mode --quiet -DskipTests package && \
    java -Djarmode=tools -jar target/harbour-1.0.0.jar extract --layers --launcher --destination /out

FROM maven:3.9-eclipse-temurin-21 AS runtime
RUN jlink --add-modules java.se,jdk.crypto.ec,jdk.unsupported,jdk.management --strip-java-debug-attributes --no-header-files \
    --no-man-pages --output /jre

FROM debian:trixie-slim
COPY --from=runtime /jre /opt/java
WORKDIR /app
COPY --from=build /out/dependencies/ /out/spring-boot-loader/ /out/snapshot-dependencies/ ./
COPY --from=build /out/application/ ./
ENV PATH=/opt/java/bin:$PATH
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["java", "org.springframework.boot.loader.launch.JarLauncher"]
