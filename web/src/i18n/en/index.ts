/** Every sentence of the pages, in English, by the page that says it. The Arabic files have the same keys. */

import { agent } from "./agent";
import { board } from "./board";
import { caller } from "./caller";
import { campaigns } from "./campaigns";
import { desk } from "./desk";
import { staff } from "./staff";
import { story } from "./story";
import { team } from "./team";
import { threads } from "./threads";
import { voices } from "./voices";

export const en = {
  ...caller,
  ...staff,
  ...desk,
  ...team,
  ...board,
  ...story,
  ...agent,
  ...threads,
  ...campaigns,
  ...voices,
};

type Sentences<T> = { [K in keyof T]: T[K] extends string ? string : Sentences<T[K]> };
export type Words = Sentences<typeof en>;
