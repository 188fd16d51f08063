/** A template with its values: pure. */

import type { Template } from "../api";

export const keyOf = (template: Template): string => `${template.name}/${template.language}`;

/** What the person reads; a value that is still missing shows its place. */
export function filledIn(template: Template, values: readonly string[]): string {
  return template.body.replace(/\{\{(\d{1,2})\}\}/g, (place, number) => values[Number(number) - 1] || place);
}
