import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { root } from "../../shell/root";

const iam = createRoute({ getParentRoute: () => root, path: "/iam" });
const parent = { getParentRoute: () => iam };
const tabs = () => import("./IamTabs");

/** Users and rights: the tabs of the page, and the page of each user, group and agency. */
export const iamRoutes = iam.addChildren([
  createRoute({
    ...parent,
    path: "/",
    beforeLoad: () => {
      throw redirect({ to: "/iam/users" });
    },
  }),
  createRoute({ ...parent, path: "users", component: lazyRouteComponent(tabs) }),
  createRoute({ ...parent, path: "users/$user", component: lazyRouteComponent(() => import("./UserPage")) }),
  createRoute({ ...parent, path: "groups", component: lazyRouteComponent(tabs) }),
  createRoute({ ...parent, path: "groups/$group", component: lazyRouteComponent(() => import("./GroupPage")) }),
  createRoute({ ...parent, path: "roles", component: lazyRouteComponent(tabs) }),
  createRoute({ ...parent, path: "agencies", component: lazyRouteComponent(tabs) }),
  createRoute({ ...parent, path: "agencies/$agency", component: lazyRouteComponent(() => import("./AgencyPage")) }),
]);

export const auditRoute = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  component: lazyRouteComponent(() => import("../audit/AuditPage")),
});
