import { NAMES, phase } from './moon.js';

// The site has one page for each day, `/2026-11-24`; the server answers all of them with index.html.
export function Page({ path }) {
  const written = Date.parse(path.slice(1));
  const day = Number.isNaN(written) ? new Date() : new Date(written);
  const shift = (days) => `/${new Date(day.getTime() + days * 86_400_000).toISOString().slice(0, 10)}`;
  return (
    <>
      <h1>{import.meta.env.VITE_TITLE ?? 'Moon phases'}</h1>
      <p>
        {day.toDateString()}: {NAMES[phase(day)]}
      </p>
      <nav>
        <a href={shift(-1)}>the day before</a> <a href={shift(1)}>the day after</a>
      </nav>
    </>
  );
}
