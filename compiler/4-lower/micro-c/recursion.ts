import { assert } from '../../../base/assert.ts';
import type { SourcePosition } from '../../../base/errors.ts';
import type { Block, IrFunction, IrModule, Operand, Operation, OperationOf, Register } from '../../ir.ts';
import { addObject, FunctionBuilder } from '../../ir-builder.ts';
import { mapEndSources, mapSources, mapSuccessors, mapTargets } from '../../ir-walk.ts';
import { liveAcrossCalls } from '../../live-across-calls.ts';
import { contextIndex } from './context-index.ts';
import { TRAP_ADDRESS } from './trap.ts';

/** Stands for how many calls of a recursion are open, where a function of one is lowered. */
export const DEPTH_REGISTER = 'recursion.depth';

/** One command moves at most this many words. */
const WORDS_A_COMMAND = 32;

/** Functions of the module that call one another in a circle. */
export interface RecursiveFunctions {
  /** In the module. */
  readonly names: readonly string[];
  readonly depth: number;
  readonly position: SourcePosition;
}

/**
 * Recursion to an explicit stack (paper section 3.1(b)): the functions become the parts of one, a call among them pushes
 * what lives across it and the place to come back to, and jumps; a return pops. The stack lies in EMEM, one for each
 * context. A call deeper than the bound stops the program as a fault.
 */
export function lowerRecursion(module: IrModule, recursion: RecursiveFunctions, contextSlots: number): void {
  new RecursionLowering(module, recursion, contextSlots).run();
}

interface Part {
  readonly source: IrFunction;
  readonly parameters: readonly Register[];
  readonly firstRegister: number;
  readonly firstLocal: number;
  readonly liveAfter: ReadonlyMap<Operation, readonly number[]>;
}

class RecursionLowering {
  private readonly module: IrModule;
  private readonly recursion: RecursiveFunctions;
  private readonly parts = new Map<string, Part>();
  private readonly groupsOf = new Map<string, number>();
  private readonly resultCount: number;
  private readonly argumentCount: number;
  private readonly b: FunctionBuilder;
  private readonly depth: Register;
  private readonly frame: Register;
  private readonly results: Register[];
  private readonly stack: string;
  private readonly frameOctets: number;
  private readonly resumptions: string[] = [];

  constructor(module: IrModule, recursion: RecursiveFunctions, contextSlots: number) {
    this.module = module;
    this.recursion = recursion;
    const sources = recursion.names.map((name) => {
      const found = module.functions.get(name);
      assert(found !== undefined, `function ${name}`);
      return found;
    });
    const first = sources[0] as IrFunction;
    this.resultCount = Math.max(...sources.map(({ resultCount }) => resultCount));
    this.argumentCount = Math.max(...sources.map(({ parameters }) => parameters.length));
    const name = `${first.name}.recursive`;
    this.b = new FunctionBuilder(module, {
      name,
      owner: first.owner,
      parameterNames: ['part', ...Array.from({ length: this.argumentCount }, (_, i) => `argument.${i}`)],
      resultCount: this.resultCount,
      inline: 'never',
      ...(first.position === undefined ? {} : { position: first.position }),
    });
    this.depth = this.b.register('depth');
    this.frame = this.b.register('frame');
    this.results = Array.from({ length: this.resultCount }, (_, i) => this.b.register(`result.${i}`));
    for (const source of sources) this.addPart(source);
    this.frameOctets = 4 * this.largestFrameWords();
    this.stack = `${name}.stack`;
    const strideBits = Math.ceil(Math.log2(this.frameOctets * recursion.depth));
    addObject(module, {
      name: this.stack,
      owner: first.owner,
      memory: 'emem',
      octets: 2 ** strideBits * contextSlots,
      align: 8,
      position: first.position,
    });
    this.start(strideBits);
  }

  private addPart(source: IrFunction): void {
    const { registers, locals, groups } = this.b.function;
    const firstRegister = registers.length;
    const firstLocal = locals.length;
    const firstGroup = groups.length;
    registers.push(...source.registers);
    locals.push(...source.locals.map((local) => ({ ...local, id: local.id + firstLocal })));
    groups.push(...source.groups.map((group) => ({ ...group, id: group.id + firstGroup })));
    this.groupsOf.set(source.name, firstGroup);
    const parameters = source.parameters.map(({ id }): Register => ({ kind: 'register', id: id + firstRegister }));
    const liveAfter = liveAcrossCalls(source, new Set(this.recursion.names));
    this.parts.set(source.name, { source, parameters, firstRegister, firstLocal, liveAfter });
  }

