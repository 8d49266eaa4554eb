import pytest

from sentigrade.aws.hosting.wanted import Instances, Runtime, Serverless, parse_environment
from sentigrade.errors import SettingError
from tests.aws_server import IMAGE, ROLE


def refusal(image: str = IMAGE, role: str = ROLE) -> str:
    with pytest.raises(SettingError) as error:
        Runtime(image, role, {}).require_usable("us-east-1")
    return str(error.value)


@pytest.mark.parametrize("image", [IMAGE, IMAGE.replace("sentigrade@", "team/sentigrade@")])
def test_an_image_is_pinned_and_in_the_region(image: str) -> None:
    Runtime(image, ROLE, {}).require_usable("us-east-1")


@pytest.mark.parametrize(
    "image",
    ["sentigrade", IMAGE.partition("@")[0] + ":latest", IMAGE[:-1], f"docker.io/sentigrade@sha256:{'0' * 64}", ""],
)
def test_an_image_that_can_change_or_that_sagemaker_cannot_have_is_refused(image: str) -> None:
    assert "is no pinned image in ECR" in refusal(image=image)


def test_an_image_of_another_region_is_refused() -> None:
    said = refusal(image=IMAGE.replace("us-east-1", "eu-west-1"))
    assert said == "the image is in eu-west-1 and the endpoint would be in us-east-1: push it there, too"


@pytest.mark.parametrize("role", ["sentigrade", "arn:aws:iam::123456789012:user/me", "arn:aws:iam::1:role/x"])
def test_a_role_is_an_arn(role: str) -> None:
    assert "is no role: give --role arn:aws:iam::ACCOUNT:role/NAME" in refusal(role=role)


def test_a_memory_between_two_sizes_is_refused() -> None:
    assert str(Serverless(2048, 20)) == "serverless, 2048 MB, 20 at once"
    with pytest.raises(SettingError, match="--memory 1500 is between two sizes"):
        Serverless(1500, 20)


def test_a_type_that_no_instance_can_have_is_refused() -> None:
    assert str(Instances("ml.c7i.large", 2)) == "2 x ml.c7i.large"
    with pytest.raises(SettingError, match="'c7i.large' is no instance type of SageMaker"):
        Instances("c7i.large", 1)


def test_variables_of_the_container() -> None:
    assert parse_environment(["SENTIGRADE_LOG_LEVEL=debug", "A==b"]) == {"SENTIGRADE_LOG_LEVEL": "debug", "A": "=b"}
    for wrong in ("A", "1A=2", "=2", "A B=2"):
        with pytest.raises(SettingError, match="is no variable: write NAME=VALUE"):
            parse_environment([wrong])
    with pytest.raises(SettingError, match="SENTIGRADE_MODELS is what --model says"):
        parse_environment(["SENTIGRADE_MODELS=toxicity"])
