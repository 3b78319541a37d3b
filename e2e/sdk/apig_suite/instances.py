"""The gateway itself."""

from groups import group
from .gateway import INSTANCE, Group, call, deploy, publish, refused, vendor

GATEWAY = ("ListInstancesV2", "ShowDetailsOfInstanceV2", "ShowDetailsOfInstanceProgressV2", "ListFeaturesV2", "ListInstanceFeatures",
           "ListProjectCofigsV2")


@group(*GATEWAY)
def instances():
    """the gateway: there is one, and it says what it can"""
    listed = call("ListInstancesV2", limit=10)
    assert (listed.total, listed.size, listed.instances[0].id) == (1, 1, INSTANCE), listed
    assert call("ListInstancesV2", instance_name="nobody").total == 0
    assert call("ListInstancesV2", offset=1).size == 0
    shown = call("ShowDetailsOfInstanceV2")
    assert (shown.id, shown.status, shown.instance_status) == (INSTANCE, "Running", 6) and shown.ingress_ip, shown
    assert call("ShowDetailsOfInstanceProgressV2").progress == 100
    call("ListFeaturesV2")
    assert "route" in call("ListInstanceFeatures").features
    configs = {one.config_name: one for one in call("ListProjectCofigsV2", limit=100).configs}
    assert int(configs["API_NUM_LIMIT"].config_value) > 0, configs
    for operation in GATEWAY[1:]:
        refused(404, "APIG.3030", operation, instance_id="nobody")
    refused(400, "APIG.2012", "ListInstancesV2", limit=501)
    refused(401, "APIG.0301", "ListInstancesV2", vendor.connect("wrong"))


@group("ListApiQuantitiesV2", "ListApiGroupsQuantitiesV2", "ListAppQuantitiesV2", "CreateApiGroupV2", "CreateApiV2", "CreateAnAppV2",
       "CreateOrDeletePublishRecordForApiV2", "ListApisV2", "DeleteApiV2", "DeleteApiGroupV2", "DeleteAppV2", "CreateAuthorizingAppsV2")
def quantities():
    """how much there is"""
    apis = lambda: vars_of(call("ListApiQuantitiesV2"), "instance_num", "nums_on_release", "nums_off_release")
    apps = lambda: vars_of(call("ListAppQuantitiesV2"), "authed_nums", "unauthed_nums")
    groups = lambda: call("ListApiGroupsQuantitiesV2").offsell_nums
    before, deployed = groups(), deploy("quantities")
    shop = Group("quantities")
    assert (groups(), apis(), apps()) == (before + 1, (0, 0, 0), (0, 0))
    api = shop.api(deployed.rsplit(":", 1)[1], "/one", auth_type="APP")
    assert apis() == (1, 0, 1)
    publish(api)
    assert apis() == (1, 1, 0)
    made = [call("CreateAnAppV2", body={"name": name}).id for name in ("counted", "uncounted")]
    call("CreateAuthorizingAppsV2", body={"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "app_ids": made[:1], "api_ids": [api]})
    assert apps() == (1, 1), apps()
    for app in made:
        call("DeleteAppV2", app_id=app)
    shop.end()
    assert (groups(), apis(), apps()) == (before, (0, 0, 0), (0, 0))
    for operation in ("ListApiQuantitiesV2", "ListApiGroupsQuantitiesV2", "ListAppQuantitiesV2"):
        refused(404, "APIG.3030", operation, instance_id="nobody")


def vars_of(answer, *names):
    return tuple(getattr(answer, name) for name in names)


LISTS = ("ListAclStrategiesV2", "ListApiGroupsV2", "ListAppsV2", "ListCustomAuthorizersV2", "ListEnvironmentsV2", "ListPlugins",
         "ListRequestThrottlingPolicyV2")


@group(*LISTS)
def lists():
    """the lists are paged, and no page is larger than it may be"""
    for operation in LISTS:
        call(operation, offset=0, limit=500)
        refused(400, "APIG.2012", operation, limit=501)
        refused(400, "APIG.2012", operation, offset=-1)
