"""One of the vendor's Python SDKs, driven by plain data: operations by name, fields as keywords."""

import re

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, ServerResponseException

from groups import Record, record, where


def snake(operation):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()


class Vendor:
    """`common` is what every request of it carries, such as the gateway's id. What it calls is recorded, if it is not only a `help`."""

    def __init__(self, sdk, builder, help=False, **common):
        self.sdk, self.builder, self.common = sdk, builder, common
        self.record = Record() if help else record
        self.client = self.connect(where["secret_key"])

    def credentials(self, access_key, secret_key, project):
        return BasicCredentials(access_key, secret_key, project)

    def connect(self, secret_key, access_key=where["access_key"], security_token=None, project=where["project_id"]):
        """A client of somebody else, for `using`."""
        credentials = self.credentials(access_key, secret_key, project)
        if security_token:
            credentials = credentials.with_security_token(security_token)
        return self.builder.new_builder().with_credentials(credentials).with_endpoints([where["api"]]).build()

    def typed(self, kind, value):
        """Plain data as the SDK's own classes; a field that a class does not have is an error of the suite."""
        inner = re.fullmatch(r"(?:list\[|dict\(str, )(\w+)[\])]", kind)
        if inner and isinstance(value, list):
            return [self.typed(inner[1], item) for item in value]
        if inner and isinstance(value, dict):
            return {name: self.typed(inner[1], item) for name, item in value.items()}
        made = getattr(self.sdk, kind, None)
        if made is None or not isinstance(value, dict):
            return value
        return made(**{name: self.typed(made.openapi_types[name], item) for name, item in value.items()})

    def call(self, operation, using=None, **given):
        self.record.called.add(operation)
        request = self.typed(f"{operation}Request", self.common | given)
        answer = getattr(using or self.client, snake(operation))(request)
        self.record.done.add(operation)
        return answer

    def refused(self, status, errorcode, operation, using=None, **given):
        """What the client is told; the status and the code must be these."""
        try:
            self.call(operation, using, **given)
        except (ClientRequestException, ServerResponseException) as error:
            told = (error.status_code, str(error.error_code))
            assert told == (status, errorcode), (operation, *told, error.error_msg)
            self.record.refused.add(operation)
            return error.error_msg
        raise AssertionError(f"{operation} should have been refused with {status} {errorcode}")

    def probe(self, operation, path, errorcode):
        """An operation that is not there says so; every text of the request is filled, because each may stand in the path."""
        kind = getattr(self.sdk, f"{operation}Request")
        names = set(re.findall(r"\w+", path)) - self.common.keys()
        given = {name: "x" for name, type in kind.openapi_types.items() if type == "str" and name in names}
        self.refused(501, errorcode, operation, **given)
        self.record.called.discard(operation)
