/** Every sentence of the pages, in Arabic, by the page that says it. */

import type { Words } from "../en";
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

export const ar: Words = {
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
