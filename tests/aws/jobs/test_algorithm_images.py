import pytest

from sentigrade.aws.jobs.algorithm_images import blazingtext_image
from sentigrade.errors import SettingError


@pytest.mark.parametrize(
    ("region", "image"),
    [
        ("eu-west-1", "685385470294.dkr.ecr.eu-west-1.amazonaws.com/blazingtext:1"),
        ("us-east-1", "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"),
        ("cn-north-1", "390948362332.dkr.ecr.cn-north-1.amazonaws.com.cn/blazingtext:1"),
    ],
)
def test_each_region_has_a_registry_of_its_own(region: str, image: str) -> None:
    assert blazingtext_image(region) == image


def test_of_a_region_that_is_not_known_the_image_is_to_be_given() -> None:
    with pytest.raises(SettingError, match="where AWS keeps BlazingText in mars-1 is not known here: .* as --image"):
        blazingtext_image("mars-1")
