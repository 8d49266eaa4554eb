"""Who may release on ECS and what a release does: the template, the workflows and CodeBuild's file."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from tests.deploy.stack_values import Stack
from tests.deploy.test_ecs_service import REGISTRY
from tests.deploy.test_ecs_service import stack as service_stack
from tests.deploy.test_templates import Document, statements
from tests.live import REPOSITORY

ECS = REPOSITORY / "deploy" / "ecs"
PIPELINE = ECS / "pipeline.yaml"
WORKFLOWS = {path.stem: path for path in (REPOSITORY / ".github" / "workflows").glob("*.yml")}

SUBJECT = "repo:octo@123/sentigrade@456"
SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key-Ab12Cd"  # noqa: S105 - where one would lie
CONNECTION = "arn:aws:codeconnections:eu-central-1:123456789012:connection/0a1b"
URL = "https://grades.example.org"


def stack(**parameters: str) -> Stack:
    return Stack(PIPELINE, Url=URL, **parameters)


@pytest.fixture(scope="module")
def full() -> Stack:
    """A workflow and a project, with all that may be left out."""
    repository = "https://github.com/octo/sentigrade"
    return stack(GitHubSubject=SUBJECT, RepositoryUrl=repository, ConnectionArn=CONNECTION, ApiKeySecret=SECRET)


@pytest.fixture(scope="module")
def release() -> Document:
    """The job that releases."""
    job: Document = yaml.safe_load(WORKFLOWS["deploy-ecs"].read_text())["jobs"]["release"]
    return job


@pytest.fixture(scope="module")
def buildspec() -> Document:
    read: Document = yaml.safe_load((REPOSITORY / "buildspec.yml").read_text())
    return read


def test_only_the_environment_of_the_repository_becomes_the_role(full: Stack, release: Document) -> None:
    (trust,) = full.resources["WorkflowRole"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trust["Principal"] == {"Federated": "Provider.Arn"}
    assert trust["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": f"{SUBJECT}:environment:{release['environment']}",
        }
    }
    assert full.resources["Provider"]["ClientIdList"] == ["sts.amazonaws.com"]


def test_a_provider_that_is_there_already_is_used() -> None:
    there = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    resources = stack(GitHubSubject=SUBJECT, GitHubProviderArn=there).resources
    (trust,) = resources["WorkflowRole"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Federated": there}
    assert "Provider" not in resources


def test_nobody_gets_a_role_who_was_not_named() -> None:
    assert set(stack().resources) == {"Release"}
    assert set(stack(GitHubSubject=SUBJECT).resources) == {"Release", "Provider", "WorkflowRole"}


@pytest.mark.parametrize(
    ("subject", "accepted"),
    [
        (SUBJECT, True),
        ("repo:octo/sentigrade", True),
        ("repo:octo/*", False),
        ("repo:octo/sentigrade:ref:refs/heads/main", False),
        ("repo:octo/sentigrade?", False),
        ("octo/sentigrade", False),
    ],
)
def test_one_repository_is_named_and_no_pattern(subject: str, accepted: bool) -> None:
    assert stack().accepts("GitHubSubject", subject) == accepted


def test_a_release_may_push_two_images_and_change_one_service(full: Stack) -> None:
    granted = dict[str, object]()
    for actions, statement in statements(full.resources["Release"]["PolicyDocument"]):
        assert statement["Effect"] == "Allow"
        granted |= dict.fromkeys(actions, statement["Resource"])
    repositories = "arn:aws:ecr:eu-central-1:123456789012:repository/"
    images = [f"{repositories}sentigrade", f"{repositories}sentigrade-nginx"]
    pushing = ("BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload")
    service = "imported sentigrade-ServiceArn"
    assert granted == {
        "ecr:GetAuthorizationToken": "*",
        **{f"ecr:{action}": images for action in (*pushing, "PutImage", "BatchGetImage")},
        "ecs:DescribeServices": service,
        "ecs:UpdateService": service,
        "ecs:RegisterTaskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/sentigrade:*",
        "ecs:DescribeTaskDefinition": "*",
        "iam:PassRole": ["imported sentigrade-ExecutionRole", "imported sentigrade-TaskRole"],
    }


def test_the_roles_are_passed_to_tasks_alone(full: Stack) -> None:
    document = full.resources["Release"]["PolicyDocument"]
    (passing,) = (statement for actions, statement in statements(document) if actions == {"iam:PassRole"})
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


def test_the_project_may_do_a_release_and_read_what_it_was_given(full: Stack) -> None:
    role = full.resources["ProjectRole"]
    (own,) = role["Policies"]
    granted = {action: one["Resource"] for actions, one in statements(own["PolicyDocument"]) for action in actions}
    assert role["ManagedPolicyArns"] == full.resources["WorkflowRole"]["ManagedPolicyArns"] == ["Release"]
    assert granted == {
        **dict.fromkeys(("logs:CreateLogStream", "logs:PutLogEvents"), "Log.Arn"),
        **dict.fromkeys(("codeconnections:GetConnection", "codeconnections:GetConnectionToken"), CONNECTION),
        "secretsmanager:GetSecretValue": SECRET,
    }


def test_only_this_project_becomes_its_role(full: Stack) -> None:
    (trust,) = full.resources["ProjectRole"]["AssumeRolePolicyDocument"]["Statement"]
    project = f"arn:aws:codebuild:eu-central-1:123456789012:project/{full.resources['Project']['Name']}"
    assert trust["Condition"] == {"StringEquals": {"aws:SourceArn": project}}


def test_all_that_is_imported_is_exported_by_the_service() -> None:
    imported = set(re.findall(r"!Sub \"\$\{ServiceStack\}-(\w+)\"", PIPELINE.read_text()))
    exported = {output["Export"]["Name"] for output in service_stack().outputs.values() if "Export" in output}
    assert exported == {f"sentigrade-{name}" for name in imported}


def test_the_family_that_may_be_registered_is_that_of_the_service() -> None:
    assert service_stack().resources["Task"]["Family"] == "sentigrade"


def test_the_project_is_given_each_variable_of_its_file(full: Stack, buildspec: Document) -> None:
    environment = full.resources["Project"]["Environment"]["EnvironmentVariables"]
    given = {variable["Name"]: variable["Value"] for variable in environment}
    used = set(re.findall(r"\$([A-Z_]+)", yaml.dump(buildspec["phases"])))
    assert used - given.keys() == {"CODEBUILD_RESOLVED_SOURCE_VERSION"}
    # What the scripts read by themselves.
    assert given.keys() - used == {"EXTRAS", "MY_SENTIGRADE_KEY"}
    assert given["REGISTRY"] == REGISTRY
    (key,) = (variable for variable in environment if variable["Name"] == "MY_SENTIGRADE_KEY")
    assert key["Type"] == "SECRETS_MANAGER"


def test_docker_runs_in_the_project(full: Stack) -> None:
    assert full.resources["Project"]["Environment"]["PrivilegedMode"] is True


def test_a_public_repository_needs_no_connection_and_an_open_service_no_key() -> None:
    project = stack(RepositoryUrl="https://github.com/octo/sentigrade").resources["Project"]
    assert "Auth" not in project["Source"]
    assert "MY_SENTIGRADE_KEY" not in {given["Name"] for given in project["Environment"]["EnvironmentVariables"]}


def test_workflow_and_project_run_the_same_two_scripts(release: Document, buildspec: Document) -> None:
    in_workflow = [normal(step["run"]) for step in release["steps"] if "run" in step]
    in_project = [normal(command) for command in buildspec["phases"]["build"]["commands"]]
    assert in_workflow == [
        ["deploy/registry/push", "$REGISTRY", "$GITHUB_SHA"],
        ["deploy/ecs/release", "$CLUSTER", "$SERVICE", "$IMAGE", "$NGINX_IMAGE", "$URL"],
    ]
    assert [command for command in in_project if command[0] != "source"] == [
        ["deploy/registry/push", "$REGISTRY", "$CODEBUILD_RESOLVED_SOURCE_VERSION"],
        ["deploy/ecs/release", "$CLUSTER", "$SERVICE", "$image", "$nginx_image", "$URL"],
    ]


def normal(command: str) -> list[str]:
    """The words of a command, without the file that its output goes to."""
    return shlex.split(re.sub(r">>?.*", "", command))


def test_the_workflow_gives_each_step_the_variables_that_it_uses(release: Document) -> None:
    for step in release["steps"]:
        used = set(re.findall(r"\$([A-Z_]+)", step.get("run", ""))) - {"GITHUB_SHA", "GITHUB_OUTPUT"}
        assert used <= step.get("env", {}).keys()


def test_one_release_follows_the_other_and_none_is_stopped(full: Stack) -> None:
    workflow = yaml.safe_load(WORKFLOWS["deploy-ecs"].read_text())
    assert workflow["concurrency"] == {"group": "deploy-ecs", "cancel-in-progress": False}
    assert full.resources["Project"]["ConcurrentBuildLimit"] == 1


def test_there_is_time_for_a_rollout_and_for_going_back(full: Stack, release: Document) -> None:
    (seconds,) = re.findall(r"SENTIGRADE_ROLLOUT_SECONDS:-(\d+)", (ECS / "release").read_text())
    assert release["timeout-minutes"] == full.resources["Project"]["TimeoutInMinutes"] > 2 * int(seconds) / 60


def test_the_keys_of_the_workflow_live_as_long_as_its_job(full: Stack, release: Document) -> None:
    (entering,) = (step["with"] for step in release["steps"] if "configure-aws-credentials" in step.get("uses", ""))
    longest = full.resources["WorkflowRole"]["MaxSessionDuration"]
    assert entering["role-duration-seconds"] == longest == 60 * release["timeout-minutes"]


def test_a_commit_that_is_not_the_latest_can_be_released(full: Stack) -> None:
    """It is none of those that a shallow clone has."""
    assert "GitCloneDepth" not in full.resources["Project"]["Source"]


def test_ci_is_root_which_installs_packages_and_keeps_its_variables() -> None:
    steps = yaml.safe_load(WORKFLOWS["ci"].read_text())["jobs"]["ci"]["steps"]
    (ci,) = (step for step in steps if ".ci/run" in step.get("run", ""))
    assert ci["run"] == f"sudo --preserve-env={','.join(ci['env'])} .ci/run"
    assert "apt-get install" in (REPOSITORY / ".ci" / "run").read_text()


def test_what_is_released_was_tested_before(release: Document) -> None:
    jobs = yaml.safe_load(WORKFLOWS["deploy-ecs"].read_text())["jobs"]
    assert release["needs"] == "ci"
    assert jobs["ci"]["uses"] == "$/.github/workflows/ci.yml"
    # YAML reads the word `on` as true.
    assert "workflow_call" in yaml.safe_load(WORKFLOWS["ci"].read_text())[True]


def test_only_the_release_may_say_who_it_is(release: Document) -> None:
    assert release["permissions"] == {"contents": "read", "id-token": "write"}
    assert "id-token" not in WORKFLOWS["ci"].read_text()


@pytest.mark.parametrize("path", WORKFLOWS.values(), ids=WORKFLOWS)
def test_every_action_of_others_is_pinned_by_its_commit(path: Path) -> None:
    used = re.findall(r"uses: (.+)", path.read_text())
    others = [action for action in used if not action.startswith("$/")]
    assert others
    for action in others:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_an_action_has_one_version_everywhere() -> None:
    used = {action for path in WORKFLOWS.values() for action in re.findall(r"uses: (.+@.+)", path.read_text())}
    names = [action.partition("@")[0] for action in used]
    assert len(names) == len(set(names))


def test_the_images_that_are_scanned_are_those_that_are_pushed() -> None:
    images = yaml.safe_load(WORKFLOWS["ci"].read_text())["jobs"]["images"]
    scanned = {
        entry["image"]: (entry["dockerfile"], entry["folder"]) for entry in images["strategy"]["matrix"]["include"]
    }
    push = (REPOSITORY / "deploy" / "registry" / "push").read_text()
    assert scanned == {"sentigrade": ("services/Dockerfile", "."), "sentigrade-nginx": ("nginx/Dockerfile", "nginx")}
    assert '"$registry/sentigrade" --build-arg EXTRAS="$extras" --file services/Dockerfile .' in push
    assert '"$registry/sentigrade-nginx" nginx' in push


def test_a_weakness_that_can_be_mended_fails_the_build() -> None:
    steps = yaml.safe_load(WORKFLOWS["ci"].read_text())["jobs"]["images"]["steps"]
    (scan,) = (step["with"] for step in steps if "scan-action" in step.get("uses", ""))
    assert (scan["fail-build"], scan["severity-cutoff"], scan["only-fixed"]) == (True, "high", True)


def test_the_page_names_every_variable_that_the_workflows_read() -> None:
    read = {name for path in WORKFLOWS.values() for name in re.findall(r"(?:vars|secrets)\.(\w+)", path.read_text())}
    page = (ECS / "README.md").read_text()
    assert [name for name in sorted(read) if f"`{name}`" not in page] == []
