import type { Counter, FieldReference, Table } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import { writeReference } from './fields.ts';
import { counterObject, entryName, hasDirectRegister, meterObject, octetCounterObject } from './stateful-objects.ts';
import type { GeneratedText } from './text.ts';

/** Octets of the packet, as counters and meters count them. */
export const PACKET_OCTETS = 'pif_pkt_info_global.pkt_len';

/** Direct counters of a table: the cell of the entry that matched. @param handle C expression, within the cells */
export function countEntry(model: P4Model, table: Table, handle: string, out: GeneratedText): void {
  for (const counter of model.counters.values()) {
    if (counter.binding?.kind === 'direct' && counter.binding.table === table.name) {
      for (const line of countCell(counter, handle)) out.line(line);
    }
  }
}

/** Handle in the place of an entry's when none matched: beyond every object. */
export const NO_ENTRY = '0xffffffffu';

export function noteEntry(model: P4Model, { name }: Table, handle: string, out: GeneratedText): void {
  if (hasDirectRegister(model, name)) out.line(`${entryName(name)} = ${handle};`);
}

/** Direct meters: their colour is there before the entry's action runs. */
export function meterEntry(model: P4Model, table: Table, handle: string, out: GeneratedText): void {
  for (const meter of model.meters.values()) {
    if (meter.binding?.kind !== 'direct' || meter.binding.table !== table.name || meter.result === undefined) continue;
    for (const line of meterCell(model, meter.name, handle, meter.result)) out.line(line);
  }
}

/** Statements that count the packet in a cell. */
export function countCell({ name, type }: Counter, index: string): string[] {
  const octets = type === 'bytes' ? counterObject(name) : octetCounterObject(name);
  return [
    ...(type === 'bytes' ? [] : [`pif_count(&${counterObject(name)}[${index} * 2], 1);`]),
    ...(type === 'packets' ? [] : [`pif_count(&${octets}[${index} * 2], ${PACKET_OCTETS});`]),
  ];
}

/** Statements that store a cell's colour for the packet in a field. */
export function meterCell(model: P4Model, name: string, index: string, result: FieldReference): string[] {
  const meter = model.meters.get(name);
  const amount = meter?.type === 'bytes' ? PACKET_OCTETS : '1';
  const text = `pif_meter(&${meterObject(name)}[${index} * 8], &pif_rates_${name}[${index} * 8], ${amount})`;
  return writeReference({ model }, result, { text, bits: 32 });
}
