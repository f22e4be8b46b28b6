import type { ImmediateOperand, RegisterOperand } from './instruction-operands.ts';

/** Commands that the core sends to memories and other units over the chip's internal bus. */

export type CommandTarget = 'mem' | 'cls' | 'ct' | 'nbi' | 'ila' | 'pcie' | 'arm' | 'crypto';

export type CommandSource =
  /** Registers only, or an immediate of 0..127. */
  RegisterOperand | ImmediateOperand;

/**
 * Where a command goes, and what the two register reads of the instruction give:
 * - `sum`: `a, b` -> 32-bit address a + b. `a` comes from bank A's port (no gprB), `b` from bank B's (no gprA).
 * - `shifted`: `base, <<8, offset` -> 40-bit address (base << 8) + offset; the two from different banks, either way round.
 * - `immediate`: a 16-bit address in the instruction.
 * - `third_party`: as `shifted`, but the data goes to or comes from the unit that `dataReference` (0..127) names.
 * - `immediate_data`: no address, 22 bits of data. `immediate_pair`: 16-bit address and 14 bits of data.
 */
export type CommandAddress =
  | { readonly kind: 'sum'; readonly a: CommandSource; readonly b: CommandSource }
  | { readonly kind: 'shifted'; readonly base: CommandSource; readonly offset: CommandSource }
  | { readonly kind: 'immediate'; readonly address: number }
  | {
      readonly kind: 'third_party';
      readonly dataReference: number;
      readonly base: CommandSource;
      readonly offset: CommandSource;
    }
  | { readonly kind: 'immediate_data'; readonly data: number }
  | { readonly kind: 'immediate_pair'; readonly address: number; readonly data: number };

/** `mem[read32, $xfer_0, gprA_2, <<8, gprB_3, 8], ctx_swap[sig1]` and the like for the other targets. */
export interface CommandInstruction {
  readonly kind: 'command';
  readonly target: CommandTarget;
  /** The mnemonic as objdump spells it, alternatives and all; see `commands.ts`. */
  readonly command: string;
  /** First transfer register, 0..63: transfer-in for data that returns, transfer-out for data that is sent. */
  readonly xfer: number;
  readonly address: CommandAddress;
  /** As printed, 1..8: the length field of the instruction plus 1, in units of the command (octets, words, ...). */
  readonly count: number;
  /** `indirect_ref`: the result of the instruction before overrides parts of the command. */
  readonly indirect: boolean;
  /** `swap` waits for the signal with other contexts running; `done` only raises it; `none` raises nothing. */
  readonly completion: 'swap' | 'done' | 'none';
  /** 1..15, or 0 for none (`ctx_swap[--]`). */
  readonly signal: number;
  /** Only with `swap`: 0..2. */
  readonly defer: 0 | 1 | 2;
}
