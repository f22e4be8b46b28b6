import type { FieldListEntry } from '../../2-parse/p4/tree.ts';
import type { P4Instance, P4Model } from '../../3-analyze/p4/model.ts';
import { findInstance } from '../../3-analyze/p4/references.ts';
import { headerWord } from './extract.ts';
import { headerOrder } from './header-order.ts';
import type { ParseGraph } from './parse-graph.ts';

/** Bits of a field list that lie side by side in a word of a header's structure, or a number of at most 32 bits. */
export interface ListRun {
  /** Undefined: a number. */
  readonly instance: P4Instance | undefined;
  readonly wordIndex: number;
  /** From the most significant bit of the word. */
  readonly startBit: number;
  readonly bits: number;
  readonly value: bigint;
}

export interface ListContents {
  readonly runs: readonly ListRun[];
  /** The list ends with everything behind the header that it names last: these headers, and the payload. */
  readonly payload: { readonly headers: readonly P4Instance[] } | undefined;
}

/** What a field list holds, other lists and whole headers taken apart. */
export function listContents(model: P4Model, graph: ParseGraph, name: string): ListContents {
  const runs: ListRun[] = [];
  let payload: ListContents['payload'];
  let latest: P4Instance | undefined;
  for (const entry of flatten(model, name)) {
    if (entry.kind === 'payload') {
      payload = { headers: headersBehind(model, graph, latest) };
    } else if (entry.kind === 'literal') {
      addNumber(runs, entry.value, entry.bits ?? 0);
    } else if (entry.kind === 'field') {
      const instance = findInstance(model, entry.instance);
      const field = instance?.fields.find((each) => each.name === entry.field);
      if (instance === undefined || field === undefined) continue;
      if (!instance.metadata) latest = instance;
      for (const { offsetBits, bits } of field.pieces) addPiece(runs, instance, offsetBits, bits);
    }
  }
  return { runs, payload };
}

function flatten(model: P4Model, listName: string): FieldListEntry[] {
  const list = model.fieldLists.get(listName);
  return (list?.entries ?? []).flatMap((entry): FieldListEntry[] => {
    if (entry.kind !== 'name') return [entry];
    if (model.fieldLists.has(entry.name)) return flatten(model, entry.name);
    const { position, name: instance } = entry;
    const fields = findInstance(model, instance)?.fields ?? [];
    return fields.map((field) => ({ kind: 'field', position, instance, field: field.name }));
  });
}

function addPiece(runs: ListRun[], instance: P4Instance, offsetBits: number, bits: number): void {
  const wordIndex = Math.floor(offsetBits / 32);
  const startBit = offsetBits % 32;
  const last = runs.at(-1);
  if (last?.instance === instance && last.wordIndex === wordIndex && last.startBit + last.bits === startBit) {
    runs[runs.length - 1] = { ...last, bits: last.bits + bits };
  } else {
    runs.push({ instance, wordIndex, startBit, bits, value: 0n });
  }
}

function addNumber(runs: ListRun[], value: bigint, bits: number): void {
  for (let left = bits; left > 0; ) {
    const part = left % 32 === 0 ? 32 : left % 32;
    left -= part;
    const number = BigInt.asUintN(part, value >> BigInt(left));
    runs.push({ instance: undefined, wordIndex: 0, startBit: 0, bits: part, value: number });
  }
}

/** Headers that may follow another in a packet. */
function headersBehind(model: P4Model, graph: ParseGraph, latest: P4Instance | undefined): P4Instance[] {
  const order = headerOrder(model);
  const behind = latest === undefined ? order : order.slice(order.indexOf(latest) + 1);
  if (!graph.constantOffsets || latest === undefined) return behind;
  return behind.filter((header) =>
    graph.stacks.some((stack) => {
      const names = stack.map(({ name }) => name);
      return names.includes(latest.name) && names.indexOf(header.name) > names.indexOf(latest.name);
    }),
  );
}

/** A run as the least significant bits of a C value of 32. */
export function runText({ instance, wordIndex, startBit, bits, value }: ListRun): string {
  if (instance === undefined) return `0x${value.toString(16)}u`;
  const word = headerWord(instance, wordIndex);
  const below = 32 - startBit - bits;
  const down = below === 0 ? word : `(${word} >> ${below})`;
  return bits === 32 ? word : startBit === 0 ? down : `(${down} & 0x${(2 ** bits - 1).toString(16)}u)`;
}
