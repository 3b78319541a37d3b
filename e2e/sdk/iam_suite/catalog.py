"""What there is: versions, services, endpoints, regions, the account, quotas."""

from groups import group, where
from .account import DOMAIN, NOBODY, PROJECT, REGION, Member, account, call, help, identity, refused


@group("KeystoneListVersions", "KeystoneShowVersion", "KeystoneShowCatalog", "KeystoneListAuthDomains", "KeystoneListServices",
       "KeystoneShowService", "KeystoneListEndpoints", "KeystoneShowEndpoint", "KeystoneListRegions", "KeystoneShowRegion")
def catalog():
    """what clients ask first: versions, the catalog, the account, services, endpoints, regions"""
    shown = call("KeystoneShowVersion").version
    assert (shown.status, shown.links[0].href) == ("stable", f"{where['api']}/v3/"), shown
    assert [one.id for one in call("KeystoneListVersions").versions.values] == [shown.id]
    mine = call("KeystoneListAuthDomains").domains
    assert [(one.id, one.name, one.enabled) for one in mine] == [(DOMAIN, account.name, True)], mine

    services = {one.name: one for one in call("KeystoneShowCatalog").catalog}
    assert services.keys() == {"iam", "functiongraph", "apig"}, services
    assert services["functiongraph"].endpoints[0].url == f"{where['api']}/v2/{PROJECT}", services["functiongraph"]
    of_type = call("KeystoneListServices", type="fgs").services
    assert [(one.id, one.name) for one in of_type] == [(services["functiongraph"].id, "functiongraph")], of_type
    assert call("KeystoneShowService", service_id=of_type[0].id).service.type == "fgs"
    of_service = call("KeystoneListEndpoints", service_id=of_type[0].id).endpoints
    assert [one.url for one in of_service] == [services["functiongraph"].endpoints[0].url], of_service
    assert call("KeystoneShowEndpoint", endpoint_id=of_service[0].id).endpoint.service_id == of_type[0].id
    assert [one.id for one in call("KeystoneListRegions").regions] == [REGION]
    assert call("KeystoneShowRegion", region_id=REGION).region.type == "private"

    refused(404, "could not find service", "KeystoneShowService", service_id=NOBODY)
    refused(404, "could not find endpoint", "KeystoneShowEndpoint", endpoint_id=NOBODY)
    refused(404, "could not find region", "KeystoneShowRegion", region_id="elsewhere-1")
    # What everybody who is known may ask is refused to a key that is switched off.
    former = Member("former")
    help.call("UpdatePermanentAccessKey", access_key=former.access, body={"credential": {"status": "inactive"}})
    for operation in ("KeystoneShowCatalog", "KeystoneListAuthDomains", "KeystoneListServices", "KeystoneListEndpoints",
                      "KeystoneListRegions"):
        refused(401, "disabled", operation, former.client)
    former.end()


@group("ShowDomainQuota", "ShowProjectQuota")
def quotas():
    """how many there are, and how many there may be"""
    users = lambda: call("ShowDomainQuota", domain_id=DOMAIN, type="user").quotas.resources
    before = users()
    assert [one.type for one in before] == ["user"] and 1 <= before[0].used < before[0].quota == before[0].max, before
    member = Member("counted")
    assert users()[0].used == before[0].used + 1
    kinds = {one.type for one in call("ShowDomainQuota", domain_id=DOMAIN).quotas.resources}
    assert kinds == {"user", "group", "policy", "agency", "project"}, kinds
    projects = call("ShowProjectQuota", project_id=PROJECT).quotas.resources
    assert [(one.type, one.used) for one in projects] == [("project", 1)], projects
    refused(404, "could not find project", "ShowProjectQuota", project_id=NOBODY)
    refused(403, "iam:quotas:listQuotasForProject", "ShowProjectQuota", member.client, project_id=PROJECT)
    refused(403, "iam:quotas:listQuotas", "ShowDomainQuota", member.client, domain_id=DOMAIN)
    member.end()
