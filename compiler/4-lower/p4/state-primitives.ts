import type { ActionCall, Register, TableBinding } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import { calculationCall } from './calculation-names.ts';
import { countCell, meterCell, NO_ENTRY } from './direct-objects.ts';
import { cExpression } from './expressions.ts';
import { writeReference } from './fields.ts';
import { operationName } from './packet-operations.ts';
import { NO_RULES } from './program-rules.ts';
import { cellCount, digestObject, entryName, registerObject } from './stateful-objects.ts';
import type { GeneratedText } from './text.ts';
import { type CValue, literal } from './values.ts';

/**
 * Primitives that keep state or ask something of the packet's way: counters, meters, registers, random numbers, hashes,
 * digests, clones.
 * @returns whether the call was one of them
 */
export function generateStateCall(
  model: P4Model,
  call: ActionCall,
  values: ReadonlyMap<string, CValue>,
  out: GeneratedText,
): boolean {
  const scope = { model, values };
  const argument = (index: number): string => {
    const given = call.arguments[index];
    return given === undefined ? '0u' : cExpression(scope, given).text;
  };
  const name = (index: number): string => {
    const given = call.arguments[index];
    return given?.kind === 'name' ? given.name : '';
  };
  const write = (index: number, value: CValue): void => {
    const target = call.arguments[index];
    if (target?.kind !== 'field') return;
    for (const line of writeReference(scope, target, value)) out.line(line);
  };
  /** Statements for a cell that exists; nothing happens to others, which are beyond the object. */
  const withCell = (index: number, cells: number, statements: () => void, binding?: TableBinding): void => {
    // A direct register has a cell for each entry of its table: the one of the entry that matched is meant.
    const direct = binding?.kind === 'direct';
    const cell = direct ? entryName(binding.table) : `(unsigned int)${argument(index)}`;
    out.line('{').line(`unsigned int pif_index = ${cell};`);
    out.line(`if (pif_index < ${direct ? NO_ENTRY : cells}) {`);
    statements();
    out.line('}').line('}');
  };
  const cells = (object: Parameters<typeof cellCount>[2]): number => cellCount(model, NO_RULES, object);
  switch (call.name) {
    case 'count': {
      const counter = model.counters.get(name(0));
      if (counter === undefined) return true;
      withCell(1, cells(counter), () => {
        for (const line of countCell(counter, 'pif_index')) out.line(line);
      });
      return true;
    }
    case 'execute_meter': {
      const meter = model.meters.get(name(0));
      const result = call.arguments[2];
      if (meter === undefined || result?.kind !== 'field') return true;
      withCell(1, cells(meter), () => {
        for (const line of meterCell(model, meter.name, 'pif_index', result)) out.line(line);
      });
      return true;
    }
    case 'register_read': {
      const register = model.registers.get(name(1));
      if (register === undefined) return true;
      const { bits, signed } = register;
      const type = bits > 32 ? 'long long' : 'int';
      out.line('{').line(`unsigned ${type} pif_cell = 0;`);
      const read = `pif_cell = ${registerObject(register)}[pif_index];`;
      withCell(2, cells(register), () => out.line(read), register.binding);
      const shift = (bits > 32 ? 64 : 32) - bits;
      const text = signed ? `((${type})(pif_cell << ${shift}) >> ${shift})` : 'pif_cell';
      write(0, { text, bits, signed });
      out.line('}');
      return true;
    }
    case 'register_write': {
      const register = model.registers.get(name(0));
      if (register === undefined) return true;
      const given = call.arguments[2];
      const value = given === undefined ? literal(0n) : cExpression(scope, given);
      const store = registerStore(register, 'pif_index', value);
      const storeCell = (): void => {
        for (const line of store) out.line(line);
      };
      withCell(1, cells(register), storeCell, register.binding);
      return true;
    }
    case 'modify_field_rng_uniform':
      write(0, { text: `pif_random(${argument(1)}, ${argument(2)})`, bits: 64 });
      return true;
    case 'modify_field_with_hash_based_offset': {
      const size = `(unsigned int)${argument(3)}`;
      write(0, { text: `(${argument(1)} + (unsigned int)${calculationCall(name(2))} % ${size})`, bits: 64 });
      return true;
    }
    case 'generate_digest': {
      const receiver = call.arguments[0];
      out.line(`pif_count(${digestObject(receiver?.kind === 'number' ? receiver.value : 0n)}, 1);`);
      return true;
    }
    case 'truncate':
      out.line(`pif_operations.truncate = (unsigned int)${argument(0)};`);
      return true;
    case 'resubmit':
    case 'recirculate':
      out.line(`pif_operations.${call.name} = ${1 + listNumber(model, name(0))};`);
      return true;
    default: {
      const clone = operationName(call.name);
      if (clone === undefined) return false;
      out.line(`pif_operations.${clone} = ${1 + listNumber(model, name(1))};`);
      out.line(`pif_operations.${clone}_session = (unsigned int)${argument(0)};`);
      return true;
    }
  }
}

/** Statements that write a cell: what it cannot hold is cut off, or stopped at its ends. */
function registerStore(register: Register, index: string, value: CValue): string[] {
  const { bits, signed, saturating } = register;
  const all = (1n << BigInt(bits)) - 1n;
  const suffix = bits > 32 ? 'ull' : 'u';
  const cell = `${registerObject(register)}[${index}]`;
  const store = (text: string): string => `${cell} = ${text} & 0x${all.toString(16)}${suffix};`;
  if (!saturating || bits === 64) return [store(value.text)];
  const most = signed ? all >> 1n : all;
  const isSigned = value.signed === true;
  const type = isSigned ? 'long long' : 'unsigned long long';
  const least = signed ? `(-0x${most.toString(16)}ll - 1)` : '0ll';
  return [
    `${type} pif_stored = (${type})${value.text};`,
    `if (pif_stored > 0x${most.toString(16)}${isSigned ? 'll' : 'ull'}) {`,
    `pif_stored = 0x${most.toString(16)};`,
    '}',
    ...(isSigned ? [`if (pif_stored < ${least}) {`, `pif_stored = ${least};`, '}'] : []),
    store('pif_stored'),
  ];
}

/** Field lists count from 1; 0 means that nothing is preserved. */
export function listNumber(model: P4Model, list: string): number {
  return [...model.fieldLists.keys()].indexOf(list) + 1;
}
