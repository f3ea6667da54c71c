"""The wheel in an environment that has nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WHEEL = Path(os.environ["WHEEL"])
CLEAN = Path(os.environ["CLEAN"])
MEGABYTE = 1_000_000


def run(*command: str | Path, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a command with the clean environment first on the path."""
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment |= {"PATH": f"{CLEAN / 'bin'}:{os.environ['PATH']}", "NO_COLOR": "1", **variables}
    return subprocess.run([str(word) for word in command], cwd=cwd, env=environment, capture_output=True, text=True)


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """The example service as a git repository, with one change that is staged: a query without its limit."""
    folder = tmp_path / "service"
    shutil.copytree(ROOT / "examples/assessment", folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "first", "--no-verify"]):
        assert run(*git, *arguments, cwd=folder).returncode == 0
    return folder


def break_something(service: Path) -> None:
    """Adds a route that is never reached."""
    with (service / "app/api/v1/users.py").open("a") as file:
        file.write('\n\n@router.get("/all")\ndef read_everybody() -> list[int]:\n    """Returns nobody."""\n    return []\n')
    assert run("git", "add", "-A", cwd=service).returncode == 0


def test_the_wheel_is_small_and_says_what_it_is() -> None:
    assert WHEEL.stat().st_size < 20 * MEGABYTE
    with zipfile.ZipFile(WHEEL) as wheel:
        names = wheel.namelist()
        metadata = next(wheel.read(name).decode() for name in names if name.endswith("/METADATA"))
    for line in ("Name: fastapi-architect", "License-Expression: MIT OR Apache-2.0", "Requires-Python: >=3.9"):
        assert f"\n{line}\n" in metadata
    assert "Requires-Dist" not in metadata
    assert sum("/licenses/" in name for name in names) == 2


@pytest.mark.parametrize("command", [["fastapi-architect"], ["python", "-m", "fastapi_architect"]])
def test_a_review_runs(command: list[str]) -> None:
    program = [CLEAN / "bin" / command[0], *command[1:]]
    review = run(*program, "review", "examples/assessment", "--format", "json")
    assert review.returncode == 1, review.stderr
    assert {finding["rule"] for finding in json.loads(review.stdout)["findings"]} >= {"route-shadowed", "auth-gap"}
    refused = run(*program, "review", "no/such/folder")
    assert (refused.returncode, refused.stdout) == (2, "")


def test_manual_pages_and_completions_are_installed() -> None:
    share = CLEAN / "share"
    assert ".TH fastapi-architect-review 1" in (share / "man/man1/fastapi-architect-review.1").read_text()
    for path in (
        "bash-completion/completions/fastapi-architect",
        "fish/vendor_completions.d/fastapi-architect.fish",
        "zsh/site-functions/_fastapi-architect",
    ):
        assert "write-baseline" in (share / path).read_text()
    script = share / "bash-completion/completions/fastapi-architect"
    words = "COMP_WORDS=(fastapi-architect conv); COMP_CWORD=1"
    line = f'source "{script}"; {words}; _fastapi__architect fastapi-architect conv fastapi-architect; echo "${{COMPREPLY[@]}}"'
    assert run("bash", "-c", line).stdout.split() == ["conventions"]


def test_the_hook_says_what_a_commit_causes(service: Path, tmp_path: Path) -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert hooks["fastapi-architect"]["entry"] == hooks["fastapi-architect-system"]["entry"]
    # A repository of hooks with nothing else in it: cloning this one would take its history along.
    hook_repository = tmp_path / "hooks"
    hook_repository.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hook_repository)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "hooks", "--no-verify"]):
        assert run(*git, *arguments, cwd=hook_repository).returncode == 0
    tool = shutil.which("pre-commit", path=str(Path(os.sys.executable).parent))
    assert tool
    hook = [tool, "try-repo", str(hook_repository), "fastapi-architect-system", "--verbose", "--all-files"]
    home = str(tmp_path / "pre-commit")

    clean = run(*hook, cwd=service, PRE_COMMIT_HOME=home)
    assert clean.returncode == 0, clean.stdout + clean.stderr
    break_something(service)
    caused = run(*hook, cwd=service, PRE_COMMIT_HOME=home)
    assert caused.returncode == 1, caused.stdout + caused.stderr
    assert "app/api/v1/users.py" in caused.stdout and "route-shadowed" in caused.stdout
    assert "app/api/v1/questions.py" not in caused.stdout


def test_the_action_annotates_what_a_pull_request_causes(service: Path, tmp_path: Path) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    assert action["runs"]["using"] == "composite"
    given = {"project": str(service), "since": "main", "arguments": "--min-severity 'warning'", "package": str(WHEEL)}
    assert set(given) == set(action["inputs"])
    runner = tmp_path / "runner"
    runner.mkdir()

    def steps() -> subprocess.CompletedProcess[str]:
        files = {"GITHUB_OUTPUT": str(runner / "output"), "GITHUB_STEP_SUMMARY": str(runner / "summary")}
        for step in action["runs"]["steps"]:
            assert step["shell"] == "bash"
            variables = {
                name: given[value.removeprefix("${{ inputs.").removesuffix(" }}")] for name, value in step["env"].items()
            }
            script = runner / f"{step['id']}.sh"
            script.write_text(step["run"])
            # As GitHub starts them.
            done = run(
                "bash", "--noprofile", "--norc", "-eo", "pipefail", script,
                cwd=service, RUNNER_TEMP=str(runner), PIP_NO_INDEX="1", **files, **variables,
            )
            if done.returncode != 0:
                return done
        return done

    clean = steps()
    assert (clean.returncode, clean.stdout) == (0, ""), clean.stderr
    break_something(service)
    caused = steps()
    assert caused.returncode == 1, caused.stderr
    lines = caused.stdout.splitlines()
    assert len(lines) == 1 and lines[0].startswith("::error title=fastapi-architect (route-shadowed),file=app/api/v1/users.py")
    output = dict(line.split("=", 1) for line in (runner / "output").read_text().splitlines())
    assert action["outputs"]["sarif"]["value"] == "${{ steps.review.outputs.sarif }}"
    results = json.loads(Path(output["sarif"]).read_text())["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["route-shadowed"]
    assert "route-shadowed" in (runner / "summary").read_text()

    given["since"] = "no-such-revision"
    refused = steps()
    assert refused.returncode == 2 and "no-such-revision" in refused.stderr
