import { assert } from '../../base/assert.ts';
import type { Bank } from '../../npu/isa/instruction.ts';
import { BitSet } from '../bit-set.ts';
import { liveOut, liveReads } from './liveness.ts';
import { type MachineFunction, type MachineInstruction, writesOf } from './machine.ts';

/**
 * Register allocation by graph colouring (Chaitin and Briggs: simplify, select optimistically, spill what finds no
 * colour), with two things of this chip added: the two GPR sources of an instruction must lie in different banks, which
 * weighs in the choice of a colour and is repaired by a move where it cannot be had (`rewrite.ts`); and spilled
 * registers stay usable as operands, because an instruction can name local memory, so nothing is reloaded and one round
 * is enough.
 *
 * Registers are allocated over the call graph, callees first (Chow 1988, without recursion): a register that lives
 * across a call keeps away from all that the callee and its callees write, so calls save nothing.
 */
export type Place =
  | { readonly kind: 'gpr'; readonly bank: Bank; readonly index: number }
  /** Word of the function's own spill frame. */
  | { readonly kind: 'spill'; readonly word: number };

export interface Allocation {
  /** By virtual register; undefined where the register never occurs. */
  readonly places: readonly (Place | undefined)[];
  readonly spillWords: number;
  /** Colours that the function or anything it calls writes. */
  readonly clobbers: number;
}

export const GPRS_A_BANK = 16;
/** The last register of each bank belongs to `rewrite.ts`, for repairs; no virtual register gets it. */
export const SCRATCH_INDEX = GPRS_A_BANK - 1;
/** Colours: even numbers are bank A, odd ones bank B, so that low numbers use both. */
const COLOURS = 2 * (GPRS_A_BANK - 1);
const ALL_COLOURS = (2 ** COLOURS - 1) | 0;
const BANK_A_COLOURS = 0x15555555;
const BANK_B_COLOURS = 0x2aaaaaaa;

export function colourOf(place: Place): number {
  assert(place.kind === 'gpr', 'a spilled register has no colour');
  return place.index * 2 + (place.bank === 'B' ? 1 : 0);
}

interface Node {
  readonly neighbours: Set<number>;
  /** Colours that a call takes away. */
  forbidden: number;
  /** What a spill costs: uses and definitions by weight. */
  cost: number;
  readonly differentBank: Map<number, number>;
  /** Copies from and to: the same colour saves an instruction. */
  readonly copies: Map<number, number>;
  /** Colours that callees or callers expect. */
  readonly wishes: Map<number, number>;
  bankWish: number;
}

export function allocateRegisters(
  function_: MachineFunction,
  callees: ReadonlyMap<string, { readonly allocation: Allocation; readonly function: MachineFunction }>,
): Allocation {
  const nodes = buildGraph(function_, callees);
  const order = simplify(nodes);
  const colours = new Array<number | undefined>(nodes.length);
  const places = new Array<Place | undefined>(nodes.length);
  const spilled: number[] = [];
  let clobbers = 0;
  for (const id of order) {
    const node = nodes[id]!;
    let free = ALL_COLOURS & ~node.forbidden;
    for (const neighbour of node.neighbours) {
      const taken = colours[neighbour];
      if (taken !== undefined) free &= ~(1 << taken);
    }
    const colour = free === 0 ? undefined : chooseColour(node, free, colours);
    if (colour === undefined) {
      spilled.push(id);
      continue;
    }
    colours[id] = colour;
    clobbers |= 1 << colour;
    places[id] = { kind: 'gpr', bank: (colour & 1) === 0 ? 'A' : 'B', index: colour >> 1 };
  }
  const spillWords = placeSpills(nodes, spilled, places);
  for (const { allocation } of callees.values()) clobbers |= allocation.clobbers;
  return { places, spillWords, clobbers };
}

function buildGraph(function_: MachineFunction, callees: Parameters<typeof allocateRegisters>[1]): Node[] {
  const nodes: Node[] = [];
  for (let id = 0; id < function_.registerCount; id++) {
    nodes.push({
      neighbours: new Set(),
      forbidden: 0,
      cost: 0,
      differentBank: new Map(),
      copies: new Map(),
      wishes: new Map(),
      bankWish: 0,
    });
  }
  const connect = (a: number, b: number): void => {
    if (a === b) return;
    nodes[a]!.neighbours.add(b);
    nodes[b]!.neighbours.add(a);
  };
  const out = liveOut(function_);
  function_.blocks.forEach((block, position) => {
    const live = out[position]!.copy();
    for (let i = block.instructions.length - 1; i >= 0; i--) {
      const instruction = block.instructions[i]!;
      const copied = copySource(instruction);
      const writes = writesOf(instruction);
      for (const write of writes) {
        nodes[write]!.cost += block.weight;
        live.forEach((other) => {
          if (other !== copied) connect(write, other);
        });
        for (const other of writes) connect(write, other);
      }
      for (const write of writes) live.delete(write);
      if (instruction.code.kind === 'call') {
        const callee = callees.get(instruction.code.function);
        assert(callee !== undefined, `callee ${instruction.code.function} is allocated first`);
        live.forEach((other) => {
          nodes[other]!.forbidden |= callee.allocation.clobbers;
        });
        wishForCall(nodes, instruction, callee, block.weight);
      }
      for (const read of liveReads(function_, instruction)) {
        nodes[read]!.cost += block.weight;
        live.add(read);
      }
      noteOperands(nodes, instruction, block.weight);
    }
    if (position === 0) {
      // Arguments arrive together, with the return address.
      const arriving = [...function_.parameters, ...(function_.link === undefined ? [] : [function_.link])];
      for (const a of arriving) {
        nodes[a]!.cost += 1;
        for (const b of arriving) connect(a, b);
        live.forEach((other) => {
          connect(a, other);
        });
      }
    }
  });
  return nodes;
}

