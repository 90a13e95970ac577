/**
 * Times as logs write them. Requests come in bunches: what is the same for a whole second is made once.
 */

/** `.000` to `.999`. */
const FRACTIONS = Array.from({ length: 1000 }, (_, ms) => `.${String(ms).padStart(3, '0')}`);

/** A duration of milliseconds as a JSON number with microseconds, such as `12.345`. Not a duration: `0`. */
export function millisecondsText(durationMs: number): string {
  if (!(durationMs > 0 && durationMs < 1e12)) return '0';
  const micros = Math.round(durationMs * 1000);
  const whole = Math.floor(micros / 1000);
  const rest = micros - whole * 1000;
  return rest === 0 ? `${whole}` : whole + (FRACTIONS[rest] ?? '');
}

/** A function that remembers the text of the second it was last asked for. `text` gets epoch seconds. */
function perSecond(text: (second: number) => string): (second: number) => string {
  let last = Number.NaN;
  let known = '';
  return (second) => {
    if (second !== last) {
      known = text(second);
      last = second;
    }
    return known;
  };
}

const isoSecond = perSecond((second) => new Date(second * 1000).toISOString().slice(0, 19));

/** `2026-11-22T00:58:03.120Z`. */
export function isoTime(timeMs: number): string {
  const second = Math.floor(timeMs / 1000);
  return `${isoSecond(second)}${FRACTIONS[Math.floor(timeMs - second * 1000)]}Z`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

const clfSecond = perSecond((second) => {
  const date = new Date(second * 1000);
  const offset = -date.getTimezoneOffset();
  const size = Math.abs(offset);
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
  const day = `${two(date.getDate())}/${MONTHS[date.getMonth()]}/${date.getFullYear()}`;
  return `${day}:${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
});

/** `10/Oct/2000:13:55:36 -0700`, in the local time zone, as the Common Log Format has it. */
export function clfTime(timeMs: number): string {
  return clfSecond(Math.floor(timeMs / 1000));
}

const clockSecond = perSecond((second) => {
  const date = new Date(second * 1000);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
});

/** `13:55:36.120`, in the local time zone. */
export function clockTime(timeMs: number): string {
  const second = Math.floor(timeMs / 1000);
  return `${clockSecond(second)}${FRACTIONS[Math.floor(timeMs - second * 1000)]}`;
}
