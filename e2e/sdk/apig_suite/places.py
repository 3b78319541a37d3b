"""Groups, environments and their variables: where APIs answer."""

from groups import group
from .gateway import RELEASE, Group, call, deploy, publish, refused

PUBLISHING = ("CreateApiGroupV2", "CreateApiV2", "CreateOrDeletePublishRecordForApiV2", "ListApisV2", "DeleteApiV2",
              "DeleteApiGroupV2")


@group("ListApiGroupsV2", "CheckApiGroupsV2", "ShowDetailsOfApiGroupV2", "UpdateApiGroupV2", "UpdateSlDomainSettingV2", *PUBLISHING)
def groups():
    """groups: a host of their own, that can be closed"""
    deploy("grouped")
    call("CheckApiGroupsV2", body={"group_name": "shop"})
    shop = Group("shop")
    refused(400, "APIG.3201", "CheckApiGroupsV2", body={"group_name": "shop"})
    refused(400, "APIG.3201", "CreateApiGroupV2", body={"name": "shop"})
    refused(400, "APIG.2012", "CreateApiGroupV2", body={"name": "-"})
    refused(400, "APIG.2001", "CreateApiGroupV2", body={"remark": "no name"})
    names = lambda **query: [one.name for one in call("ListApiGroupsV2", **query).groups]
    assert names() == ["DEFAULT", "shop"] and names(name="sho") == ["shop"] and names(name="sho", precise_search="name") == []
    default = call("ListApiGroupsV2", name="DEFAULT").groups[0]
    assert default.is_default == 1
    refused(400, "APIG.2012", "DeleteApiGroupV2", group_id=default.id)
    assert call("UpdateApiGroupV2", group_id=shop.id, body={"name": "shop2", "remark": "ours"}).name == "shop2"
    shown = call("ShowDetailsOfApiGroupV2", group_id=shop.id)
    assert (shown.name, shown.remark, shown.sl_domain, shown.status) == ("shop2", "ours", shop.host, 1), shown
    refused(404, "APIG.3001", "ShowDetailsOfApiGroupV2", group_id="nobody")
    refused(404, "APIG.3001", "UpdateApiGroupV2", group_id="nobody", body={"name": "shop3"})
    refused(404, "APIG.3001", "DeleteApiGroupV2", group_id="nobody")

    shop.published("grouped", "/here")
    assert shop.ask("/here").fine()["says"] == "grouped"
    shop.ask("/here", host="other.localhost").refused(404, "APIG.0101")
    refused(409, "APIG.3415", "DeleteApiGroupV2", group_id=shop.id)
    call("UpdateSlDomainSettingV2", group_id=shop.id, body={"sl_domain_access_enabled": False})
    shop.ask("/here").refused(404, "APIG.0101")
    call("UpdateSlDomainSettingV2", group_id=shop.id, body={"sl_domain_access_enabled": True})
    shop.ask("/here").fine()
    refused(400, "APIG.2012", "UpdateSlDomainSettingV2", group_id=default.id, body={"sl_domain_access_enabled": False})
    refused(404, "APIG.3001", "UpdateSlDomainSettingV2", group_id="nobody", body={"sl_domain_access_enabled": False})
    shop.end()
    shop.ask("/here").refused(404, "APIG.0101")


@group("ListEnvironmentsV2", "CreateEnvironmentV2", "UpdateEnvironmentV2", "DeleteEnvironmentV2", "ShowDetailsOfApiV2",
       "ListEnvironmentVariablesV2", "CreateEnvironmentVariableV2", "ShowDetailsOfEnvironmentVariableV2",
       "UpdateEnvironmentVariableV2", "DeleteEnvironmentVariableV2", *PUBLISHING)
