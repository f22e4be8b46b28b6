import { assert } from '../../base/assert.ts';
import { findCommandByAlternative } from '../../npu/isa/commands.ts';
import { CSR, csrAddress } from '../../npu/isa/csr.ts';
import type { IrFunction, Operand, Operation } from '../ir.ts';
import { successorsOf } from '../ir-walk.ts';
import { blockWeights } from './block-weights.ts';
import { immediate, type MachineFunction, type MachineOperand, NONE, virtual } from './machine.ts';
import { selectBinary } from './select-arithmetic.ts';
import { selectEnd } from './select-branches.ts';
import { selectExtract, selectFfs, selectFunnel, selectInsert, selectWide } from './select-fields.ts';
import { selectMemory } from './select-memory.ts';
import { blockLabel, Selection } from './selection.ts';
import { signalPairs } from './signal-pairs.ts';

/**
 * Instruction selection: legal IR (see `legalise.ts`) to machine code with virtual registers, one function.
 * Labels are `function/block`.
 */
export function selectFunction(
  function_: IrFunction,
  settings: { isEntry: boolean; localWords: readonly number[] },
): MachineFunction {
  const selection = new Selection(function_, { ...settings, signalPairs: signalPairs(function_) });
  const weights = blockWeights(function_);
  const blocks = function_.blocks.map((block, index) => {
    const instructions = selection.startBlock();
    for (const operation of block.operations) {
      selection.position = operation.position;
      selectOperation(selection, operation);
    }
    selection.position = block.end.position;
    selectEnd(selection, block.end, function_.blocks[index + 1]);
    const label = (name: string) => blockLabel(function_.name, name);
    const successors = successorsOf(block.end).map(label);
    return { label: label(block.name), instructions, successors, weight: weights.get(block.name)! };
  });
  return {
    name: function_.name,
    owner: function_.owner,
    blocks,
    registerCount: selection.registerCount,
    parameters: function_.parameters.map((parameter) => parameter.id),
    results: selection.results,
    link: selection.link,
    groups: selection.groups,
    signalCount: selection.signalCount,
    hasSignalPairs: selection.hasSignalPairs,
  };
}

/** From a `crc` until CRCRemainder shows it (docs/npu.md). */
const CRC_DELAY_CYCLES = 5;

