"""
The shipped docker-compose.yaml matches the local stack's settings and commands, which are tested.

No container engine runs here, so the file is read as Compose would read it.
"""

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from local.environment import (
    COMPONENTS,
    INITIALIZE,
    OFF_PEAK,
    Deployment,
    sandbox_command,
    sandbox_settings,
    settings,
)
from local.stack import PARALLELISM

PROJECT = Path(__file__).resolve().parents[2]

COMPOSE = Deployment(
    executor="CeleryExecutor",
    parallelism=PARALLELISM,
    queued_timeout=600,  # a task may wait for a slot while a worker is down
    project="/opt/cdp",
    state="/opt/cdp/state",
    server="postgres:POSTGRES_PASSWORD@postgres:5432",
    ui_host="0.0.0.0",  # inside the container; published on loopback only
    ui_port=8080,
    ui_url="http://localhost:8080",
    api_url="http://api-server:8080",
    parse_interval=30,
    off_peak=OFF_PEAK,
    hook_url="http://api-server:8080/cdp/hook",
    sandbox_url="http://sandbox:8085",
    task_log_port=8793,
    triggerer_log_port=8794,
    scheduler_health_port=8974,
    admin_user="admin",
    admin_password="CDP_ADMIN_PASSWORD",
    fernet_key="AIRFLOW_FERNET_KEY",
    jwt_secret="AIRFLOW_JWT_SECRET",
    api_secret_key="AIRFLOW_API_SECRET_KEY",
)
"""All settings that may differ from the local stack, with the values of .env.example; each secret is its name."""

ONLY_IN_COMPOSE = {
    "AIRFLOW__CELERY__BROKER_URL": "redis://redis:6379/0",
    "AIRFLOW__CELERY__RESULT_BACKEND": "db+postgresql+psycopg2://postgres:POSTGRES_PASSWORD@postgres:5432/airflow",
    "AIRFLOW__CELERY__WORKER_CONCURRENCY": str(PARALLELISM // 2),  # for each of the two workers
}

SECRETS = [
    "POSTGRES_PASSWORD", "AIRFLOW_FERNET_KEY", "AIRFLOW_JWT_SECRET", "AIRFLOW_API_SECRET_KEY", "CDP_ADMIN_PASSWORD",
]  # fmt: skip

AIRFLOW = [*COMPONENTS, "init", "worker"]
"""Services that run the image of Airflow and the package."""

OURS = [*AIRFLOW, "sandbox"]

VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::(?P<how>[-?])(?P<text>[^}]*))?\}")

SERVICE_KEYS = {
    "build", "command", "depends_on", "deploy", "environment", "healthcheck", "image", "init", "ports", "profiles",
    "restart", "stop_grace_period", "volumes",
}  # fmt: skip


def example() -> dict[str, str]:
    lines = (PROJECT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def filled_in() -> dict[str, str]:
    return example() | {secret: secret for secret in SECRETS}


def interpolate(value, env):
    """Apply Compose's rules for ``${NAME}``, ``${NAME:-default}``, ``${NAME:?error}`` and ``$$``."""
    if isinstance(value, dict):
        return {key: interpolate(item, env) for key, item in value.items()}
    if isinstance(value, list):
        return [interpolate(item, env) for item in value]
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        present = env.get(match["name"], "")
        if not present and match["how"] == "?":
            raise KeyError(match["name"], match["text"])
        return present or (match["text"] or "" if match["how"] == "-" else "")

    return VARIABLE.sub(replace, value)


@pytest.fixture(scope="module")
def compose():
    return interpolate(yaml.safe_load((PROJECT / "docker-compose.yaml").read_text()), filled_in())


@pytest.mark.parametrize("service", AIRFLOW)
def test_the_environment_is_the_local_stacks(compose, service):
    assert compose["services"][service]["environment"] == settings(COMPOSE) | ONLY_IN_COMPOSE


def test_the_sandboxs_environment_is_the_local_stacks_without_a_secret(compose):
    assert compose["services"]["sandbox"]["environment"] == sandbox_settings("/opt/cdp")


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_is_started_by_the_local_stacks_command(compose, component):
    assert compose["services"][component]["command"] == COMPONENTS[component]


def test_init_and_the_sandbox_are_started_by_the_local_stacks_commands(compose):
    assert compose["services"]["init"]["command"] == INITIALIZE
    assert compose["services"]["sandbox"]["command"] == sandbox_command("0.0.0.0", 8085)


def test_the_services_are_exactly_these(compose):
    assert set(compose["services"]) == {*OURS, "postgres", "redis"}


def test_there_are_two_workers(compose):
    assert compose["services"]["worker"]["deploy"]["replicas"] == 2
    assert compose["services"]["worker"]["command"] == ["airflow", "celery", "worker"]


def test_every_service_that_keeps_running_has_a_health_check(compose):
    without = {name for name, service in compose["services"].items() if "healthcheck" not in service}

    assert without == {"init"}


def test_the_sandbox_runs_only_where_it_is_asked_for(compose):
    assert {name: s["profiles"] for name, s in compose["services"].items() if "profiles" in s} == {
        "sandbox": ["sandbox"]
    }


def test_nothing_starts_before_what_it_needs(compose):
    services = compose["services"]
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            assert needed in services, f"{name} waits for {needed}, which does not exist"
            if how["condition"] == "service_healthy":
                assert "healthcheck" in services[needed], f"{name} waits for the health of {needed}, which has no check"
    for name in (*COMPONENTS, "worker"):
        assert services[name]["depends_on"]["init"] == {"condition": "service_completed_successfully"}


def test_only_the_ui_is_published_and_only_on_loopback(compose):
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}

    assert published == {"api-server": ["127.0.0.1:8080:8080"]}


