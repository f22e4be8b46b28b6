import type { Expression } from '../../2-parse/micro-c/tree.ts';
import { convertTo } from './conversions.ts';
import { analyzeValue } from './evaluate.ts';
import { type ArgumentKind, CSR_NAMES, INTRINSICS, type Intrinsic } from './intrinsics.ts';
import { rootVariable } from './places.ts';
import type { Analysis } from './scopes.ts';
import type { TypedExpression } from './typed-tree.ts';
import { describeType, isInteger, plain, SIGNED_8, UNSIGNED, VOID } from './types.ts';
import { constantOf, convertInteger, isPoison, poison, value } from './values.ts';

type Call = Extract<Expression, { kind: 'call' }>;

/** 6.5.2.2 */
export function analyzeCall(analysis: Analysis, call: Call): TypedExpression {
  const { position, callee } = call;
  if (callee.kind !== 'name') {
    const hint = 'pointers to functions are not supported';
    analysis.diagnostics.error('type-function-pointer', position, 'only a function can be called by its name', hint);
    return poison(position);
  }
  const binding = analysis.lookUp(callee.name);
  if (binding === undefined) {
    const intrinsic = INTRINSICS.get(callee.name);
    if (intrinsic !== undefined) return intrinsicCall(analysis, call, callee.name, intrinsic);
    const similar = analysis.similarName(callee.name);
    const hint = similar === undefined ? 'declare it before its use' : `did you mean ${similar}?`;
    analysis.undeclared(position, `function ${callee.name} is not declared`, hint);
    for (const argument of call.arguments) analyzeValue(analysis, argument);
    return poison(position);
  }
  if (binding.kind !== 'function') {
    analysis.diagnostics.error('type-not-a-function', position, `${callee.name} is no function`);
    return poison(position);
  }
  const called = binding.function;
  const { parameters, result } = called.type;
  if (parameters.length !== call.arguments.length) {
    const text = `${called.name} takes ${parameters.length} arguments, ${call.arguments.length} given`;
    analysis.diagnostics.error('type-argument-count', position, text);
  }
  const converted = call.arguments.map((argument, index) => {
    const given = analyzeValue(analysis, argument);
    const parameter = parameters[index];
    return parameter === undefined ? given : convertTo(analysis, given, parameter.type, argument.position, 'argument');
  });
  if (analysis.currentFunction !== undefined && !analysis.currentFunction.calls.has(called)) {
    analysis.currentFunction.calls.set(called, position);
  }
  if (converted.length !== parameters.length) return poison(position);
  return { kind: 'call', function: called, arguments: converted, ...value(result.type, position) };
}

function intrinsicCall(analysis: Analysis, call: Call, name: string, intrinsic: Intrinsic): TypedExpression {
  const { position } = call;
  const result = intrinsic.result === 'void' ? VOID : UNSIGNED;
  if (call.arguments.length !== intrinsic.arguments.length) {
    const text = `${name} takes ${intrinsic.arguments.length} arguments, ${call.arguments.length} given`;
    analysis.diagnostics.error('type-argument-count', position, text);
    return { kind: 'intrinsic', name, arguments: [], ...value(result, position) };
  }
  const converted = call.arguments.map((argument, index) =>
    intrinsicArgument(analysis, argument, intrinsic.arguments[index] as ArgumentKind, name, intrinsic),
  );
  const octets = converted[2];
  if (intrinsic.command !== undefined && octets?.kind === 'constant' && intrinsic.arguments.length === 3) {
    checkOctets(analysis, octets, name, intrinsic);
  }
  return { kind: 'intrinsic', name, arguments: converted, ...value(result, position) };
}

/** One command moves at most 128 octets, 32 with octet addressing. */
function checkOctets(
  analysis: Analysis,
  octets: Extract<TypedExpression, { kind: 'constant' }>,
  name: string,
  intrinsic: Intrinsic,
): void {
  const limit = intrinsic.unitOctets === 1 ? 32n : 128n;
  const { value: count, position } = octets;
  if (count >= 1n && count <= limit && count % BigInt(intrinsic.unitOctets) === 0n) return;
  const unit = intrinsic.unitOctets === 1 ? '' : ` in steps of ${intrinsic.unitOctets}`;
  analysis.diagnostics.error('type-bad-transfer', position, `${name} moves 1 to ${limit} octets${unit}, not ${count}`);
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
  const given = kind === 'value' ? analyzeValue(analysis, argument) : analyzeTransfer(analysis, argument);
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
