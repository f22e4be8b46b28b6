import type { Expression } from '../../2-parse/micro-c/tree.ts';
import { convertTo } from './conversions.ts';
import { analyzeValue } from './evaluate.ts';
import { pointedFunction } from './function-pointers.ts';
import { HEAP_FUNCTIONS, heapHint } from './heap-functions.ts';
import {
  type ArgumentKind,
  CSR_NAMES,
  INTRINSICS,
  type Intrinsic,
  isArithmetic,
  SYNC_WORDS,
  sizeIndex,
} from './intrinsics.ts';
import { rootVariable } from './roots.ts';
import type { Analysis } from './scopes.ts';
import type { TypedExpression, TypedFunction } from './typed-tree.ts';
import {
  describeType,
  type FunctionType,
  isFunctionPointer,
  isInteger,
  plain,
  SIGNED_8,
  UNSIGNED,
  VOID,
} from './types.ts';
import { constantOf, convertInteger, isPoison, poison, value } from './values.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/** 6.5.2.2 */
export function analyzeCall(analysis: Analysis, call: Call): TypedExpression {
  const { position, callee } = call;
  if (callee.kind !== 'name') return pointerCall(analysis, call);
  const binding = analysis.lookUp(callee.name);
  if (binding === undefined) {
    const intrinsic = INTRINSICS.get(callee.name);
    if (intrinsic !== undefined) return intrinsicCall(analysis, call, callee.name, intrinsic);
    const similar = analysis.similarName(callee.name);
    const hint = HEAP_FUNCTIONS.has(callee.name)
      ? heapHint(callee.name)
      : similar === undefined
        ? 'declare it before its use'
        : `did you mean ${similar}?`;
    analysis.undeclared(position, `function ${callee.name} is not declared`, hint);
    for (const argument of call.arguments) analyzeValue(analysis, argument);
    return poison(position);
  }
  if (binding.kind !== 'function') return pointerCall(analysis, call);
  binding.function.uses++;
  return directCall(analysis, binding.function, call);
}

function directCall(analysis: Analysis, called: TypedFunction, call: Call): TypedExpression {
  const { position } = call;
  const converted = convertedArguments(analysis, call, called.type, called.name);
  if (analysis.currentFunction !== undefined && !analysis.currentFunction.calls.has(called)) {
    analysis.currentFunction.calls.set(called, position);
  }
  const { result } = called.type;
  if (converted === undefined) return poison(position);
  return { kind: 'call', function: called, arguments: converted, ...value(result.type, position) };
}

/** 6.5.2.2 through a pointer to a function. */
function pointerCall(analysis: Analysis, call: Call): TypedExpression {
  const { position } = call;
  const pointer = analyzeValue(analysis, call.callee);
  if (isPoison(pointer)) {
    for (const argument of call.arguments) analyzeValue(analysis, argument);
    return pointer;
  }
  if (!isFunctionPointer(pointer.type)) {
    const name = call.callee.kind === 'name' ? call.callee.name : describeType(pointer.type);
    analysis.diagnostics.error('type-not-a-function', position, `${name} is no function`);
    return poison(position);
  }
  if (pointer.kind === 'constant') {
    const known = pointedFunction(analysis.linkage.addressed, pointer.value);
    if (known !== undefined) return directCall(analysis, known, call);
  }
  const { type } = pointer.type.to;
  const converted = convertedArguments(analysis, call, type, 'the function');
  if (converted === undefined) return poison(position);
  analysis.currentFunction?.pointerCalls.push({ type, position });
  return { kind: 'call-pointer', pointer, arguments: converted, ...value(type.result.type, position) };
}

function convertedArguments(
  analysis: Analysis,
  call: Call,
  { parameters }: FunctionType,
  name: string,
): TypedExpression[] | undefined {
  const converted = call.arguments.map((argument, index) => {
    const given = analyzeValue(analysis, argument);
    const parameter = parameters[index];
    return parameter === undefined ? given : convertTo(analysis, given, parameter.type, argument.position, 'argument');
  });
  if (parameters.length === call.arguments.length) return converted;
  const plural = parameters.length === 1 ? 'argument' : 'arguments';
  const text = `${name} takes ${parameters.length} ${plural}, ${call.arguments.length} given`;
  analysis.diagnostics.error('type-argument-count', call.position, text);
  return undefined;
}

function intrinsicCall(analysis: Analysis, call: Call, name: string, intrinsic: Intrinsic): TypedExpression {
  const { position } = call;
  const result = intrinsic.result === 'void' ? VOID : UNSIGNED;
  const most = intrinsic.arguments.length;
  const given = call.arguments.length;
  if (given < most - intrinsic.optional || (given > most && !intrinsic.repeats)) {
    const text = `${name} takes ${most} arguments, ${given} given`;
    analysis.diagnostics.error('type-argument-count', position, text);
    return { kind: 'intrinsic', name, arguments: [], ...value(result, position) };
  }
  const converted = call.arguments.map((argument, index) =>
    intrinsicArgument(
      analysis,
      argument,
      (intrinsic.arguments[index] ?? intrinsic.arguments.at(-1)) as ArgumentKind,
      name,
      intrinsic,
    ),
  );
  if (name === '__is_ct_const') return constantOf(converted[0]?.kind === 'constant' ? 1n : 0n, UNSIGNED, position);
  const octets = converted[sizeIndex(intrinsic)];
  if (intrinsic.command !== undefined && octets?.kind === 'constant') {
    checkOctets(analysis, octets, name, intrinsic);
  }
  return { kind: 'intrinsic', name, arguments: converted, ...value(result, position) };
}

