import { createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";
import { ApiPage } from "../pages/apis/ApiPage";
import { ApisPage } from "../pages/apis/ApisPage";
import { EditApiPage } from "../pages/apis/EditApiPage";
import { CreatePage } from "../pages/create/CreatePage";
import { FunctionPage } from "../pages/function/FunctionPage";
import { FunctionsPage } from "../pages/functions/FunctionsPage";
import { Frame } from "./Frame";
import { Missing } from "./Missing";

const root = createRootRoute({ component: Frame, notFoundComponent: Missing });

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
  component: FunctionPage,
});

const apis = createRoute({ getParentRoute: () => root, path: "/apis", component: ApisPage });
const oneApi = createRoute({ getParentRoute: () => root, path: "/apis/$api", component: ApiPage });
const editApi = createRoute({ getParentRoute: () => root, path: "/apis/$api/edit", component: EditApiPage });

export const router = createRouter({
  routeTree: root.addChildren([home, functions, create, oneFunction, apis, oneApi, editApi]),
  basepath: "/console",
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
