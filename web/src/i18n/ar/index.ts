/** Every sentence of the pages, in Arabic, by the page that says it. */

import type { Words } from "../en";
import { caller } from "./caller";
import { desk } from "./desk";
import { staff } from "./staff";

export const ar: Words = { ...caller, ...staff, ...desk };
