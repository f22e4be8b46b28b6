/**
 * Opcodes of the reliable connection (IBTA volume 1, table 38) and what follows the BTH in each. Atomics (0x12 to 0x14)
 * and the forms that invalidate a key (0x16, 0x17) are not among them: nothing here sends or serves them.
 */
export const RC_SEND_FIRST = 0x00;
export const RC_SEND_MIDDLE = 0x01;
export const RC_SEND_LAST = 0x02;
export const RC_SEND_LAST_IMMEDIATE = 0x03;
export const RC_SEND_ONLY = 0x04;
export const RC_SEND_ONLY_IMMEDIATE = 0x05;
export const RC_WRITE_FIRST = 0x06;
export const RC_WRITE_MIDDLE = 0x07;
export const RC_WRITE_LAST = 0x08;
export const RC_WRITE_LAST_IMMEDIATE = 0x09;
export const RC_WRITE_ONLY = 0x0a;
export const RC_WRITE_ONLY_IMMEDIATE = 0x0b;
export const RC_READ_REQUEST = 0x0c;
export const RC_READ_RESPONSE_FIRST = 0x0d;
export const RC_READ_RESPONSE_MIDDLE = 0x0e;
export const RC_READ_RESPONSE_LAST = 0x0f;
export const RC_READ_RESPONSE_ONLY = 0x10;
export const RC_ACKNOWLEDGE = 0x11;

export interface RoceOpcode {
  readonly value: number;
  /** Lower case with hyphens: `write-last-immediate`. */
  readonly name: string;
  readonly hasReth: boolean;
  readonly hasAeth: boolean;
  readonly hasImmediate: boolean;
  readonly hasPayload: boolean;
  /** BTH and the headers after it. */
  readonly headerOctets: number;
}

const OPCODES: readonly RoceOpcode[] = [
  opcode(RC_SEND_FIRST, 'send-first', 'payload'),
  opcode(RC_SEND_MIDDLE, 'send-middle', 'payload'),
  opcode(RC_SEND_LAST, 'send-last', 'payload'),
  opcode(RC_SEND_LAST_IMMEDIATE, 'send-last-immediate', 'immediate', 'payload'),
  opcode(RC_SEND_ONLY, 'send-only', 'payload'),
  opcode(RC_SEND_ONLY_IMMEDIATE, 'send-only-immediate', 'immediate', 'payload'),
  opcode(RC_WRITE_FIRST, 'write-first', 'reth', 'payload'),
  opcode(RC_WRITE_MIDDLE, 'write-middle', 'payload'),
  opcode(RC_WRITE_LAST, 'write-last', 'payload'),
  opcode(RC_WRITE_LAST_IMMEDIATE, 'write-last-immediate', 'immediate', 'payload'),
  opcode(RC_WRITE_ONLY, 'write-only', 'reth', 'payload'),
  opcode(RC_WRITE_ONLY_IMMEDIATE, 'write-only-immediate', 'reth', 'immediate', 'payload'),
  opcode(RC_READ_REQUEST, 'read-request', 'reth'),
  opcode(RC_READ_RESPONSE_FIRST, 'read-response-first', 'aeth', 'payload'),
  opcode(RC_READ_RESPONSE_MIDDLE, 'read-response-middle', 'payload'),
  opcode(RC_READ_RESPONSE_LAST, 'read-response-last', 'aeth', 'payload'),
  opcode(RC_READ_RESPONSE_ONLY, 'read-response-only', 'aeth', 'payload'),
  opcode(RC_ACKNOWLEDGE, 'acknowledge', 'aeth'),
];

/** What the opcode means, or undefined when it is not of this set. */
export function roceOpcode(value: number): RoceOpcode | undefined {
  return OPCODES[value];
}

export function formatRoceOpcode(value: number): string {
  return OPCODES[value]?.name ?? `opcode 0x${value.toString(16).padStart(2, '0')}`;
}

type Part = 'reth' | 'aeth' | 'immediate' | 'payload';

function opcode(value: number, name: string, ...parts: Part[]): RoceOpcode {
  const hasReth = parts.includes('reth');
  const hasAeth = parts.includes('aeth');
  const hasImmediate = parts.includes('immediate');
  const headerOctets = 12 + (hasReth ? 16 : 0) + (hasAeth ? 4 : 0) + (hasImmediate ? 4 : 0);
  return { value, name, hasReth, hasAeth, hasImmediate, hasPayload: parts.includes('payload'), headerOctets };
}