  private largestFrameWords(): number {
    let most = 1;
    for (const { source, liveAfter } of this.parts.values()) {
      const ofLocals = source.locals.reduce((sum, { words }) => sum + words, 0);
      for (const live of liveAfter.values()) most = Math.max(most, 1 + live.length + ofLocals);
    }
    return most;
  }

  /** The way in from outside: to the part that is called, with nothing on the stack. */
  private start(strideBits: number): void {
    const { b } = this;
    const index = contextIndex(b);
    b.binary('shl', index, strideBits, this.frame);
    b.copy(0, this.depth);
    const [part, ...given] = Array.from({ length: this.argumentCount + 1 }, (_, i) => b.parameter(i)) as [
      Register,
      ...Register[],
    ];
    const names = [...this.parts.keys()];
    names.forEach((name, number) => {
      const [matches, next] = [b.blockName('part'), b.blockName('other')];
      b.branch('eq', part, number, matches, next);
      b.startBlock(matches);
      const { parameters } = this.parts.get(name) as Part;
      parameters.forEach((parameter, i) => {
        b.copy(given[i] as Register, parameter);
      });
      b.jump(this.blockOf(name, firstBlock(this.parts.get(name) as Part)));
      b.startBlock(next);
    });
    b.halt();
  }

  run(): void {
    for (const part of this.parts.values()) for (const block of part.source.blocks) this.block(part, block);
    this.finish();
    for (const name of this.recursion.names) this.module.functions.delete(name);
    for (const caller of this.module.functions.values()) if (caller !== this.b.function) this.redirect(caller);
  }

  private blockOf(function_: string, block: string): string {
    return `${function_}/${block}`;
  }

  private block(part: Part, block: Block): void {
    const { b } = this;
    const { name } = part.source;
    const register = ({ id }: Register): Register => ({ kind: 'register', id: id + part.firstRegister });
    const operand = (old: Operand): Operand => (old.kind === 'register' ? register(old) : old);
    b.startBlock(this.blockOf(name, block.name));
    for (const operation of block.operations) {
      b.at(operation.position);
      if (operation.op === 'call' && this.parts.has(operation.function)) {
        this.call(part, operation, register, operand);
        continue;
      }
      const moved = this.relocated(mapTargets(mapSources(operation, operand), register), part);
      if (moved.op === 'csr_read' && moved.csr === DEPTH_REGISTER) b.copy(this.depth, moved.target);
      else b.emit(moved);
    }
    const end = mapSuccessors(mapEndSources(block.end, operand), (to) => this.blockOf(name, to));
    b.at(end.position);
    if (end.op === 'return') {
      end.values.forEach((value, i) => {
        b.copy(value, this.results[i] as Register);
      });
      b.jump('return');
    } else b.endWith(end);
  }

  private relocated(operation: Operation, part: Part): Operation {
    const firstGroup = this.groupsOf.get(part.source.name) as number;
    switch (operation.op) {
      case 'local_load':
      case 'local_store':
      case 'local_address':
        return { ...operation, local: operation.local + part.firstLocal };
      case 'transfer_get':
      case 'transfer_set':
      case 'receive':
      case 'send':
        return { ...operation, group: operation.group + firstGroup };
      case 'memory':
        return operation.group === undefined ? operation : { ...operation, group: operation.group + firstGroup };
      default:
        return operation;
    }
  }

