"""Cost of the plugin in processes that do not serve it."""

import os
import subprocess
import sys
from pathlib import Path

PLUGINS = Path(__file__).parents[2] / "plugins"


def test_importing_the_plugin_imports_neither_the_web_framework_nor_the_database_driver():
    code = (
        "import sys; import airflow.plugins_manager; before = set(sys.modules); import cdp_plugin; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "assert new == {'airflow', 'cdp_plugin', 'cdp_sync'}, new; "
        "assert not {'fastapi', 'starlette', 'psycopg'} & set(sys.modules); "
        "(app,) = cdp_plugin.CdpPlugin.fastapi_apps; "
        "assert app['url_prefix'] == '/cdp/hook' and app['name'] and callable(app['app'])"
    )

    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(PLUGINS)})


def test_airflow_looks_for_plugins_in_that_file_only():
    code = (
        "from airflow.utils.file import find_path_from_directory; "
        f"print([p for p in find_path_from_directory({str(PLUGINS)!r}, '.airflowignore', 'glob') if p.endswith('.py')])"
    )

    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=os.environ)

    assert found.stdout.splitlines()[-1] == str([str(PLUGINS / "cdp_plugin.py")])
