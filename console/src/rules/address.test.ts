import { expect, it } from "vitest";
import { first, urls } from "./address";

const gateway = {
  gateway_url: "http://127.0.0.1:8080",
  gateway_port: 8080,
  gateway_tls_url: "https://127.0.0.1:8443",
  gateway_tls_port: 8443,
  default_group_id: "d",
};
const plain = { ...gateway, gateway_tls_url: null, gateway_tls_port: null };
const shop = { id: "g", sl_domain: "g.localhost", sl_domain_access_enabled: true, url_domains: [] };
const api = (req_protocol: string) => ({ req_protocol, req_uri: "/orders" });

it("an API for https only is shown by https, where the gateway has that", () => {
  expect(urls(gateway, { id: "d" }, api("HTTPS"))).toEqual(["https://127.0.0.1:8443/orders"]);
  expect(urls(gateway, shop, api("GRPCS"))).toEqual(["https://g.localhost:8443/orders"]);
  expect(urls(plain, shop, api("HTTPS"))).toEqual(["http://g.localhost:8080/orders"]);
});

it("an API for http is shown by http and by https, where it answers, too", () => {
  const both = ["http://g.localhost:8080/orders", "https://g.localhost:8443/orders"];
  expect(urls(gateway, shop, api("HTTP"))).toEqual(both);
  expect(first(both)).toBe(both[0]);
  expect(urls(plain, shop, api("HTTP"))).toEqual(["http://g.localhost:8080/orders"]);
});

it("an API for both is shown by both", () => {
  expect(urls(gateway, shop, api("BOTH"))).toEqual([
    "https://g.localhost:8443/orders",
    "http://g.localhost:8080/orders",
  ]);
  expect(urls(plain, { id: "d" }, api("BOTH"))).toEqual(["http://127.0.0.1:8080/orders"]);
});

it("the usual ports are not said", () => {
  const usual = { ...gateway, gateway_port: 80, gateway_tls_port: 443 };
  expect(urls(usual, shop, api("BOTH"))).toEqual(["https://g.localhost/orders", "http://g.localhost/orders"]);
});

it("the domains of a group are shown after its own host, or in place of it when it is closed", () => {
  const url_domains = [{ domain: "*.example.com" }, { domain: "api.example.com" }];
  const all = urls(gateway, { ...shop, url_domains }, api("HTTPS"));
  expect(all).toEqual([
    "https://g.localhost:8443/orders",
    "https://*.example.com:8443/orders",
    "https://api.example.com:8443/orders",
  ]);
  const closed = urls(gateway, { ...shop, sl_domain_access_enabled: false, url_domains }, api("HTTPS"));
  expect(closed).toEqual(all.slice(1));
  expect(first(closed)).toBe("https://api.example.com:8443/orders");
});

it("an API that answers nowhere has no URL", () => {
  expect(urls(gateway, { ...shop, sl_domain_access_enabled: false }, api("HTTP"))).toEqual([]);
  expect(first([])).toBe("");
});
