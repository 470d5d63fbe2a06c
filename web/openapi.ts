/** The API for programs that read descriptions (OpenAPI 3.1): made from the routes, so that it says what they do. */

import { VERSION } from "../service/program/version.ts";
import { BODY_SCHEMAS, SCHEMAS } from "./api/schemas.ts";
import type { Parameter, Route } from "./routes/route.ts";
import { DOOR_ROUTES, type DoorRoute } from "./routes/session.ts";

const ABOUT = "What the pages of wifilogger ask for. Everything is only read, but for signing in " +
  "and out, known, rename and flush. A session's changes need the header X-CSRF-Token.";

/** The document. */
export function openapi(routes: readonly Route[]) {
  const paths: Record<string, Record<string, unknown>> = {};
  const add = (path: string, method: string, operation: unknown) =>
    (paths[`/${path}`] ??= {})[method.toLowerCase()] = operation;
  for (const route of DOOR_ROUTES) add(route.path, route.method, doorOperation(route));
  for (const route of routes) add(route.path, route.method, operation(route));
  add("openapi.json", "GET", {
    summary: "this document",
    responses: { 200: { description: "the document", content: { [JSON_TYPE]: {} } } },
  });
  return {
    openapi: "3.1.0",
    info: { title: "wifilogger", version: VERSION, description: ABOUT },
    servers: [{ url: "/api/v1" }],
    security: [{ session: [] }, { token: [] }],
    paths,
    components: {
      schemas: { ...SCHEMAS, ...BODY_SCHEMAS },
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "wifilogger" },
        token: { type: "http", scheme: "bearer" },
      },
    },
  };
}

const JSON_TYPE = "application/json";
const TYPES: Readonly<Record<string, string>> = { csv: "text/csv", mud: JSON_TYPE };

function operation(route: Route) {
  const { about, parameters, formats, type = JSON_TYPE, body, answer, path } = route;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const format: Parameter[] = formats === undefined
    ? []
    : [{ name: "format", about: "the form of the answer", words: ["json", ...formats] }];
  const others = (formats ?? []).map((word) => TYPES[word])
    .filter((one) => one !== type).map((one) => [one, {}]);
  return {
    summary: about,
    parameters: [...inPath, ...[...parameters, ...format].map(parameterOf)],
    ...bodyOf(body),
    responses: {
      200: {
        description: about,
        content: { [type]: { schema: ref(answer) }, ...Object.fromEntries(others) },
      },
      ...FAULTS,
    },
  };
}

function doorOperation({ about, body, answer }: DoorRoute) {
  return {
    summary: about,
    security: [],
    ...bodyOf(body),
    responses: {
      ...(answer === undefined ? { 204: { description: about } } : {
        200: { description: about, content: { [JSON_TYPE]: { schema: ref(answer) } } },
      }),
      ...FAULTS,
    },
  };
}

function parameterOf({ name, about, words, isList, isNumber }: Parameter) {
  const one = isNumber ? { type: "integer" } : { type: "string", ...(words && { enum: words }) };
  return {
    name,
    in: "query",
    description: about,
    schema: isList ? { type: "array", items: one } : one,
    ...(isList && { style: "form", explode: false }),
  };
}

function bodyOf(body: string | undefined) {
  if (body === undefined) return {};
  return { requestBody: { required: true, content: { [JSON_TYPE]: { schema: ref(body) } } } };
}

const FAULTS = {
  default: {
    description: "why there is no answer",
    content: { [JSON_TYPE]: { schema: ref("ErrorAnswer") } },
  },
};

function ref(name: string) {
  return { $ref: `#/components/schemas/${name}` };
}
