import type { components } from "../generated/funcd";

export type Timings = components["schemas"]["FuncdTimings"];

/** How long a request took for whoever sent it: what the gateway or the API did before it arrived is not in `total_us`. */
export const whole = ({ gateway_us, total_us }: Pick<Timings, "gateway_us" | "total_us">) => gateway_us + total_us;
