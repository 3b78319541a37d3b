import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../shell/root";
import { Gateway } from "./scope";

const gateway = createRoute({ getParentRoute: () => root, path: "/apis", component: Gateway });
const parent = { getParentRoute: () => gateway };
const tabs = () => import("./GatewayTabs");

/** What is managed of the gateway: the tabs of its page, and the page of each thing in them. Names of tabs are no ids, which have 32 digits. */
export const gatewayRoutes = gateway.addChildren([
  createRoute({ ...parent, path: "/", component: lazyRouteComponent(tabs) }),
  createRoute({ ...parent, path: "groups", component: lazyRouteComponent(tabs) }),
  createRoute({ ...parent, path: "apps", component: lazyRouteComponent(tabs) }),
  createRoute({ ...parent, path: "apps/$app", component: lazyRouteComponent(() => import("../apps/AppPage")) }),
  createRoute({ ...parent, path: "environments", component: lazyRouteComponent(tabs) }),
  createRoute({ ...parent, path: "groups/$group", component: lazyRouteComponent(() => import("../groups/GroupPage")) }),
  createRoute({ ...parent, path: "throttles", component: lazyRouteComponent(tabs) }),
  createRoute({
    ...parent,
    path: "throttles/$policy",
    component: lazyRouteComponent(() => import("../policies/ThrottlePage")),
  }),
  createRoute({ ...parent, path: "acls", component: lazyRouteComponent(tabs) }),
  createRoute({ ...parent, path: "acls/$policy", component: lazyRouteComponent(() => import("../policies/AclPage")) }),
  createRoute({ ...parent, path: "plugins", component: lazyRouteComponent(tabs) }),
  createRoute({
    ...parent,
    path: "plugins/$policy",
    component: lazyRouteComponent(() => import("../policies/PluginPage")),
  }),
  createRoute({ ...parent, path: "authorizers", component: lazyRouteComponent(tabs) }),
  createRoute({ ...parent, path: "new", component: lazyRouteComponent(() => import("../apis/CreateApiPage")) }),
  createRoute({ ...parent, path: "$api", component: lazyRouteComponent(() => import("../apis/ApiPage"), "ApiPage") }),
  createRoute({
    ...parent,
    path: "$api/edit",
    component: lazyRouteComponent(() => import("../apis/EditApiPage"), "EditApiPage"),
  }),
  createRoute({ ...parent, path: "$api/call", component: lazyRouteComponent(() => import("../call/CallPage")) }),
]);
