/** Every sentence of the pages, in English, by the page that says it. The Arabic files have the same keys. */

import { caller } from "./caller";
import { desk } from "./desk";
import { staff } from "./staff";

export const en = { ...caller, ...staff, ...desk };

type Sentences<T> = { [K in keyof T]: T[K] extends string ? string : Sentences<T[K]> };
export type Words = Sentences<typeof en>;
