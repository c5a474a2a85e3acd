// The time between two high tides, and a known high tide of each port.
const PERIOD = 44_714_000;
const KNOWN = { dover: '2026-01-01T08:12:00Z', brest: '2026-01-01T14:37:00Z' };

export function nextHighTide(port, after) {
  const known = KNOWN[port];
  if (!known) return null;
  const since = after - Date.parse(known);
  return { port, at: new Date(Date.parse(known) + Math.ceil(since / PERIOD) * PERIOD).toISOString() };
}
