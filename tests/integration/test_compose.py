"""docker-compose.yml and the Dockerfile, checked without Docker: what they name exists, and fits together."""

import re
import subprocess
import sys
import tomllib
from functools import cache
from typing import Any

import pytest

from db.settings import Settings
from overthink.stack.postgres import LOCALE
from scaling.spec import yaml12
from tests.conftest import CHECKOUT
from worker.registry import Registry

OWN_SERVICES = ("migrate", "reconciler", "worker", "dashboard")


@cache
def services() -> dict[str, dict[str, Any]]:
    compose = yaml12.load((CHECKOUT / "docker-compose.yml").read_text())
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text())


def default(text: str) -> str:
    """The text as Compose reads it when no variable is set: "${NAME:-this}" is "this"."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def test_every_part_of_the_service_is_there() -> None:
    assert set(services()) == {"postgres", "redis", "vllm", *OWN_SERVICES}


@pytest.mark.parametrize("name", OWN_SERVICES)
def test_its_command_is_one_of_ours_with_options_that_it_has(name: str) -> None:
    command, *arguments = services()[name]["command"]
    shown = subprocess.run(
        [sys.executable, "-m", "overthink", command, "--help"], cwd=CHECKOUT, capture_output=True, text=True
    )
    assert shown.returncode == 0, shown.stderr
    for option in (argument for argument in arguments if argument.startswith("--")):
        assert option in shown.stdout


@pytest.mark.parametrize("name", OWN_SERVICES)
def test_its_environment_holds_settings_that_exist(name: str) -> None:
    settings = {f"OVERTHINK_{field.upper()}" for field in Settings.model_fields}
    environment = services()[name]["environment"]
    assert {variable for variable in environment if variable.startswith("OVERTHINK_")} <= settings
    assert {"OVERTHINK_DATABASE_URL", "OVERTHINK_REDIS_URL", "OVERTHINK_MODELS"} <= set(environment)


def test_addresses_name_services_and_the_password_is_postgresqls() -> None:
    environment = {name: default(value) for name, value in services()["worker"]["environment"].items()}
    postgres = {name: default(value) for name, value in services()["postgres"]["environment"].items()}
    user, password, database = (postgres[f"POSTGRES_{name}"] for name in ("USER", "PASSWORD", "DB"))
    assert environment["OVERTHINK_DATABASE_URL"] == f"postgresql://{user}:{password}@postgres:5432/{database}"
    assert environment["OVERTHINK_REDIS_URL"] == "redis://redis:6379/0"


def test_texts_sort_as_in_the_embedded_postgresql() -> None:
    assert services()["postgres"]["environment"]["POSTGRES_INITDB_ARGS"].split() == list(LOCALE)


def test_what_others_wait_for_can_come_about() -> None:
    for name, service in services().items():
        for needed, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in services()[needed], f"{name} waits for {needed}, whose health nobody checks"
            else:
                assert wait["condition"] == "service_completed_successfully"
                assert services()[needed]["restart"] == "no", f"{name} waits for the end of {needed}"


def test_all_but_migrate_wait_for_the_migration() -> None:
    for name in set(OWN_SERVICES) - {"migrate"}:
        assert "migrate" in services()[name]["depends_on"]


def test_the_registry_names_the_server_and_the_model_that_it_serves() -> None:
    mounts = [default(volume).split(":") for volume in services()["worker"]["volumes"]]
    source = next(
        source for source, target, _ in mounts if target == services()["worker"]["environment"]["OVERTHINK_MODELS"]
    )
    (model,) = Registry.load(CHECKOUT / source).models.values()
    command = [default(word) for word in services()["vllm"]["command"]]
    assert model.served_as == command[command.index("--model") + 1]
    assert model.endpoint == "http://vllm:8000"


def test_vllm_is_the_version_that_the_gpu_extra_pins() -> None:
    (pinned,) = project()["project"]["optional-dependencies"]["gpu"]
    assert services()["vllm"]["image"] == f"vllm/vllm-openai:v{pinned.removeprefix('vllm==')}"


def test_the_image_holds_every_package() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", (CHECKOUT / "Dockerfile").read_text(), re.M)
    sources = {source for line in copied for source in line.split()}
    assert sources >= {"pyproject.toml", project()["project"]["readme"]}
    assert sources >= set(project()["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert all((CHECKOUT / source).exists() for source in sources)
