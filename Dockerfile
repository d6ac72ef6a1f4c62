# Two stages: the first installs, the second has the result and nothing to build with. What does not
# compile in the libraries is written for another Python, and nothing imports it.
FROM python:3.12-slim-bookworm AS installed
# Or cuda: the build of torch for NVIDIA GPUs, which is several times as large.
ARG TORCH=cpu
COPY requirements.txt requirements-cpu.txt requirements.lock ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --no-compile -r requirements.lock \
    && if [ "$TORCH" = cpu ]; then \
        /opt/venv/bin/pip install --no-cache-dir --no-compile -r requirements-cpu.txt; \
    fi \
    && /opt/venv/bin/pip install --no-cache-dir --no-compile -r requirements.txt \
    && rm -rf /opt/venv/lib/python3.*/site-packages/pip* \
    && { /opt/venv/bin/python -m compileall -q -j 0 /opt/venv/lib || true; }

FROM python:3.12-slim-bookworm
COPY --from=installed /opt/venv /opt/venv
WORKDIR /opt/orrery
COPY LICENSE app.py ./
COPY analysis analysis
COPY checkpoints checkpoints
COPY components components
COPY inference inference
COPY learning learning
COPY models models
COPY web web
RUN /opt/venv/bin/python -m compileall -q .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    ORRERY_HOST=0.0.0.0 \
    ORRERY_PORT=7860
EXPOSE 7860
USER 10001:10001
# Its own address, so past any proxy that the environment names.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", \
    "from http.client import HTTPConnection as C; c = C('127.0.0.1', 7860, timeout=4); c.request('GET', '/healthz'); exit(c.getresponse().status != 200)"]
ENTRYPOINT ["python", "app.py"]
