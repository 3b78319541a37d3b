import { createRootRoute } from "@tanstack/react-router";
import { Frame } from "./Frame";
import { Missing } from "./Missing";

export const root = createRootRoute({ component: Frame, notFoundComponent: Missing });
