# One image for migrate, reconciler, worker and dashboard. No model runs in it: vLLM has an image of its own.
FROM python:3.12-slim

RUN pip install --no-cache-dir uv && useradd --create-home overthink
WORKDIR /app
COPY pyproject.toml README.md ./
COPY scaling scaling
COPY db db
COPY results results
COPY worker worker
COPY dashboard dashboard
COPY overthink overthink
COPY demo demo
RUN uv pip install --system --no-cache .
ARG COMMIT=""
ENV OVERTHINK_COMMIT=$COMMIT

USER overthink
WORKDIR /data
ENTRYPOINT ["overthink"]
CMD ["--help"]
