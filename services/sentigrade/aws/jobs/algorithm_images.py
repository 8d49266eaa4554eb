"""AWS's own image of BlazingText: the same in each region, in a registry of its own there."""

from sentigrade.errors import SettingError

# The accounts of AWS that hold it, as its documentation lists them.
_REGISTRIES = {
    "af-south-1": "455444449433",
    "ap-east-1": "286214385809",
    "ap-northeast-1": "501404015308",
    "ap-northeast-2": "306986355934",
    "ap-northeast-3": "364406365360",
    "ap-south-1": "991648021394",
    "ap-southeast-1": "475088953585",
    "ap-southeast-2": "544295431143",
    "ca-central-1": "469771592824",
    "cn-north-1": "390948362332",
    "cn-northwest-1": "387376663083",
    "eu-central-1": "813361260812",
    "eu-north-1": "669576153137",
    "eu-south-1": "257386234256",
    "eu-west-1": "685385470294",
    "eu-west-2": "644912444149",
    "eu-west-3": "749696950732",
    "me-south-1": "249704162688",
    "sa-east-1": "855470959533",
    "us-east-1": "811284229777",
    "us-east-2": "825641698319",
    "us-gov-west-1": "226302683700",
    "us-west-1": "632365934929",
    "us-west-2": "433757028032",
}


def blazingtext_image(region: str) -> str:
    """Return the image for a region; raises SettingError for one whose registry is not known here."""
    account = _REGISTRIES.get(region)
    if account is None:
        raise SettingError(
            f"where AWS keeps BlazingText in {region} is not known here: look it up in AWS's list of Docker registry "
            "paths and give it as --image"
        )
    suffix = ".cn" if region.startswith("cn-") else ""
    return f"{account}.dkr.ecr.{region}.amazonaws.com{suffix}/blazingtext:1"
