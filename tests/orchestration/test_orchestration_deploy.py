"""The examples of deploy/: what they say is valid, fits together, and runs a night with everything in PostgreSQL."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from dagster._config import process_config, resolve_to_config_type
from dagster_k8s import K8sRunLauncher

DEPLOY = Path(__file__).parents[2] / "deploy"
KUBERNETES = "1.33"
BIN = Path(sys.executable).parent


def read(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / name).read_text("utf-8")))


MANIFESTS = [
    one
    for path in sorted(DEPLOY.glob("kubernetes/*.yaml"))
    if path.name not in ("kustomization.yaml", "dagster.yaml", "workspace.yaml")
    for one in read(f"kubernetes/{path.name}")
]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_every_manifest_is_one_of_kubernetes(manifest: dict[str, Any]) -> None:
    """By the schemas of Kubernetes itself, which refuse fields that they do not know."""
    kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_the_manifests_fit_together() -> None:
    """Secrets, maps, services and accounts that are named are there, and what is applied is every file."""
    named = {(one["kind"], one["metadata"]["name"]) for one in MANIFESTS}
    (kustomization,) = read("kubernetes/kustomization.yaml")
    files = {path.name for path in DEPLOY.glob("kubernetes/*.yaml")} - {"kustomization.yaml"}
    (made,) = kustomization["configMapGenerator"]
    assert {*kustomization["resources"], *made["files"]} == files
    (workspace,) = read("kubernetes/workspace.yaml")
    server = workspace["load_from"][0]["grpc_server"]
    assert ("Service", server["host"]) in named
    (settings,) = read("kubernetes/dagster.yaml")
    launcher = settings["run_launcher"]["config"]
    assert ("ServiceAccount", launcher["service_account_name"]) in named
    assert launcher["instance_config_map"] == made["name"]
    assert launcher["job_namespace"] == kustomization["namespace"]
    for one in (each for each in MANIFESTS if each["kind"] == "Deployment"):
        pod = one["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        assert [each["secretRef"]["name"] for each in container["envFrom"]] == launcher["env_secrets"]
        assert [each["configMap"]["name"] for each in pod["volumes"]] == [made["name"]]


def test_dagster_takes_the_settings_of_its_launcher() -> None:
    """`K8sRunLauncher` checks them by its own description of its settings."""
    (settings,) = read("kubernetes/dagster.yaml")
    config_type = resolve_to_config_type(K8sRunLauncher.config_type())
    checked = process_config(config_type, settings["run_launcher"]["config"])  # type: ignore[arg-type]
    assert checked.success, checked.errors


def test_a_password_is_never_written_down() -> None:
    """Compose asks for it and listens on this machine alone; the example holds none."""
    (compose,) = read("compose.yaml")
    ports = [port for one in compose["services"].values() for port in one.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert "POSTGRES_PASSWORD=\n" in (DEPLOY / "example.env").read_text("utf-8")
    assert compose["services"]["code"]["environment"]["DAGSTER_POSTGRES_URL"].count("${POSTGRES_PASSWORD") == 1
