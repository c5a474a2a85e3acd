export const NAMES = [
  'new moon', 'waxing crescent', 'first quarter', 'waxing gibbous',
  'full moon', 'waning gibbous', 'last quarter', 'waning crescent',
];
const MONTH = 29.530588853 * 86_400_000;
const NEW_MOON = Date.UTC(2000, 0, 6, 18, 14);

// Which eighth of the moon's month a day lies in.
export function phase(day) {
  const age = (((day - NEW_MOON) % MONTH) + MONTH) % MONTH;
  return Math.round((age / MONTH) * 8) % 8;
}
