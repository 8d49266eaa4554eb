"""What moto's endpoints lack: they take their time, may fail, can be updated, and have containers behind them."""

from typing import Any, NamedTuple

from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.responses import SageMakerResponse

from tests.aws.simulated.containers import CONTAINERS, Container, UnhealthyError
from tests.aws.simulated.plan import CONTROL


class _Change(NamedTuple):
    """What is under way with an endpoint: the configuration it will have (none: it goes), and how it will end.

    It is `behind`, for so many looks, which see the status of `before`, or no endpoint.
    """

    config: str | None
    before: str | None
    behind: int
    looks: int
    failure: str

    def looked_at(self) -> "_Change":
        if self.behind:
            return self._replace(behind=self.behind - 1)
        return self._replace(looks=self.looks - 1)


_CHANGES: dict[str, _Change] = {}
# Behind which endpoint which container stands.
SERVING: dict[str, Container] = {}


class EndpointResponses(SageMakerResponse):
    """Answers about models, configurations and endpoints."""

    def create_model(self) -> ActionResult:
        backend, name = self.sagemaker_backend, self._get_param("ModelName")
        if name in backend._models:
            raise ValidationError(f'Cannot create already existing model "{name}".')
        answer = super().create_model()
        backend._models[name].enable_network_isolation = self._get_param("EnableNetworkIsolation", False)
        return answer

    def create_endpoint_config(self) -> ActionResult:
        backend, name = self.sagemaker_backend, self._get_param("EndpointConfigName")
        if name in backend.endpoint_configs:
            raise ValidationError(f'Cannot create already existing endpoint configuration "{name}".')
        answer = super().create_endpoint_config()
        for variant in self._get_param("ProductionVariants"):
            if variant.get("ServerlessConfig") and backend._models[variant["ModelName"]].enable_network_isolation:
                del backend.endpoint_configs[name]
                raise ValidationError("Network isolation is not supported for Serverless Inference.")
        return answer

    def create_endpoint(self) -> ActionResult:
        name = self._get_param("EndpointName")
        if name in self.sagemaker_backend.endpoints:
            raise ValidationError(f'Cannot create already existing endpoint "{name}".')
        answer = super().create_endpoint()
        self._begin(name, "Creating", self._get_param("EndpointConfigName"), before=None)
        return answer

    def update_endpoint(self) -> ActionResult:
        name, config = self._get_param("EndpointName"), self._get_param("EndpointConfigName")
        self._require_at_rest(name)
        self._require_same_kind(name, config)
        endpoint = self.sagemaker_backend.endpoints[name]
        self._begin(name, "Updating", config, before=endpoint.endpoint_status)
        return ActionResult({"EndpointArn": endpoint.arn})

    def delete_endpoint(self) -> ActionResult:
        name = self._get_param("EndpointName")
        self._require_at_rest(name)
        self._begin(name, "Deleting", None, before=None)
        return EmptyResult()

    def describe_endpoint(self) -> ActionResult:
        name = self._get_param("EndpointName")
        change = _CHANGES.get(name)
        if change and (change.behind or change.looks):
            _CHANGES[name] = change.looked_at()
            if change.behind:
                return self._as_before(name, change)
        elif change:
            del _CHANGES[name]
            self._end(name, change)
        return super().describe_endpoint()

    def _as_before(self, name: str, change: _Change) -> ActionResult:
        if change.before is None:
            raise ValidationError(f'Could not find endpoint "{name}".')
        endpoint = self.sagemaker_backend.endpoints[name]
        now, endpoint.endpoint_status = endpoint.endpoint_status, change.before
        answer = super().describe_endpoint()
        endpoint.endpoint_status = now
        return answer

    def _require_at_rest(self, name: str) -> None:
        self.sagemaker_backend.describe_endpoint(name)
        if name in _CHANGES:
            raise ValidationError(f'Cannot update in-progress endpoint "{name}".')

    def _require_same_kind(self, name: str, config: str) -> None:
        before = self.sagemaker_backend.endpoints[name].endpoint_config_name
        kinds = ["ServerlessConfig" in self._variant(each) for each in (before, config)]
        if kinds == [False, True]:
            raise ValidationError("Cannot update an instance-based endpoint to a serverless one.")

    def _variant(self, config: str) -> Any:  # noqa: ANN401 - JSON
        (variant,) = self.sagemaker_backend.describe_endpoint_config(config)["ProductionVariants"]
        return variant

    def _begin(self, name: str, status: str, config: str | None, *, before: str | None) -> None:
        plan = CONTROL.plan
        failure = plan.take_failure() if config else ""
        _CHANGES[name] = _Change(config, before, plan.behind if config else 0, plan.looks, failure)
        self.sagemaker_backend.endpoints[name].endpoint_status = status

    def _end(self, name: str, change: _Change) -> None:
        endpoints = self.sagemaker_backend.endpoints
        if change.config is None:
            del endpoints[name]
            SERVING.pop(name, None)
            return
        endpoint: Any = endpoints[name]
        endpoint.failure_reason = change.failure or self._served(name, change.config)
        if not endpoint.failure_reason:
            endpoint.endpoint_config_name = change.config
            endpoint.endpoint_status = "InService"
        else:
            endpoint.endpoint_status = "Failed" if endpoint.endpoint_status == "Creating" else CONTROL.plan.left_as

    def _served(self, name: str, config: str) -> str | None:
        """Start a container for the endpoint; return why it cannot be, or nothing."""
        backend = self.sagemaker_backend
        try:
            model = self._variant(config)["ModelName"]
            SERVING[name] = CONTAINERS.start(backend.describe_model(model).primary_container)
        except (UnhealthyError, ValidationError) as error:
            return str(error)
        return None
