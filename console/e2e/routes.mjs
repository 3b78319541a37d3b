// Every page that the router knows, with something in it: light, dark and narrow, and nothing in it that keeps people out. A page that is new is
// walked from the day it has a route, or this fails.
import assert from "node:assert/strict";
import { api, ask, funcd, settled, walk } from "./browser.mjs";
import { deploy, open } from "./functions.mjs";

const NAME = "shop";
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}/g;
const language = process.argv[2] === "zh" ? "zh" : "en";

/** Sends a request by the command line. */
const request = (method, path, body) =>
  JSON.parse(funcd("request", method, path, ...(body ? ["--data", JSON.stringify(body)] : [])) || "null");

/** Something of everything that has a page of its own: what stands for the parameters of a route. */
async function things(project) {
  const url = deploy(NAME, "one").split("\n").at(-1);
  assert.equal((await ask(url)).status, 200);
  const [{ id: instance }] = request("GET", `/v2/${project}/apigw/instances`).instances;
  const gateway = `/v2/${project}/apigw/instances/${instance}`;
  const [{ id: api }] = request("GET", `${gateway}/apis`).apis;
  const group = request("POST", `${gateway}/api-groups`, { name: "orders" }).id;
  const app = request("POST", `${gateway}/apps`, { name: "caller" }).id;
  const throttle = request("POST", `${gateway}/throttles`, {
    name: "slowly",
    api_call_limits: 10,
    time_interval: 1,
    time_unit: "MINUTE",
    type: 1,
  }).id;
  const acl = request("POST", `${gateway}/acls`, {
    acl_name: "inside",
    acl_type: "PERMIT",
    entity_type: "IP",
    acl_value: "10.0.0.0/8",
  }).id;
  const plugin = request("POST", `${gateway}/plugins`, {
    plugin_name: "marked",
    plugin_type: "set_resp_headers",
    plugin_scope: "global",
    plugin_content: JSON.stringify({
      response_headers: [{ name: "X-Shop", value: "1", value_type: "custom_value", action: "override" }],
    }),
  }).plugin_id;
  const user = request("POST", "/v3/users", { user: { name: "reader" } }).user.id;
  const members = request("POST", "/v3/groups", { group: { name: "readers" } }).group.id;
  const domain = request("GET", "/v3/auth/domains").domains[0].id;
  const agency = request("POST", "/v3.0/OS-AGENCY/agencies", {
    agency: { name: "to-read", domain_id: domain, trust_domain_name: "op_svc_cff", duration: "FOREVER" },
  }).agency.id;
  let record;
  // It is written a moment after the answer.
  while (!record) [record] = request("GET", `/v2/${project}/funcd/functions/default:${NAME}/requests`).requests;
  return {
    "/functions/$app/$name/$tab": { app: "default", name: NAME },
    "/requests/$app/$name/$id": { app: "default", name: NAME, id: record.request_id },
    "/system/$tab": {},
    "/apis/apps/$app": { app },
    "/apis/groups/$group": { group },
    "/apis/throttles/$policy": { policy: throttle },
    "/apis/acls/$policy": { policy: acl },
    "/apis/plugins/$policy": { policy: plugin },
    "/apis/$api": { api },
    "/apis/$api/edit": { api },
    "/apis/$api/call": { api },
    "/iam/users/$user": { user },
    "/iam/groups/$group": { group: members },
    "/iam/agencies/$agency": { agency },
  };
}

await walk(language, async ({ page, look }) => {
  const looked = new Set();
  const busy = page.locator(".ant-skeleton, .ant-spin-spinning");

  const see = async (place) => {
    await page.goto(`${api}/console${place}`);
    await page.getByRole("main").waitFor();
    await page.locator("main :is(h1, h2, table, form, [role=tabpanel], .ant-card)").first().waitFor();
    await busy.first().waitFor({ state: "detached" });
    await settled(page);
    assert.equal(await page.getByRole("main").locator(".ant-alert-error").count(), 0, place);
    const shown = new URL(page.url()).pathname.replace(/^\/console\//, "");
    // What only leads elsewhere is seen there.
    if (looked.has(shown)) return;
    looked.add(shown);
    await look(shown.replaceAll(ID, "one").replaceAll("/", "-"));
  };

  await open(page, "/functions");
  await page.getByRole("main").waitFor();
  const routes = await page.evaluate(() => Object.keys(window.__TSR_ROUTER__.routesByPath));
  assert.ok(routes.length > 30, `only ${routes.join(", ")}`);
  const known = await things(JSON.parse(funcd("credentials", "--json")).project_id);
  const seen = new Set();
  for (const route of routes) {
    const path = route.replace(/(?<=.)\/$/, "");
    if (seen.has(path)) continue;
    seen.add(path);
    const named = path.includes("$") ? known[path] : {};
    assert.ok(named, `${path} is not walked: say what stands for its parameters`);
    const place = path.replaceAll(/\$(\w+)/g, (all, name) => named[name] ?? all);
    if (!place.endsWith("$tab")) {
      await see(place);
      continue;
    }
    // The tabs are what the page says.
    await page.goto(`${api}/console${place.replace("$tab", "overview")}`);
    await page.getByRole("tab").first().waitFor();
    const tabs = await page.locator("[data-node-key]").evaluateAll((all) => all.map((one) => one.dataset.nodeKey));
    assert.ok(tabs.length > 3, `${path} has the tabs ${tabs.join(", ")}`);
    for (const tab of new Set(tabs)) await see(place.replace("$tab", tab));
  }
});