def environments():
    """environments: chosen by X-Stage, each with its own variables"""
    shop = Group("staged")
    test = call("CreateEnvironmentV2", body={"name": "test", "remark": "before"}).id
    refused(400, "APIG.3205", "CreateEnvironmentV2", body={"name": "test"})
    refused(400, "APIG.3205", "CreateEnvironmentV2", body={"name": "RELEASE"})
    refused(400, "APIG.2012", "CreateEnvironmentV2", body={"name": "1"})
    assert [one.name for one in call("ListEnvironmentsV2").envs] == ["RELEASE", "test"]
    assert call("ListEnvironmentsV2", name="tes").total == 1
    refused(404, "APIG.3003", "UpdateEnvironmentV2", env_id="nobody", body={"name": "other"})
    refused(404, "APIG.3003", "DeleteEnvironmentV2", env_id="nobody")
    refused(400, "APIG.2012", "DeleteEnvironmentV2", env_id=RELEASE)

    api = shop.api("grouped", "/#base#/x")
    assert "#base#" in refused(404, "APIG.3011", "CreateOrDeletePublishRecordForApiV2",
                               body={"action": "online", "env_id": test, "api_id": api})
    variable = {"group_id": shop.id, "env_id": test, "variable_name": "base", "variable_value": "v1"}
    made = call("CreateEnvironmentVariableV2", body=variable)
    assert (made.variable_name, made.variable_value) == ("base", "v1"), made
    refused(400, "APIG.3209", "CreateEnvironmentVariableV2", body=variable)
    refused(404, "APIG.3001", "CreateEnvironmentVariableV2", body=variable | {"group_id": "nobody"})
    refused(404, "APIG.3003", "CreateEnvironmentVariableV2", body=variable | {"env_id": "nobody"})
    refused(400, "APIG.2012", "CreateEnvironmentVariableV2", body=variable | {"variable_value": "a b"})
    assert call("ShowDetailsOfEnvironmentVariableV2", env_variable_id=made.id).variable_value == "v1"
    refused(404, "APIG.3011", "ShowDetailsOfEnvironmentVariableV2", env_variable_id="nobody")
    assert [one.id for one in call("ListEnvironmentVariablesV2", group_id=shop.id, env_id=test).variables] == [made.id]
    assert call("ListEnvironmentVariablesV2", group_id=shop.id, variable_name="b", precise_search="variable_name").total == 0
    refused(400, "APIG.2001", "ListEnvironmentVariablesV2")

    publish(api, test)
    staged = lambda path, stage: shop.ask(path, headers={"X-Stage": stage} if stage else {})
    assert staged("/v1/x", "test").fine()["says"] == "grouped"
    staged("/v1/x", None).refused(404, "APIG.0101")
    staged("/v1/x", "nowhere").refused(404, "APIG.0101")
    assert call("UpdateEnvironmentVariableV2", env_variable_id=made.id, body={"variable_value": "v2"}).variable_value == "v2"
    refused(404, "APIG.3011", "UpdateEnvironmentVariableV2", env_variable_id="nobody", body={"variable_value": "v2"})
    publish(api, test)
    staged("/v2/x", "test").fine()
    staged("/v1/x", "test").refused(404, "APIG.0101")
    assert call("UpdateEnvironmentV2", env_id=test, body={"name": "stage", "remark": "after"}).name == "stage"
    staged("/v2/x", "stage").fine()
    staged("/v2/x", "test").refused(404, "APIG.0101")
    shown = call("ShowDetailsOfApiV2", api_id=api)
    assert (shown.run_env_name, shown.run_env_id) == ("stage", test), shown

    refused(409, "APIG.3418", "DeleteEnvironmentV2", env_id=test)
    publish(api, test, "offline")
    call("DeleteEnvironmentV2", env_id=test)
    staged("/v2/x", "stage").refused(404, "APIG.0101")
    # Nothing is left of it: its variables go along.
    assert call("ListEnvironmentVariablesV2", group_id=shop.id).total == 0
    refused(404, "APIG.3011", "DeleteEnvironmentVariableV2", env_variable_id=made.id)
    again = call("CreateEnvironmentVariableV2", body=variable | {"env_id": RELEASE})
    call("DeleteEnvironmentVariableV2", env_variable_id=again.id)
    refused(404, "APIG.3011", "DeleteEnvironmentVariableV2", env_variable_id=again.id)
    shop.end()
