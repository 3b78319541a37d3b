"""What runs, with the vendor's SDK: reserved instances before traffic, replaced and moved; statistics of exactly the calls made."""

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkfunctiongraph.v2 import (
    CronConfig,
    EnableLtsLogsRequest,
    FunctionGraphClient,
    InvokeFunctionRequest,
    ListFunctionAsMetricRequest,
    ListFunctionReservedInstancesRequest,
    ListFunctionStatisticsRequest,
    ListReservedInstanceConfigsRequest,
    ListStatisticsRequest,
    ShowFuncReservedInstanceMetricsRequest,
    ShowFunctionConfigRequest,
    ShowFunctionMetricsRequest,
    ShowLtsLogDetailsRequest,
    TacticsConfig,
    UpdateFunctionConfigRequest,
    UpdateFunctionConfigRequestBody,
    UpdateFunctionReservedInstancesCountRequest,
    UpdateFunctionReservedInstancesCountRequestBody,
)

where = json.loads(os.environ["FUNCD_CREDENTIALS"])
name, url = sys.argv[1:3]
credentials = BasicCredentials(where["access_key"], where["secret_key"], where["project_id"])
builder = FunctionGraphClient.new_builder().with_http_config(HttpConfig.get_default_config())
client = builder.with_credentials(credentials).with_endpoints([where["api"]]).build()
urn = f"urn:fss:{where['region']}:{where['project_id']}:function:default:{name}:latest"
short = urn.removesuffix(":latest")


def until(what, condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s: {what}")


def call(path="/", status=200):
    # The name of a group is known to the gateway, not to every resolver.
    request = urllib.request.Request(where["gateway"] + path, headers={"Host": urllib.parse.urlsplit(url).netloc})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == status, answer.status
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        assert error.code == status, error.code
        return None


def reserve(count, **more):
    body = UpdateFunctionReservedInstancesCountRequestBody(count=count, **more)
    return client.update_function_reserved_instances_count(
        UpdateFunctionReservedInstancesCountRequest(function_urn=urn, body=body))


def total(points):
    return sum(point.value for point in points if point.value >= 0)


def reserved_now():
    answer = client.show_func_reserved_instance_metrics(ShowFuncReservedInstanceMetricsRequest(func_urn=urn, limit="3"))
    values = [point.value for point in answer.reserved_instance_num if point.value >= 0]
    return values[-1] if values else None


# The deploy's own first request is all there is, most minutes have no data, and nobody has reserved instances.
def first():
    statistics = client.list_function_statistics(ListFunctionStatisticsRequest(func_urn=urn, period="5"))
    assert any(point.value == -1 for point in statistics.count), statistics.count
    return total(statistics.count) == 1


until("one request is counted", first)
assert client.list_reserved_instance_configs(ListReservedInstanceConfigsRequest(function_urn=short)).count == 0

# Two are up before traffic.
answer = reserve(2, idle_mode=False)
assert answer.count == 2 and answer.idle_mode is False, answer
until("two reserved instances", lambda: reserved_now() == 2)
processes = {call()["pid_of"] for _ in range(10)}
assert len(processes) <= 2, processes

# A policy and its list; what is wrong about it is said.
now = int(time.time())
cron = CronConfig(name="every-second", cron="* * * * * *", count=3, start_time=now - 10, expired_time=now + 3600)
answer = reserve(1, tactics_config=TacticsConfig(cron_configs=[cron]))
assert answer.tactics_config.cron_configs[0].count == 3, answer
until("three by the policy", lambda: reserved_now() == 3)
page = client.list_reserved_instance_configs(ListReservedInstanceConfigsRequest(function_urn=short, limit="100"))
assert [row.min_count for row in page.reserved_instances] == [1] and page.page_info.current_count == 1, page
assert page.reserved_instances[0].qualifier_name == "latest" and page.reserved_instances[0].qualifier_type == "version"
empty = client.list_reserved_instance_configs(
    ListReservedInstanceConfigsRequest(function_urn=short, marker=str(page.page_info.next_marker)))
assert empty.reserved_instances == [], empty
counts = client.list_function_reserved_instances(ListFunctionReservedInstancesRequest(urn=urn))
assert [(row.func_urn, row.count) for row in counts.reservedinstances] == [(urn, 3)], counts
try:
    reserve(-1)
    raise AssertionError("a negative count was taken")
except ClientRequestException as error:
    assert (error.status_code, error.error_code) == (400, "FSS.0400"), error
reserve(2)

# One that ends is replaced; a call that ends its own process is the function's failure.
call("/exit", status=502)
until("the one that ended is replaced", lambda: reserved_now() == 2)

# A new revision gets its own two, without one call failing.
config = client.show_function_config(ShowFunctionConfigRequest(function_urn=urn))
body = UpdateFunctionConfigRequestBody(
    func_name=name, runtime="http", timeout=config.timeout, handler=config.handler, memory_size=config.memory_size,
    user_data=json.dumps({"GENERATION": "2"}))
client.update_function_config(UpdateFunctionConfigRequest(function_urn=urn, body=body))
until("the new revision answers", lambda: call()["generation"] == "2")

# Exactly the calls made are counted.


def counted():
    answer = client.list_function_statistics(ListFunctionStatisticsRequest(func_urn=urn, period="60"))
    return total(answer.count), total(answer.fail_count), total(answer.function_error_count)


def rest():
    first = counted()
    time.sleep(0.5)
    return first if counted() == first else None


calls, failures, errors = until("the counts come to rest", rest)
assert failures == errors == 1, (failures, errors)
for _ in range(7):
    call()
call("/missing", status=404)
event = {"httpMethod": "GET", "path": "/", "headers": {}, "queryStringParameters": {}, "body": "", "isBase64Encoded": False}
invoked = client.invoke_function(InvokeFunctionRequest(
    function_urn=urn, x_cff_request_version="v1", x_cff_log_type="tail", body=event))
assert invoked.status == 200 and invoked.request_id and "Finish invoke request" in invoked.log, invoked
expect = (calls + 9, failures + 1, errors + 1)
until(f"exactly {expect}", lambda: counted() == expect, 20)

metrics = client.show_function_metrics(ShowFunctionMetricsRequest(func_urn=urn, period="5"))
assert total(metrics.count) == expect[0] and max(point.value for point in metrics.max_duration) > 0, metrics.count
tenant = client.list_statistics(ListStatisticsRequest(filter="monitor_data", period="5"))
assert total(tenant.statistics.count) >= expect[0], tenant
month = client.list_statistics(ListStatisticsRequest(filter="monthly_report", option="0"))
assert len(month.count) == 1 and month.count[0].value >= expect[0] and month.gbs[0].value > 0, month
report = client.list_function_as_metric(ListFunctionAsMetricRequest(type="count", limit="400"))
assert (urn, expect[0]) in [(row.key, row.value) for row in report.values], report

client.enable_lts_logs(EnableLtsLogsRequest())
detail = client.show_lts_log_details(ShowLtsLogDetailsRequest(function_urn=urn))
assert detail.group_id == where["project_id"] and len(detail.stream_id) == 32, detail

reserve(0)
assert client.list_reserved_instance_configs(ListReservedInstanceConfigsRequest(function_urn=short)).count == 0
print("live: fine")