/** The register that a plain copy reads: it may share its colour with the target. */
function copySource(instruction: MachineInstruction): number | undefined {
  const { code, a, b } = instruction;
  const plain = code.kind === 'alu' && code.operator === 'B' && a.kind === 'none';
  return plain && b.kind === 'virtual' ? b.id : undefined;
}

function addWeight(map: Map<number, number>, key: number, weight: number): void {
  map.set(key, (map.get(key) ?? 0) + weight);
}

function noteOperands(nodes: readonly Node[], instruction: MachineInstruction, weight: number): void {
  const { code, a, b, destination } = instruction;
  const apart = (x: number, y: number): void => {
    if (x === y) return;
    addWeight(nodes[x]!.differentBank, y, weight);
    addWeight(nodes[y]!.differentBank, x, weight);
  };
  if (a.kind === 'virtual' && b.kind === 'virtual') apart(a.id, b.id);
  if (code.kind === 'ld_field' && destination.kind === 'virtual' && b.kind === 'virtual') apart(destination.id, b.id);
  const copied = copySource(instruction);
  if (copied !== undefined && destination.kind === 'virtual') {
    addWeight(nodes[copied]!.copies, destination.id, weight);
    addWeight(nodes[destination.id]!.copies, copied, weight);
  }
}

function wishForCall(
  nodes: readonly Node[],
  instruction: MachineInstruction,
  callee: { readonly allocation: Allocation; readonly function: MachineFunction },
  weight: number,
): void {
  if (instruction.code.kind !== 'call') return;
  const wish = (id: number, place: Place | undefined): void => {
    if (place?.kind === 'gpr') addWeight(nodes[id]!.wishes, colourOf(place), weight);
  };
  instruction.code.arguments.forEach((argument, index) => {
    const parameter = callee.function.parameters[index]!;
    if (argument.kind === 'virtual') wish(argument.id, callee.allocation.places[parameter]);
  });
  instruction.code.results.forEach((result, index) => {
    const given = callee.function.results[index]!;
    if (result.kind === 'virtual') wish(result.id, callee.allocation.places[given]);
  });
}

/** Nodes in the order in which they are to be coloured. */
function simplify(nodes: readonly Node[]): number[] {
  const present: number[] = [];
  nodes.forEach((node, id) => {
    if (node.cost > 0) present.push(id);
  });
  const room = nodes.map((node) => COLOURS - bitCount(node.forbidden));
  const degree = nodes.map((node) => node.neighbours.size);
  const removed = new BitSet(nodes.length);
  const stack: number[] = [];
  const easy: number[] = present.filter((id) => degree[id]! < room[id]!);
  const queued = new BitSet(nodes.length);
  for (const id of easy) queued.add(id);
  const remove = (id: number): void => {
    removed.add(id);
    stack.push(id);
    for (const neighbour of nodes[id]!.neighbours) {
      if (removed.has(neighbour)) continue;
      degree[neighbour]!--;
      if (degree[neighbour]! < room[neighbour]! && !queued.has(neighbour)) {
        queued.add(neighbour);
        easy.push(neighbour);
      }
    }
  };
  for (let left = present; ; ) {
    for (let id = easy.pop(); id !== undefined; id = easy.pop()) if (!removed.has(id)) remove(id);
    left = left.filter((id) => !removed.has(id));
    if (left.length === 0) break;
    // The cheapest to spill for the room it gives; it may still find a colour.
    let best = left[0]!;
    for (const id of left) {
      if (nodes[id]!.cost * (degree[best]! + 1) < nodes[best]!.cost * (degree[id]! + 1)) best = id;
    }
    queued.add(best);
    remove(best);
  }
  return stack.reverse();
}

function chooseColour(node: Node, free: number, colours: readonly (number | undefined)[]): number {
  let inA = node.bankWish;
  let inB = 0;
  for (const [other, weight] of node.differentBank) {
    const colour = colours[other];
    if (colour === undefined) continue;
    if ((colour & 1) === 0) inA += weight;
    else inB += weight;
  }
  const gain = new Map(node.wishes);
  for (const [other, weight] of node.copies) {
    const colour = colours[other];
    if (colour !== undefined) addWeight(gain, colour, weight);
  }
  const cost = (colour: number): number => ((colour & 1) === 0 ? inA : inB) - (gain.get(colour) ?? 0);
  let best = -1;
  const consider = (colour: number): void => {
    if (((free >>> colour) & 1) === 1 && (best === -1 || cost(colour) < cost(best))) best = colour;
  };
  for (const mask of [BANK_A_COLOURS, BANK_B_COLOURS]) {
    const inBank = free & mask;
    if (inBank !== 0) consider(31 - Math.clz32(inBank & -inBank));
  }
  for (const colour of gain.keys()) consider(colour);
  return best;
}

/** Colours the spilled registers with words; the number of words. */
function placeSpills(nodes: readonly Node[], spilled: readonly number[], places: (Place | undefined)[]): number {
  let words = 0;
  // The most used go to low words, which more instructions can name.
  for (const id of [...spilled].sort((a, b) => nodes[b]!.cost - nodes[a]!.cost || a - b)) {
    const taken = new Set<number>();
    for (const neighbour of nodes[id]!.neighbours) {
      const place = places[neighbour];
      if (place?.kind === 'spill') taken.add(place.word);
    }
    let word = 0;
    while (taken.has(word)) word++;
    places[id] = { kind: 'spill', word };
    words = Math.max(words, word + 1);
  }
  return words;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
