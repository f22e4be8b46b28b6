import type { SourcePosition } from '../../base/errors.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { Token } from './token.ts';

/** One `#if` that is open. */
interface Group {
  readonly position: SourcePosition;
  /** The text around it counts. */
  readonly outerActive: boolean;
  active: boolean;
  /** Some part was taken already. */
  taken: boolean;
  sawElse: boolean;
}

/** The conditional directives of one file (C99 6.10.1): which parts of it count. */
export class ConditionalGroups {
  private readonly open: Group[] = [];
  private readonly diagnostics: Diagnostics;

  constructor(diagnostics: Diagnostics) {
    this.diagnostics = diagnostics;
  }

  /** Whether the text here counts. */
  get active(): boolean {
    return this.open.at(-1)?.active ?? true;
  }

  /** @param condition of `#if`, `#ifdef` or `#ifndef`; asked only where it counts */
  begin(position: SourcePosition, condition: () => boolean): void {
    const outerActive = this.active;
    const holds = outerActive && condition();
    this.open.push({ position, outerActive, active: holds, taken: holds, sawElse: false });
  }

  /** @param condition of `#elif`; asked only when no part before was taken */
  next(directive: Token, condition: () => boolean): void {
    const group = this.innermost(directive);
    if (group === undefined) return;
    const counts = group.outerActive && !group.taken;
    group.active = counts && condition();
    group.taken ||= group.active;
  }

  otherwise(directive: Token): void {
    const group = this.innermost(directive);
    if (group === undefined) return;
    group.sawElse = true;
    group.active = group.outerActive && !group.taken;
    group.taken = true;
  }

  end(directive: Token): void {
    if (this.open.pop() === undefined) this.unmatched(directive, 'without #if');
  }

  /** At the end of the file. */
  finish(): void {
    for (const { position } of this.open) {
      this.diagnostics.error('pp-unterminated-conditional', position, '#if without #endif');
    }
  }

  private innermost(directive: Token): Group | undefined {
    const group = this.open.at(-1);
    if (group === undefined) this.unmatched(directive, 'without #if');
    else if (group.sawElse) this.unmatched(directive, 'after #else');
    return group;
  }

  private unmatched(directive: Token, what: string): void {
    this.diagnostics.error('pp-unmatched-conditional', directive.position, `#${directive.text} ${what}`);
  }
}
