import type { SourcePosition } from '../../../base/errors.ts';

/**
 * Micro-C that is made from P4, as the vendor's tools make it too. Every line remembers the place in the P4 program that
 * it comes from, and its tokens carry that place on: into diagnostics, and into the line table of the firmware.
 */
export class GeneratedText {
  private readonly lines: string[] = [];
  private readonly positions: SourcePosition[] = [];
  private current: SourcePosition;
  private depth = 0;

  constructor(start: SourcePosition) {
    this.current = start;
  }

  at(position: SourcePosition): this {
    this.current = position;
    return this;
  }

  line(text: string): this {
    if (text.startsWith('}')) this.depth--;
    this.lines.push('  '.repeat(Math.max(this.depth, 0)) + text);
    this.positions.push(this.current);
    if (text.endsWith('{')) this.depth++;
    return this;
  }

  get text(): string {
    return `${this.lines.join('\n')}\n`;
  }

  /** Where line `line` (from 1) comes from. */
  positionOf(line: number): SourcePosition {
    return this.positions[line - 1] ?? this.current;
  }
}
