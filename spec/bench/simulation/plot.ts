/** Owns the simulation as a picture: how much of the wanted mail is there after how long, as SVG. */

import { DAY, HOUR, MINUTE } from './retries.ts';
import type { PeerName } from './configurations.ts';
import type { Delays, Simulation } from './simulate.ts';

interface Line {
  readonly name: PeerName;
  readonly colour: string;
  /** Told apart without colours, too. */
  readonly dashes: string;
}

const LINES: readonly Line[] = [
  { name: 'Postern', colour: '#1f6f54', dashes: '' },
  { name: 'as postgrey', colour: '#b3541e', dashes: '7 4' },
  { name: 'as milter-greylist', colour: '#4a55a2', dashes: '2 3' },
];

const PANELS = [
  { kind: 'all', title: 'All wanted mail' },
  { kind: 'pool', title: 'Large providers: pools of hosts, SPF and names' },
] as const;

const TICKS: readonly (readonly [ms: number, name: string])[] = [
  [MINUTE, '1 min'],
  [5 * MINUTE, '5 min'],
  [30 * MINUTE, '30 min'],
  [2 * HOUR, '2 h'],
  [12 * HOUR, '12 h'],
  [5 * DAY, '5 d'],
];

const WIDTH = 460;
const HEIGHT = 260;
const LEFT = 46;
const TOP = 34;
const GAP = 60;
const BELOW = 62;
/** What came at once stands left of the first minute. */
const LEAST_MS = 15_000;
const MOST_MS = 5 * DAY;

export function plot(simulation: Simulation): string {
  const width = LEFT + PANELS.length * WIDTH + (PANELS.length - 1) * GAP + 20;
  const height = TOP + HEIGHT + BELOW;
  const panels = PANELS.map((panel, i) => panelOf(simulation, panel, LEFT + i * (WIDTH + GAP)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    '<title>Share of wanted mail let in, by the time since its first try</title>',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...panels,
    legend(TOP + HEIGHT + 50),
    '</svg>',
    '',
  ].join('\n');
}

function panelOf({ peers }: Simulation, { kind, title }: (typeof PANELS)[number], left: number): string {
  const grid = [0, 20, 40, 60, 80, 100].map(
    (percent) =>
      `<path d="M${left} ${y(percent)}h${WIDTH}" stroke="#ddd"/>` +
      text(left - 6, y(percent) + 4, `${percent} %`, 'end'),
  );
  const ticks = TICKS.map(
    ([ms, name]) =>
      `<path d="M${x(left, ms)} ${TOP}v${HEIGHT}" stroke="#eee"/>` +
      text(x(left, ms), TOP + HEIGHT + 16, name, 'middle'),
  );
  const lines = LINES.map(
    ({ name, colour, dashes }) =>
      `<path d="${steps(peers[name].delays[kind], left)}" fill="none" stroke="${colour}" stroke-width="2.2"` +
      `${dashes === '' ? '' : ` stroke-dasharray="${dashes}"`}><title>${name}</title></path>`,
  );
  return [
    text(left + WIDTH / 2, TOP - 14, title, 'middle', ' font-weight="bold"'),
    ...grid,
    ...ticks,
    text(left, TOP + HEIGHT + 16, 'at once', 'middle'),
    ...lines,
  ].join('\n');
}

/** What has come by then stays: a line of steps. */
function steps({ curve }: Delays, left: number): string {
  let path = `M${left} ${y(0)}`;
  for (const [ms, percent] of curve) path += `H${x(left, ms)}V${y(percent)}`;
  return `${path}H${left + WIDTH}`;
}

function x(left: number, ms: number): number {
  const share = Math.log(Math.max(ms, LEAST_MS) / LEAST_MS) / Math.log(MOST_MS / LEAST_MS);
  return rounded(left + Math.min(1, share) * WIDTH);
}

function y(percent: number): number {
  return rounded(TOP + HEIGHT * (1 - percent / 100));
}

function legend(top: number): string {
  return LINES.map(({ name, colour, dashes }, i) => {
    const left = LEFT + i * 190;
    const dash = dashes === '' ? '' : ` stroke-dasharray="${dashes}"`;
    return (
      `<path d="M${left} ${top - 4}h28" stroke="${colour}" stroke-width="2.2"${dash}/>` +
      text(left + 36, top, name, 'start')
    );
  }).join('\n');
}

function text(left: number, top: number, words: string, anchor: string, more = ''): string {
  return `<text x="${left}" y="${top}" text-anchor="${anchor}" fill="#222"${more}>${words}</text>`;
}

function rounded(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
