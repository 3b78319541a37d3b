import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { root } from "../../shell/root";

/** The pages that show what runs. */
const parent = createRoute({ getParentRoute: () => root, id: "observe" });

const monitor = createRoute({
  getParentRoute: () => parent,
  path: "/monitor",
  component: lazyRouteComponent(() => import("./MonitorPage")),
});

export const observeRoutes = parent.addChildren([monitor]);