/**
 * One command moves at most 128 octets, 32 with octet addressing and atomics, 64 with rings; of those that count, four
 * operands (open flowenv, mem_atomic.h and mem_ring.c).
 */
function checkOctets(
  analysis: Analysis,
  octets: Extract<TypedExpression, { kind: 'constant' }>,
  name: string,
  intrinsic: Intrinsic,
): void {
  const limit = BigInt(mostOctets(intrinsic));
  const { value: count, position } = octets;
  if (count >= 1n && count <= limit && count % BigInt(intrinsic.unitOctets) === 0n) return;
  const unit = intrinsic.unitOctets === 1 ? '' : ` in steps of ${intrinsic.unitOctets}`;
  analysis.diagnostics.error('type-bad-transfer', position, `${name} moves 1 to ${limit} octets${unit}, not ${count}`);
}

function mostOctets({ command = '', unitOctets }: Intrinsic): number {
  if (isArithmetic(command)) return 4 * unitOctets;
  if (command.startsWith('ring_') || command.startsWith('workq_')) return 64;
  if (/^(read|write)/.test(command)) return unitOctets === 1 ? 32 : 128;
  return 32;
}

const TRANSFER_MEMORIES: Readonly<Record<string, readonly string[]>> = {
  in: ['xread', 'xrw'],
  out: ['xwrite', 'xrw'],
  both: ['xrw'],
};

function intrinsicArgument(
  analysis: Analysis,
  argument: Expression,
  kind: ArgumentKind,
  name: string,
  intrinsic: Intrinsic,
): TypedExpression {
  const { position } = argument;
  if (kind === 'csr') {
    const csr = argument.kind === 'name' ? CSR_NAMES.get(argument.name) : undefined;
    if (csr === undefined) {
      const hint = `one of ${[...CSR_NAMES.keys()].join(', ')}`;
      analysis.diagnostics.error('type-bad-register', position, `${name} needs the name of a register`, hint);
    }
    const type = { kind: 'array', of: plain(SIGNED_8), length: csr?.length ?? 0 } as const;
    return { kind: 'string', octets: new TextEncoder().encode(csr ?? ''), ...value(type, position) };
  }
  if (kind === 'sync') return syncWord(analysis, argument, name);
  const given =
    kind === 'value' || kind === 'any' ? analyzeValue(analysis, argument) : analyzeTransfer(analysis, argument);
  if (kind === 'any') return given;
  if (kind === 'signal') {
    if (given.type.kind !== 'pointer' && !isPoison(given)) {
      const text = `${name} needs the address of a SIGNAL, not ${describeType(given.type)}`;
      analysis.diagnostics.error('type-bad-argument', position, text);
    }
    return given;
  }
  if (kind === 'value') {
    if (isInteger(given.type)) return convertInteger(given, UNSIGNED);
    analysis.diagnostics.error(
      'type-bad-argument',
      position,
      `${name} needs an integer, not ${describeType(given.type)}`,
    );
    return constantOf(0n, UNSIGNED, position);
  }
  if (isPoison(given)) return given;
  const memory = given.type.kind === 'pointer' ? (given.type.to.memory ?? 'mem') : undefined;
  const wanted = kind === 'memory' ? intrinsic.memories : TRANSFER_MEMORIES[kind];
  if (memory === undefined || wanted?.includes(memory) !== true) {
    const what =
      kind === 'memory'
        ? 'a pointer into a memory of the NIC'
        : `the address of ${wanted?.map((each) => `__${each}`).join(' or ')} registers`;
    analysis.diagnostics.error('type-bad-argument', position, `${name} needs ${what}, not ${describeType(given.type)}`);
  }
  return given;
}

function syncWord(analysis: Analysis, argument: Expression, name: string): TypedExpression {
  const word = argument.kind === 'name' && SYNC_WORDS.includes(argument.name) ? argument.name : undefined;
  if (word === undefined) {
    const text = `${name} needs to know how it ends`;
    analysis.diagnostics.error('type-bad-argument', argument.position, text, `one of ${SYNC_WORDS.join(', ')}`);
  }
  return constantOf(word === 'sig_done' ? 1n : 0n, UNSIGNED, argument.position);
}

/** Registers that a command fills count as assigned. */
function analyzeTransfer(analysis: Analysis, argument: Expression): TypedExpression {
  const given = analyzeValue(analysis, argument);
  const root =
    given.kind === 'address'
      ? rootVariable(given.object)
      : given.kind === 'decay'
        ? rootVariable(given.array)
        : undefined;
  if (root !== undefined) root.assignments++;
  return given;
}