function selectOperation(s: Selection, operation: Operation): void {
  switch (operation.op) {
    case 'copy':
      s.copy(virtual(operation.target.id), operation.source);
      break;
    case 'not':
      s.alu('~B', virtual(operation.target.id), NONE, s.source(operation.source));
      break;
    case 'binary':
      selectBinary(s, operation);
      break;
    case 'wide':
      selectWide(s, operation);
      break;
    case 'funnel':
      selectFunnel(s, operation);
      break;
    case 'extract':
      selectExtract(s, operation);
      break;
    case 'insert':
      selectInsert(s, operation);
      break;
    case 'ffs':
      selectFfs(s, operation);
      break;
    case 'local_load':
      s.move(virtual(operation.target.id), localWord(s, operation.local, operation.index));
      break;
    case 'local_store':
      s.copy(localWord(s, operation.local, operation.index), operation.source);
      break;
    case 'local_load_at':
      point(s, operation.address);
      s.move(virtual(operation.target.id), { kind: 'pointed' });
      break;
    case 'local_store_at': {
      // The value first: loading a constant would lie between pointer and use without need.
      const value = s.source(operation.source);
      point(s, operation.address);
      s.move({ kind: 'pointed' }, value);
      break;
    }
    case 'transfer_get':
      s.move(virtual(operation.target.id), transferWord(operation.group, operation.index));
      break;
    case 'transfer_set':
      s.copy(transferWord(operation.group, operation.index), operation.source);
      break;
    case 'memory':
      selectMemory(s, operation);
      break;
    case 'wait':
      s.put(
        {
          kind: 'ctx_arb',
          wait: operation.any === true ? 'any' : 'signals',
          signals: operation.signals.map((signal) => s.signal(signal)),
        },
        NONE,
        NONE,
        NONE,
      );
      break;
    case 'receive':
      packetCommand(s, 'ctm.packet_add_thread', operation.group, 4, true);
      break;
    case 'send':
      packetCommand(s, 'ctm.packet_complete_unicast', operation.group, 2, false);
      break;
    case 'csr_read': {
      const csr = csrAddress(operation.csr);
      assert(csr !== undefined, `CSR ${operation.csr}`);
      // Until then the remainder is the one before the last `crc`.
      if (csr === CSR.CRCRemainder) {
        for (let i = 0; i < CRC_DELAY_CYCLES; i++) s.put({ kind: 'nop' }, NONE, NONE, NONE);
      }
      s.put({ kind: 'csr_rd', csr }, virtual(operation.target.id), NONE, NONE);
      break;
    }
    case 'csr_write': {
      const csr = csrAddress(operation.csr);
      assert(csr !== undefined, `CSR ${operation.csr}`);
      s.put({ kind: 'csr_wr', csr }, NONE, NONE, s.source(operation.source));
      break;
    }
    case 'context_number': {
      const status = virtual(s.fresh());
      s.put({ kind: 'csr_rd', csr: CSR.ActCtxStatus }, status, NONE, NONE);
      s.alu('AND', virtual(operation.target.id), status, immediate(7));
      break;
    }
    case 'yield':
      s.put({ kind: 'ctx_arb', wait: 'voluntary', signals: [] }, NONE, NONE, NONE);
      break;
    case 'call': {
      const constants = operation.arguments.map((argument) =>
        argument.kind === 'constant' ? argument.value : undefined,
      );
      const operands = operation.arguments.map((argument) =>
        argument.kind === 'register' ? virtual(argument.id) : NONE,
      );
      s.put(
        {
          kind: 'call',
          function: operation.function,
          arguments: operands,
          argumentConstants: constants,
          results: operation.results.map((result) => virtual(result.id)),
        },
        NONE,
        NONE,
        NONE,
      );
      break;
    }
    case 'crc': {
      const { operator, littleEndian, bytes } = operation;
      s.put({ kind: 'crc', operator, littleEndian, bytes }, NONE, NONE, s.source(operation.source));
      break;
    }
    case 'cam_lookup':
      s.put({ kind: 'cam_lookup' }, virtual(operation.target.id), NONE, s.source(operation.source));
      break;
    case 'cam_read':
      s.put({ kind: 'cam_read', what: operation.what }, virtual(operation.target.id), NONE, s.source(operation.source));
      break;
    case 'cam_write': {
      const tag = operation.tag === undefined ? NONE : s.source(operation.tag);
      s.put({ kind: 'cam_write', state: operation.state }, NONE, s.source(operation.entry), tag);
      break;
    }
    case 'cam_clear':
      s.put({ kind: 'cam_clear' }, NONE, NONE, NONE);
      break;
    case 'signal_test':
    case 'divide':
    case 'compare':
    case 'local_address':
      assert(false, `${operation.op} is made legal before selection`);
  }
}

function localWord(s: Selection, local: number, index: Operand): MachineOperand {
  assert(index.kind === 'constant', 'variable local indexes are made legal before selection');
  return { kind: 'local', word: s.localWords[local]! + index.value };
}

function transferWord(group: number, index: Operand): MachineOperand {
  assert(index.kind === 'constant', 'variable transfer indexes are made legal before selection');
  return { kind: 'transfer', group, index: index.value };
}

/** Sets the moving pointer. The `pointed` operand that follows is `rewrite.ts`'s to delay far enough. */
function point(s: Selection, address: Operand): void {
  s.put({ kind: 'csr_wr', csr: 'pointer' }, NONE, NONE, s.source(address));
}

function packetCommand(s: Selection, command: string, group: number, words: number, receives: boolean): void {
  const found = findCommandByAlternative('mem', command);
  assert(found !== undefined, command);
  s.put(
    {
      kind: 'command',
      target: 'mem',
      command: found.name,
      form: 'sum',
      group,
      first: 0,
      words,
      exact: true,
      receives,
      sends: !receives,
      count: words,
      indirect: false,
      completion: 'swap',
    },
    NONE,
    immediate(0),
    // These commands have no address, but two immediates have no encoding.
    virtual(s.constantRegister(0)),
  );
}
