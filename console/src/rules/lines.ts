import { shell } from "../shared/shell";
import { eventOf, type Request } from "./event";

/** A call of a function as lines for a terminal or a program. */
export interface Called {
  /** Where the API is. */
  api: string;
  project: string;
  /** The function's URN, with a version or alias. */
  urn: string;
  /** What is sent: a request, or an event that is none. */
  sent: Request | { event: unknown };
}

/** The event of a call. */
export const sentEvent = (sent: Called["sent"]): unknown => ("event" in sent ? sent.event : eventOf(sent));

/** The name that the command line takes: without what is usual. */
function nameOf(urn: string): string {
  const [app = "", name = "", qualifier = "latest"] = urn.split(":").slice(5);
  const plain = app === "default" && (qualifier === "latest" || qualifier.startsWith("!")) ? name : `${app}:${name}`;
  return shell(qualifier === "latest" ? plain : `${plain}:${qualifier}`);
}

const HAS_BODY = (request: Request) => request.body !== "" && !["GET", "HEAD"].includes(request.method);

/** `funcd invoke`, which calls the same operation. */
export function commandLine({ urn, sent }: Called): string {
  if ("event" in sent)
    return `funcd invoke ${nameOf(urn)} --event - <<'EOF'\n${JSON.stringify(sent.event, null, 2)}\nEOF`;
  const body = HAS_BODY(sent) ? ` --data ${shell(sent.body)}` : "";
  const method = sent.method === (body ? "POST" : "GET") ? "" : ` --method ${sent.method}`;
  const path = sent.path === "/" ? "" : ` --path ${shell(sent.path)}`;
  const headers = sent.headers
    .filter(({ name }) => name)
    .map(({ name, value }) => ` --header ${shell(`${name}: ${value ?? ""}`)}`)
    .join("");
  return `funcd invoke ${nameOf(urn)}${method}${path}${headers}${body}`;
}

/** A JSON value as Python writes it; JSON's strings are Python's, too. */
function python(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object")
    return `{${Object.entries(value)
      .map(([name, one]) => `${JSON.stringify(name)}: ${python(one)}`)
      .join(", ")}}`;
  return JSON.stringify(value);
}

/** With the vendor's SDK for Python; the keys are those that `funcd credentials` prints. */
export const pythonLines = ({ api, project, urn, sent }: Called) => `import base64, json, os
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkfunctiongraph.v2 import FunctionGraphClient, InvokeFunctionRequest

credentials = BasicCredentials(os.environ["ACCESS_KEY"], os.environ["SECRET_KEY"], ${JSON.stringify(project)})
client = FunctionGraphClient.new_builder().with_credentials(credentials).with_endpoints([${JSON.stringify(api)}]).build()
answer = client.invoke_function(InvokeFunctionRequest(
    function_urn=${JSON.stringify(urn)},
    x_cff_request_version="v1",
    body=${python(sentEvent(sent))}))
result = json.loads(answer.result)
print(result["statusCode"], base64.b64decode(result["body"]).decode())`;

/** With the vendor's SDK for Node.js. */
export const nodeLines = ({
  api,
  project,
  urn,
  sent,
}: Called) => `const { BasicCredentials } = require("@huaweicloud/huaweicloud-sdk-core");
const { FunctionGraphClient, InvokeFunctionRequest } = require("@huaweicloud/huaweicloud-sdk-functiongraph");

const { ACCESS_KEY, SECRET_KEY } = process.env;
const credential = new BasicCredentials().withAk(ACCESS_KEY).withSk(SECRET_KEY).withProjectId(${JSON.stringify(project)});
const client = FunctionGraphClient.newBuilder().withCredential(credential).withEndpoint(${JSON.stringify(api)}).build();
const request = new InvokeFunctionRequest()
  .withFunctionUrn(${JSON.stringify(urn)})
  .withXCFFRequestVersion("v1")
  .withBody(${JSON.stringify(sentEvent(sent))});
client.invokeFunction(request).then((answer) => {
  const { statusCode, body } = JSON.parse(answer.result);
  console.log(statusCode, Buffer.from(body, "base64").toString());
});`;
