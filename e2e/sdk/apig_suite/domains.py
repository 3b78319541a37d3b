"""Domains of groups and their certificates."""

import os
from pathlib import Path

from groups import group
from .gateway import Group, call, deploy, refused

PUBLISHING = ("CreateApiGroupV2", "CreateApiV2", "CreateOrDeletePublishRecordForApiV2", "ListApisV2", "DeleteApiV2",
              "DeleteApiGroupV2")


def pair():
    """A certificate of shop.example.com and its key, as whoever runs the suite made them."""
    folder = Path(os.environ["APIG_CERTIFICATE"])
    return {"cert_content": (folder / "chain.pem").read_text(), "private_key": (folder / "key.pem").read_text()}


@group("AssociateDomainV2", "UpdateDomainV2", "DisassociateDomainV2", "AssociateCertificateV2", "ShowDetailsOfDomainNameCertificateV2",
       "DisassociateCertificateV2", "ShowDetailsOfApiGroupV2", *PUBLISHING)
def domains():
    """domains of a group, and their certificates"""
    deploy("domained")
    shop = Group("domains")
    shop.published("domained", "/x")
    shop.ask("/x", host="shop.example.com").refused(404, "APIG.0101")
    made = call("AssociateDomainV2", group_id=shop.id, body={"url_domain": "shop.example.com"})
    assert (made.url_domain, made.status, made.min_ssl_version) == ("shop.example.com", 3, "TLSv1.2"), made
    shop.ask("/x", host="shop.example.com").fine()
    wild = call("AssociateDomainV2", group_id=shop.id, body={"url_domain": "*.example.org"})
    shop.ask("/x", host="any.example.org").fine()
    assert {one.domain for one in call("ShowDetailsOfApiGroupV2", group_id=shop.id).url_domains} == {"shop.example.com", "*.example.org"}
    refused(400, "APIG.2012", "AssociateDomainV2", group_id=shop.id, body={"url_domain": "shop.example.com"})
    refused(400, "APIG.2012", "AssociateDomainV2", group_id=shop.id, body={"url_domain": "no domain"})
    refused(404, "APIG.3001", "AssociateDomainV2", group_id="nobody", body={"url_domain": "other.example.com"})
    of = {"group_id": shop.id, "domain_id": made.id}
    assert call("UpdateDomainV2", **of, body={"min_ssl_version": "TLSv1.2"}).min_ssl_version == "TLSv1.2"
    refused(400, "APIG.2012", "UpdateDomainV2", **of, body={"min_ssl_version": "TLSv1.1"})
    refused(404, "APIG.3020", "UpdateDomainV2", **of | {"domain_id": "nobody"}, body={"min_ssl_version": "TLSv1.2"})

    bound = call("AssociateCertificateV2", **of, body={"name": "mine", **pair()})
    assert (bound.ssl_name, bound.url_domain, bound.api_group_name) == ("mine", "shop.example.com", "domains"), bound
    shown = call("ShowDetailsOfDomainNameCertificateV2", **of, certificate_id=bound.ssl_id)
    assert (shown.name, shown.san) == ("mine", ["shop.example.com"]), shown
    secret = pair()["private_key"].splitlines()[1]
    assert secret not in str(bound) and secret not in str(shown)
    told = refused(400, "APIG.2012", "AssociateCertificateV2", group_id=shop.id, domain_id=wild.id, body={"name": "mine", **pair()})
    assert "example.org" in told, told
    refused(400, "APIG.2012", "AssociateCertificateV2", **of, body={"name": "mine", "cert_content": "no certificate", "private_key": "no key"})
    refused(404, "APIG.3020", "AssociateCertificateV2", **of | {"domain_id": "nobody"}, body={"name": "mine", **pair()})
    refused(404, "APIG.3020", "ShowDetailsOfDomainNameCertificateV2", **of, certificate_id="nobody")
    refused(404, "APIG.3020", "DisassociateCertificateV2", **of, certificate_id="nobody")
    call("DisassociateCertificateV2", **of, certificate_id=bound.ssl_id)
    refused(404, "APIG.3020", "ShowDetailsOfDomainNameCertificateV2", **of, certificate_id=bound.ssl_id)
    call("DisassociateDomainV2", **of)
    shop.ask("/x", host="shop.example.com").refused(404, "APIG.0101")
    refused(404, "APIG.3020", "DisassociateDomainV2", **of)
    # A domain goes with its group, and is free again.
    shop.end()
    again = Group("domains")
    call("AssociateDomainV2", group_id=again.id, body={"url_domain": "*.example.org"})
    call("DeleteApiGroupV2", group_id=again.id)
