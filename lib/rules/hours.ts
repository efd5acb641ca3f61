/** Owns times of the week: `22:00-06:00`, `Sat,Sun`, `Mon-Fri 08:00-18:00`, by the clock on this machine's wall. */

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY_MINUTES = 1440;
/** All seven days by name, and hours. */
const LONGEST = 100;

/** Whether a moment (ms since 1970) is within; null: not a time. Never throws. */
export function parseHours(text: string): ((moment: number) => boolean) | null {
  if (text.length > LONGEST) return null;
  const [, dayText, hourText] = /^\s*([a-z][a-z, -]*?)?\s*(\d.*?)?\s*$/i.exec(text) ?? [];
  if (dayText === undefined && hourText === undefined) return null;
  const days = dayText === undefined ? new Set(DAYS.keys()) : parseDays(dayText);
  const hours = hourText === undefined ? ([0, DAY_MINUTES] as const) : parseSpan(hourText);
  if (days === null || hours === null) return null;
  const [from, to] = hours;
  return (moment) => {
    const at = new Date(moment);
    const minutes = at.getHours() * 60 + at.getMinutes();
    if (from < to) return days.has(at.getDay()) && minutes >= from && minutes < to;
    // Over midnight: the hours after it belong to the day on which the span began.
    return minutes >= from ? days.has(at.getDay()) : minutes < to && days.has((at.getDay() + 6) % 7);
  };
}

function parseDays(text: string): ReadonlySet<number> | null {
  const days = new Set<number>();
  for (const part of text.split(',')) {
    const [first, last = first] = part.trim().split(/\s*-\s*/);
    const [from, to] = [DAYS.indexOf(short(first!)), DAYS.indexOf(short(last!))];
    if (from < 0 || to < 0) return null;
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === to) break;
    }
  }
  return days;
}

/** `Monday`, `mon` → `mon`; anything else is no day. */
function short(name: string): string {
  const lower = name.toLowerCase();
  return /^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?$/.test(lower)
    ? lower.slice(0, 3)
    : '';
}

/** In minutes of the day; over midnight the first is the greater. */
function parseSpan(text: string): readonly [number, number] | null {
  const [, fromHours, fromMinutes, toHours, toMinutes] =
    /^(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)$/.exec(text) ?? [];
  const from = minutesOf(fromHours, fromMinutes);
  const to = minutesOf(toHours, toMinutes);
  return from === null || to === null || from === to || from === DAY_MINUTES ? null : [from, to];
}

function minutesOf(hours: string | undefined, minutes: string | undefined): number | null {
  const [h, m] = [Number(hours), Number(minutes)];
  return h <= 23 && m <= 59 ? h * 60 + m : h === 24 && m === 0 ? DAY_MINUTES : null;
}
