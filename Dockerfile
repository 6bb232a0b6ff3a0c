# Airflow and the package, with the very versions the local stack and the tests run.
FROM python:3.12-slim-bookworm AS package

RUN useradd --uid 50000 --gid 0 --create-home airflow \
    && install -d -o airflow -g 0 -m 0775 /opt/cdp /opt/cdp/state

COPY requirements/local.lock requirements/dev.lock /tmp/requirements/
# What only a cluster needs comes on top, at the versions (and hashes) dev.lock has tested.
RUN pip install --no-cache-dir uv==0.13.9 \
    && uv venv --quiet /opt/venv \
    && uv pip install --quiet --no-cache --compile-bytecode --python /opt/venv/bin/python \
        --requirement /tmp/requirements/local.lock --constraint /tmp/requirements/dev.lock \
        apache-airflow-providers-celery redis \
    && rm -r /tmp/requirements

ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /opt/cdp
COPY --chown=airflow:0 dags/ dags/
COPY --chown=airflow:0 plugins/ plugins/
COPY --chown=airflow:0 include/sql/ include/sql/
USER airflow

# The pretend VTEX: docker build --target sandbox
FROM package AS sandbox
COPY --chown=airflow:0 include/vtex_sandbox/ include/vtex_sandbox/

# Last, so that it is what `docker build .` makes.
FROM package AS airflow
CMD ["airflow", "version"]
