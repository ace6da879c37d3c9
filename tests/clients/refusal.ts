/** Says in words what REST refuses: one sentence, or sentences at the place of each value. */
export function said(refusal: unknown): string {
  if (typeof refusal === "string") return refusal;
  if (Array.isArray(refusal)) return refusal.map(said).filter(Boolean).join(" ");
  const places = Object.entries(refusal ?? {});
  return places.map(([place, below]) => (place === "detail" ? said(below) : `${place}: ${said(below)}`)).join("\n");
}