  private call(
    part: Part,
    call: OperationOf<'call'>,
    register: (old: Register) => Register,
    operand: (old: Operand) => Operand,
  ): void {
    const { b } = this;
    const target = this.parts.get(call.function) as Part;
    const [push, overflow, resume] = [b.blockName('push'), b.blockName('overflow'), b.blockName('resume')];
    b.branch('ult', this.depth, this.recursion.depth - 1, push, overflow);
    b.startBlock(overflow);
    const group = b.group(1);
    b.memory('read32', TRAP_ADDRESS, { group, count: 1 });
    b.halt();
    b.startBlock(push);
    const live = (part.liveAfter.get(call) ?? []).map((id) => register({ kind: 'register', id }));
    const words = part.source.locals.flatMap(({ id, words: count }) =>
      Array.from({ length: count }, (_, index) => ({ local: id + part.firstLocal, index })),
    );
    const ofLocals = words.map(({ local, index }) => b.localLoad(local, index));
    const site: Operand = { kind: 'constant', value: this.resumptions.length };
    this.write([site, ...live, ...ofLocals]);
    b.add(this.frame, this.frameOctets, this.frame);
    b.add(this.depth, 1, this.depth);
    // All arguments are read before the first parameter is written: caller and callee may be one function.
    const given = call.arguments.map((argument) => b.copy(operand(argument)));
    given.forEach((value, i) => {
      b.copy(value, target.parameters[i] as Register);
    });
    b.jump(this.blockOf(call.function, firstBlock(target)));
    b.startBlock(resume);
    this.resumptions.push(resume);
    const saved = this.read(1 + live.length + words.length);
    live.forEach((each, i) => {
      b.copy(saved[1 + i] as Register, each);
    });
    words.forEach(({ local, index }, i) => {
      b.localStore(local, index, saved[1 + live.length + i] as Register);
    });
    call.results.forEach((result, i) => {
      b.copy(this.results[i] as Register, register(result));
    });
  }

  private write(values: readonly Operand[]): void {
    const { b } = this;
    for (let first = 0; first < values.length; first += WORDS_A_COMMAND) {
      const chunk = values.slice(first, first + WORDS_A_COMMAND);
      const group = b.group(chunk.length);
      for (const [i, value] of chunk.entries()) b.transferSet(group, i, value);
      b.memory('write32', this.stackAddress(first), { group, count: chunk.length });
    }
  }

  private read(count: number): Register[] {
    const { b } = this;
    const found: Register[] = [];
    for (let first = 0; first < count; first += WORDS_A_COMMAND) {
      const length = Math.min(WORDS_A_COMMAND, count - first);
      const group = b.group(length);
      b.memory('read32', this.stackAddress(first), { group, count: length });
      for (let i = 0; i < length; i++) found.push(b.transferGet(group, i));
    }
    return found;
  }

  private stackAddress(word: number) {
    const offset = word === 0 ? this.frame : this.b.add(this.frame, 4 * word);
    return { form: 'object', object: this.stack, offset } as const;
  }

  /** Returns: out of the recursion, or to where the call on top of the stack was made. */
  private finish(): void {
    const { b } = this;
    b.startBlock('return');
    b.branch('eq', this.depth, 0, 'finished', 'unwind');
    b.startBlock('finished');
    b.return(this.results);
    b.startBlock('unwind');
    b.sub(this.depth, 1, this.depth);
    b.sub(this.frame, this.frameOctets, this.frame);
    const [site] = this.read(1);
    this.resumptions.forEach((resume, number) => {
      const next = b.blockName('site');
      if (number === this.resumptions.length - 1) {
        b.jump(resume);
        return;
      }
      b.branch('eq', site as Register, number, resume, next);
      b.startBlock(next);
    });
    if (this.resumptions.length === 0) b.halt();
  }

  private redirect(caller: IrFunction): void {
    const names = [...this.parts.keys()];
    for (const block of caller.blocks) {
      block.operations.forEach((operation, at) => {
        if (operation.op !== 'call' || !this.parts.has(operation.function)) return;
        const padding = Array.from(
          { length: this.argumentCount - operation.arguments.length },
          (): Operand => ({ kind: 'constant', value: 0 }),
        );
        const unused = Array.from({ length: this.resultCount - operation.results.length }, (): Register => {
          caller.registers.push({ name: '' });
          return { kind: 'register', id: caller.registers.length - 1 };
        });
        block.operations[at] = {
          ...operation,
          function: this.b.function.name,
          arguments: [
            { kind: 'constant', value: names.indexOf(operation.function) },
            ...operation.arguments,
            ...padding,
          ],
          results: [...operation.results, ...unused],
        };
      });
    }
  }
}

function firstBlock({ source }: Part): string {
  const [first] = source.blocks;
  assert(first !== undefined, `${source.name} has a block`);
  return first.name;
}
