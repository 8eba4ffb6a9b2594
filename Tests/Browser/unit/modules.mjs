// The modules of the console are served as .js; node reads them as modules by this loader, wherever the tests are run from.
import { register } from "node:module";

register(
  "data:text/javascript," +
    encodeURIComponent(`export async function load(url, context, next) {
      return next(url, url.includes("/Services/Console/Web/") ? { ...context, format: "module" } : context);
    }`),
);

export const web = (name) => import(new URL(`../../../Services/Console/Web/${name}`, import.meta.url));
