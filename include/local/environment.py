"""
Environment and commands of Airflow and the package, wherever they run.

The local stack and ``docker-compose.yaml`` are two values of :class:`Deployment`; everything else is
the same, and a test holds compose to it.
"""

from __future__ import annotations

from dataclasses import dataclass

from cdp_sync.sync_types import SYNC_TYPES

METADATA_DATABASE = "airflow"
WAREHOUSE_DATABASE = "cdp"
OFF_PEAK = "20:00-07:00"

COMPONENTS = {
    "api-server": ["airflow", "api-server"],
    "scheduler": ["airflow", "scheduler"],
    "dag-processor": ["airflow", "dag-processor"],
    "triggerer": ["airflow", "triggerer"],
}
"""Airflow's processes, with the command of each."""

INITIALIZE = ["python", "-m", "cdp_sync.deployment.initialize"]
"""One-time command before they start: databases, migrations, tenants, connections, pools."""


def sandbox_command(host: str, port: int) -> list[str]:
    """Return the command of the VTEX sandbox: eleven shops, answers after 120 ms."""
    return [
        "python", "-m", "vtex_sandbox", "--host", host, "--port", str(port),
        "--latency-ms", "120", "--seed", "7", "--scenario", "local",
    ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """
    Settings that differ between deployments.

    :param project: folder that holds ``dags/``, ``plugins/`` and ``include/``.
    :param state: folder that all components share and write to.
    :param server: ``user:password@host:port`` of PostgreSQL.
    :param ui_url: address of the UI for people.
    :param api_url: address of the API server for tasks.
    :param queued_timeout: seconds after which a task that its executor has not started is queued again.
    :param parse_interval: seconds between two looks at the DAG files; a new tenant's DAG may take as long to appear.
    :param off_peak: hours in which history may be synced, such as ``20:00-07:00``.
    :param hook_url: address of the hook endpoint for VTEX or its sandbox; empty if they cannot reach it.
    :param sandbox_url: address of the VTEX sandbox for tasks; empty if there is none.
    """

    executor: str
    parallelism: int
    queued_timeout: int
    project: str
    state: str
    server: str
    ui_host: str
    ui_port: int
    ui_url: str
    api_url: str
    parse_interval: int
    off_peak: str
    hook_url: str
    sandbox_url: str
    task_log_port: int
    triggerer_log_port: int
    scheduler_health_port: int
    admin_user: str
    admin_password: str
    fernet_key: str
    jwt_secret: str
    api_secret_key: str


def settings(deployment: Deployment) -> dict[str, str]:
    """Return the environment of Airflow's components, and of what runs before them."""
    d = deployment
    return {
        "AIRFLOW_HOME": f"{d.state}/airflow",
        "PYTHONPATH": f"{d.project}/plugins:{d.project}/plugins/cdp_sync/deployment/preload",
        "AIRFLOW__CORE__DAGS_FOLDER": f"{d.project}/dags",
        "AIRFLOW__CORE__PLUGINS_FOLDER": f"{d.project}/plugins",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": d.executor,
        "AIRFLOW__CORE__PARALLELISM": str(d.parallelism),
        # A full refresh maps a window for each tenant; Airflow's default limit is 1024.
        "AIRFLOW__CORE__MAX_MAP_LENGTH": "5000",
        "AIRFLOW__CORE__FERNET_KEY": d.fernet_key,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{d.api_url}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{d.admin_user}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": f"{d.state}/passwords.json",
        # The driver is named: the default driver of postgresql:// changed between SQLAlchemy 2.0 and 2.1.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{d.server}/{METADATA_DATABASE}",
        "AIRFLOW__API__HOST": d.ui_host,
        "AIRFLOW__API__PORT": str(d.ui_port),
        "AIRFLOW__API__BASE_URL": d.ui_url,
        "AIRFLOW__API__WORKERS": "1",
        # Else the UI cuts a log's lines at the window's edge, and the remedy is at the end.
        "AIRFLOW__API__DEFAULT_WRAP": "True",
        "AIRFLOW__API__SECRET_KEY": d.api_secret_key,
        "AIRFLOW__API_AUTH__JWT_SECRET": d.jwt_secret,
        # The scheduler's pause between two loops is the gap between two tasks: 1 s by default, 0.1 s here.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "True",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": d.ui_host,
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(d.scheduler_health_port),
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": str(d.queued_timeout),
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "10",
        # A supervisor that misses its task's exit holds the slot for one heartbeat: 5 s by default.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": str(d.parse_interval),
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(d.task_log_port),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(d.triggerer_log_port),
        "CDP_WAREHOUSE_DSN": f"postgresql://{d.server}/{WAREHOUSE_DATABASE}",
        "CDP_LANDING_URL": f"file://{d.state}/landing",
        "CDP_POOLS": ",".join(SYNC_TYPES),
        "CDP_OFF_PEAK": d.off_peak,
        "CDP_HOOK_URL": d.hook_url,
        "CDP_SANDBOX_URL": d.sandbox_url,
        "CDP_ADMIN_USER": d.admin_user,
        "CDP_ADMIN_PASSWORD": d.admin_password,
    }


def sandbox_settings(project: str) -> dict[str, str]:
    """Return the environment of the VTEX sandbox, without the secrets of the others."""
    return {"PYTHONPATH": f"{project}/plugins:{project}/include"}
