import { formatDurationPs, formatOctets } from '../../base/units.ts';
import { DEPTH_PARTS, type QueueDepth } from './queue-depths.ts';

const BLOCKS = '▁▂▃▄▅▆▇█';

/** Depths as a line of blocks, the tallest of which is `maximumOctets`; nothing where the queue was empty. */
export function sparkline(depths: readonly number[], maximumOctets: number): string {
  const blockOf = (octets: number): string => {
    return octets === 0 ? ' ' : BLOCKS[Math.min(7, Math.floor((8 * octets) / maximumOctets))]!;
  };
  return depths.map(blockOf).join('');
}

const WIDTH = 720;
const HEIGHT = 260;
const LEFT = 80;
const RIGHT = 20;
const TOP = 20;
const ROW = 18;
const COLORS = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd'];

/** The same as an SVG picture: a step line for each queue, with both scales. There is at least one queue. */
export function queuePlot(queues: readonly QueueDepth[]): string {
  const { fromPs, toPs } = queues[0]!;
  const mostOctets = Math.max(...queues.map((queue) => queue.maximumOctets));
  const xOf = (part: number) => LEFT + (part * (WIDTH - LEFT - RIGHT)) / DEPTH_PARTS;
  const yOf = (octets: number) => TOP + HEIGHT * (1 - octets / mostOctets);
  const line = ({ depths }: QueueDepth): string => {
    const points = depths.flatMap((octets, part) => [`${xOf(part)},${yOf(octets)}`, `${xOf(part + 1)},${yOf(octets)}`]);
    return points.join(' ');
  };
  const height = TOP + HEIGHT + 40 + ROW * queues.length;
  const text = (x: number, y: number, anchor: string, words: string) =>
    `<text x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="white"/>`,
    `<path d="M${LEFT} ${TOP}V${TOP + HEIGHT}H${WIDTH - RIGHT}" fill="none" stroke="#888"/>`,
    text(LEFT - 6, TOP + 4, 'end', formatOctets(mostOctets)),
    text(LEFT - 6, TOP + HEIGHT, 'end', '0'),
    text(LEFT, TOP + HEIGHT + 18, 'start', `from ${formatInstant(fromPs)}`),
    text(WIDTH - RIGHT, TOP + HEIGHT + 18, 'end', `${formatDurationPs(toPs - fromPs)} later`),
    ...queues.flatMap((queue, index) => {
      const y = TOP + HEIGHT + 40 + ROW * index;
      const color = COLORS[index % COLORS.length]!;
      const label = `${queueName(queue)}: at most ${formatOctets(queue.maximumOctets)} at ${formatInstant(queue.maximumAtPs)}`;
      return [
        `<polyline points="${line(queue)}" fill="none" stroke="${color}" stroke-width="1.5"/>`,
        `<rect x="${LEFT}" y="${y - 9}" width="10" height="10" fill="${color}"/>`,
        text(LEFT + 16, y, 'start', label),
      ];
    }),
    '</svg>',
    '',
  ].join('\n');
}

/** `switch.6, priorities 0 1 2` */
export function queueName({ port, priorities }: QueueDepth): string {
  if (priorities === 'all') return port;
  return `${port}, ${priorities.includes(' ') ? 'priorities' : 'priority'} ${priorities}`;
}

/** An instant of emulated time to the microsecond: three digits would not tell two of them apart. */
export function formatInstant(timePs: number): string {
  return `${(timePs / 1e12).toFixed(6)} s`;
}
