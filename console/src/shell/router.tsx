import { createRoute, createRouter, redirect } from "@tanstack/react-router";
import { CreatePage } from "../pages/create/CreatePage";
import { FunctionPage } from "../pages/function/FunctionPage";
import { FunctionsPage } from "../pages/functions/FunctionsPage";
import { gatewayRoutes } from "../pages/gateway/routes";
import { auditRoute, iamRoutes } from "../pages/iam/routes";
import { observeRoutes } from "../pages/monitor/routes";
import { root } from "./root";

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/functions" });
  },
});

const functions = createRoute({ getParentRoute: () => root, path: "/functions", component: FunctionsPage });

const create = createRoute({ getParentRoute: () => root, path: "/functions/new", component: CreatePage });

const oneFunction = createRoute({
  getParentRoute: () => root,
  path: "/functions/$app/$name/$tab",
  // Which instance's log is wanted.
  validateSearch: ({ instance }: Record<string, unknown>): { instance?: string } =>
    instance === undefined ? {} : { instance: String(instance) },
  component: FunctionPage,
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    functions,
    create,
    oneFunction,
    gatewayRoutes,
    iamRoutes,
    auditRoute,
    observeRoutes,
  ]),
  basepath: "/console",
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
