import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { root } from "../../shell/root";

const group = createRoute({ getParentRoute: () => root, id: "observe" });
const parent = { getParentRoute: () => group };

/** The pages that show what runs. */
export const observeRoutes = group.addChildren([
  createRoute({ ...parent, path: "/monitor", component: lazyRouteComponent(() => import("./MonitorPage")) }),
  createRoute({
    ...parent,
    path: "/requests",
    component: lazyRouteComponent(() => import("../requests/RequestsPage")),
  }),
  createRoute({
    ...parent,
    path: "/requests/$app/$name/$id",
    component: lazyRouteComponent(() => import("../requests/RequestPage")),
  }),
  createRoute({ ...parent, path: "/logs", component: lazyRouteComponent(() => import("../logs/LogsPage")) }),
  createRoute({
    ...parent,
    path: "/system",
    beforeLoad: () => {
      throw redirect({ to: "/system/$tab", params: { tab: "machine" } });
    },
  }),
  createRoute({
    ...parent,
    path: "/system/$tab",
    component: lazyRouteComponent(() => import("../system/SystemPage")),
  }),
]);