def test_services_have_no_misspelt_key_and_volumes_exist(compose):
    for name, service in compose["services"].items():
        assert set(service) <= SERVICE_KEYS, name
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in compose["volumes"], name
        for key, value in service.get("environment", {}).items():
            assert isinstance(value, str), f"{name}: {key} must be a string, or YAML decides what it is"


def test_every_variable_is_in_the_example_and_every_one_of_the_example_is_used():
    used = {match["name"] for match in VARIABLE.finditer((PROJECT / "docker-compose.yaml").read_text())}

    assert used - {None} == set(example()) - {"COMPOSE_PROFILES"}


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_left_as_the_example_has_it_is_refused_with_a_sentence(secret):
    text = yaml.safe_load((PROJECT / "docker-compose.yaml").read_text())

    with pytest.raises(KeyError, match=rf"{secret}.*fill it in, in \.env"):
        interpolate(text, filled_in() | {secret: example()[secret]})


LOCKS = {"requirements/local.lock", "requirements/dev.lock"}
SHIPPED = {"dags", "plugins", "include/sql"}


def copied() -> dict[str, set[str]]:
    """Return the project's files in each stage of the Dockerfile, with those of its base; the default is last."""
    stages: dict[str, set[str]] = {}
    for line in (PROJECT / "Dockerfile").read_text().splitlines():
        if begun := re.fullmatch(r"FROM (\S+) AS (\S+)", line):
            name = begun[2]
            stages[name] = set(stages.get(begun[1], ()))
        elif copy := re.fullmatch(r"COPY (?:--\S+ )*(.+) \S+", line):
            stages[name] |= {source.rstrip("/") for source in copy[1].split()}
    return stages


def test_the_default_image_holds_the_package_and_neither_sandbox_nor_laptop():
    assert list(copied())[-1] == "airflow"
    assert copied()["airflow"] == SHIPPED | LOCKS


def test_the_sandboxs_image_holds_the_sandbox_besides():
    assert copied()["sandbox"] == SHIPPED | LOCKS | {"include/vtex_sandbox"}


def test_what_the_images_copy_exists_and_is_not_ignored():
    sources = set().union(*copied().values())
    allowed = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert sources == allowed
    assert [source for source in sources if not (PROJECT / source).exists()] == []


def test_only_the_sandbox_is_built_with_the_sandbox(compose):
    services = compose["services"]

    assert {services[name]["build"]["target"] for name in AIRFLOW} == {"airflow"}
    assert services["sandbox"]["build"]["target"] == "sandbox"
    assert services["sandbox"]["image"] not in {services[name]["image"] for name in AIRFLOW}


def test_the_image_installs_the_uv_that_make_up_installs():
    from local.bootstrap import UV

    assert f"pip install --no-cache-dir {UV} " in (PROJECT / "Dockerfile").read_text()


def modules(service) -> set[str]:
    """Find the modules that a service and its health check run."""
    commands = [service.get("command", []), service.get("healthcheck", {}).get("test", [])]
    return {following for command in commands for word, following in pairwise(command) if word == "-m"}


def test_nothing_of_the_laptop_runs_in_a_container(compose):
    ours = [compose["services"][name] for name in OURS]
    folders = {folder for service in ours for folder in service["environment"]["PYTHONPATH"].split(":")}

    assert {module.partition(".")[0] for service in ours for module in modules(service)} == {"cdp_sync", "vtex_sandbox"}
    assert [folder for folder in folders if "local" in folder] == []


@pytest.fixture
def image(tmp_path, compose):
    """A function that runs Python with a service's folders: only those in its image, and its PYTHONPATH."""

    def run(name: str, code: str) -> None:
        service = compose["services"][name]
        for source in copied()[service["build"]["target"]]:
            (tmp_path / source).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / source).symlink_to(PROJECT / source)
        path = service["environment"]["PYTHONPATH"].replace("/opt/cdp", str(tmp_path))
        assert all(Path(folder).is_dir() for folder in path.split(":")), path
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "AIRFLOW_HOME": os.environ["AIRFLOW_HOME"]}
        command = [sys.executable, "-c", code, "--help"]  # a module that runs when imported must not start serving
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    return run


@pytest.mark.parametrize("service", [*COMPONENTS, "init", "sandbox"])
def test_a_container_can_import_the_modules_it_runs(compose, image, service):
    names = modules(compose["services"][service])

    assert names
    image(service, f"import runpy\nfor name in {sorted(names)}: runpy.run_module(name, run_name='imported')")


def test_a_container_preloads_what_tasks_load(image):
    image("worker", "import airflow_local_settings")


def test_the_image_holds_the_sql_that_init_runs(image):
    image("init", "from cdp_sync.sql_files import sql; sql('tenants/seed_sandbox')")
