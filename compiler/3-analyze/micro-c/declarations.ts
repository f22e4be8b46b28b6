import { formatPosition } from '../../../base/errors.ts';
import type {
  Attribute,
  Declaration,
  DeclarationSpecifiers,
  Declarator,
  InitDeclarator,
} from '../../2-parse/micro-c/tree.ts';
import { declaredType, specifiedType } from './declared-types.ts';
import { analyzeConstant } from './evaluate.ts';
import { analyzeInitializer, constantOctets, staticOctets } from './initializers.ts';
import { INTRINSICS } from './intrinsics.ts';
import { checkedDepth } from './pragmas.ts';
import type { Analysis } from './scopes.ts';
import type { LocalStatement, TypedFunction, TypedStatement, Variable } from './typed-tree.ts';
import {
  alignOf,
  describeType,
  type FunctionType,
  isScalar,
  type Memory,
  plain,
  type QualifiedType,
  sameType,
  sizeOf,
} from './types.ts';

/** What a context has of local memory. */
const LOCAL_OCTETS_MAX = 512;

/** Memories of which every context has its own. */
const PER_CONTEXT: readonly Memory[] = ['gpr', 'lmem', 'xread', 'xwrite', 'xrw'];

/** 6.7 at file scope */
export function fileDeclaration(analysis: Analysis, declaration: Declaration): void {
  const base = specifiedType(analysis, declaration.specifiers);
  for (const { declarator, initializer } of declaration.declarators) {
    const type = declaredType(analysis, base, declarator);
    const { specifiers } = declaration;
    if (specifiers.storage === 'typedef') bindTypedef(analysis, declarator, type);
    else if (type.type.kind === 'function') declareFunction(analysis, specifiers, declarator, type.type);
    else staticObject(analysis, specifiers, { declarator, initializer }, type);
  }
}

/** 6.7 inside a block: the statements that bring the objects to life. */
export function localDeclaration(analysis: Analysis, declaration: Declaration): TypedStatement[] {
  const base = specifiedType(analysis, declaration.specifiers);
  const { specifiers } = declaration;
  const statements: TypedStatement[] = [];
  for (const { declarator, initializer } of declaration.declarators) {
    const type = declaredType(analysis, base, declarator);
    if (specifiers.storage === 'typedef') bindTypedef(analysis, declarator, type);
    else if (type.type.kind === 'function') declareFunction(analysis, specifiers, declarator, type.type);
    else if (specifiers.storage === 'static' || specifiers.storage === 'extern' || isNicMemory(type)) {
      staticObject(analysis, specifiers, { declarator, initializer }, type);
    } else {
      statements.push(localObject(analysis, { declarator, initializer }, type, specifiers));
    }
  }
  return statements;
}

/** An object that a block declares in one of the NIC's memories has static storage: there is no stack there. */
function isNicMemory(type: QualifiedType): boolean {
  return type.memory !== undefined && ['cls', 'ctm', 'imem', 'emem', 'mem'].includes(type.memory);
}

function bindTypedef(analysis: Analysis, declarator: Declarator, type: QualifiedType): void {
  const { name, position } = declarator;
  if (name === undefined) return;
  const before = analysis.inThisScope(name);
  if (before !== undefined && !(before.kind === 'typedef' && sameType(before.type.type, type.type))) {
    analysis.diagnostics.error('name-redefined', position, `${name} is declared twice`);
  }
  analysis.bind(name, { kind: 'typedef', type, position });
}

export function declareFunction(
  analysis: Analysis,
  specifiers: DeclarationSpecifiers,
  declarator: Declarator,
  type: FunctionType,
): TypedFunction | undefined {
  const { name, position } = declarator;
  if (name === undefined) return undefined;
  if (INTRINSICS.has(name)) {
    analysis.diagnostics.error('name-reserved', position, `${name} is a function of the NIC and cannot be declared`);
    return undefined;
  }
  const local = analysis.inThisScope(name);
  // In a block it is the file's function, whatever locals of that name lie between (6.2.2).
  const before = local ?? analysis.atFile(name);
  const isStatic = specifiers.storage === 'static';
  const known =
    before?.kind === 'function' ? before.function : isStatic ? undefined : analysis.linkage.functions.get(name);
  if (before !== undefined && before.kind !== 'function') {
    analysis.diagnostics.error('name-redefined', position, `${name} is declared twice`);
    return undefined;
  }
  if (known !== undefined) {
    if (!sameType(known.type, type)) {
      const hint = `first at ${formatPosition(known.position)}`;
      analysis.diagnostics.error(
        'type-redeclared',
        position,
        `${name} was declared as ${describeType(known.type)}`,
        hint,
      );
    }
    functionAttributes(analysis, known, specifiers, declarator);
    analysis.bind(name, { kind: 'function', function: known });
    return known;
  }
  const created: TypedFunction = {
    name,
    position,
    type,
    inline: specifiers.inline,
    isStatic,
    uses: 0,
    recursionDepth: undefined,
    owner: analysis.owner,
    parameters: [],
    body: undefined,
    calls: new Map(),
    pointerCalls: [],
  };
  functionAttributes(analysis, created, specifiers, declarator);
  if (!isStatic) analysis.linkage.functions.set(name, created);
  analysis.linkage.allFunctions.push(created);
  analysis.bind(name, { kind: 'function', function: created });
  return created;
}

/** Attributes that change nothing here, as far as anybody can tell. */
const HARMLESS_ATTRIBUTES: ReadonlySet<string> = new Set(
  (
    'unused used const pure noreturn fallthrough format nonnull malloc warn_unused_result cold hot packed aligned ' +
    'noinline always_inline leaf nothrow section visibility deprecated may_alias noclone returns_nonnull artificial ' +
    'gnu_inline flatten noipa optimize'
  ).split(' '),
);

function functionAttributes(
  analysis: Analysis,
  declared: TypedFunction,
  specifiers: DeclarationSpecifiers,
  declarator: Declarator,
): void {
  if (specifiers.inline !== undefined) declared.inline = specifiers.inline;
  for (const attribute of [...specifiers.attributes, ...(declarator.attributes ?? [])]) {
    if (attribute.name === 'noinline') declared.inline = 'noinline';
    else if (attribute.name === 'always_inline') declared.inline = 'inline';
    else if (attribute.name === 'unused' || attribute.name === 'used') declared.uses++;
    else if (attribute.name === 'recursion') declared.recursionDepth = recursionDepth(analysis, attribute);
    else warnAttribute(analysis, attribute);
  }
}

function recursionDepth(analysis: Analysis, { arguments: [depth], position }: Attribute): number {
  const found = depth && analyzeConstant(analysis, depth, 'depth of a recursion');
  return checkedDepth(analysis, Number(found ?? 0n), position);
}

function warnAttribute(analysis: Analysis, { name, position }: Attribute): void {
  if (HARMLESS_ATTRIBUTES.has(name)) return;
  analysis.diagnostics.warning(
    'attribute-ignored',
    position,
    `attribute ${name} is not known here and changes nothing`,
  );
}

export function newVariable(
  analysis: Analysis,
  declarator: Declarator,
  type: QualifiedType,
  storage: Variable['storage'],
  memory: Memory,
  align: number,
  name = declarator.name ?? '',
): Variable {
  return {
    name,
    position: declarator.position,
    declarator,
    type,
    memory,
    storage,
    align,
    initial: undefined,
    addresses: [],
    owner: analysis.owner,
    exported: false,
    uses: 0,
    assignments: 0,
    indexed: false,
  };
}

export function bindVariable(analysis: Analysis, variable: Variable): void {
  if (variable.name === '') return;
  if (analysis.inThisScope(variable.name) !== undefined) {
    analysis.diagnostics.error('name-redefined', variable.position, `${variable.name} is declared twice`);
  }
  analysis.bind(variable.name, { kind: 'variable', variable });
}

function alignment(
  analysis: Analysis,
  specifiers: DeclarationSpecifiers | undefined,
  declarator: Declarator,
  type: QualifiedType,
): number {
  const natural = Math.max(alignOf(type.type), 1);
  const attributes = [...(specifiers?.attributes ?? []), ...(declarator.attributes ?? [])];
  for (const attribute of attributes) warnAttribute(analysis, attribute);
  const align =
    specifiers?.qualifiers.align ?? attributes.find((attribute) => attribute.name === 'aligned')?.arguments[0];
  if (align === undefined) return natural;
  const wanted = Number(analyzeConstant(analysis, align, 'alignment') ?? 4n);
  if (wanted >= 1 && wanted <= 65536 && (wanted & (wanted - 1)) === 0) return Math.max(natural, wanted);
  analysis.diagnostics.error(
    'type-bad-alignment',
    align.position,
    `an alignment must be a power of two, not ${wanted}`,
  );
  return natural;
}

/** An object that lives as long as the firmware: in a memory of the NIC, or one for each context beside the core. */
function staticObject(
  analysis: Analysis,
  specifiers: DeclarationSpecifiers,
  { declarator, initializer }: InitDeclarator,
  type: QualifiedType,
): void {
  const { position } = declarator;
  const name = declarator.name ?? '';
  const memory = type.memory === undefined || type.memory === 'mem' ? 'emem' : type.memory;
  const perContext = PER_CONTEXT.includes(memory);
  if (specifiers.qualifiers.scope === 'shared' && perContext) {
    const hint = 'an object in __cls or __ctm is shared by the cores of an island';
    analysis.diagnostics.error('type-unsupported', position, `__${memory} objects exist once a context`, hint);
  }
  if (type.addressBits === 40 && (perContext || memory === 'ctm' || memory === 'cls')) {
    const hint = 'its address is that of the own island, 32 bits wide';
    analysis.diagnostics.error('type-bad-address-width', position, `a __${memory} object has no 40-bit address`, hint);
  }
  const isExtern = specifiers.storage === 'extern' || specifiers.qualifiers.scope === 'import';
  const isStatic = specifiers.storage === 'static' || !(analysis.atFileScope || isExtern);
  const shared = isStatic ? undefined : analysis.linkage.variables.get(name);
  // In a block, `extern` names what the file declares of that name, whatever locals lie between (6.2.2).
  const before = analysis.inThisScope(name) ?? (isExtern ? analysis.atFile(name) : undefined);
  if (before !== undefined && (before.kind !== 'variable' || !sameType(before.variable.type.type, type.type))) {
    analysis.diagnostics.error('name-redefined', position, `${name} is declared twice`);
    return;
  }
  const again = isStatic && !analysis.atFileScope ? analysis.blockStatics.get(declarator) : undefined;
  if (again !== undefined) {
    again.type = type;
    again.initial = undefined;
  }
  let variable = before?.kind === 'variable' ? before.variable : (again ?? shared);
  if (variable !== undefined && !sameType(variable.type.type, type.type)) {
    analysis.diagnostics.error(
      'type-redeclared',
      position,
      `${name} was declared as ${describeType(variable.type.type)}`,
    );
    return;
  }
  if (variable === undefined) {
    const align = alignment(analysis, specifiers, declarator, type);
    variable = newVariable(analysis, declarator, type, 'global', memory, align);
    if (!isStatic) analysis.linkage.variables.set(name, variable);
    if (isStatic && !analysis.atFileScope) analysis.blockStatics.set(declarator, variable);
  } else if (!isExtern && variable.type.type.kind === 'array' && variable.type.type.length === undefined) {
    variable.type = type;
  }
  analysis.bind(name, { kind: 'variable', variable });
  // Only its owner exports an object: another's declaration of it would be a way to take it.
  if (specifiers.qualifiers.scope === 'export' && variable.owner === analysis.owner) variable.exported = true;
  if (isExtern && initializer === undefined) return;
  if (initializer !== undefined) staticInitial(analysis, variable, initializer);
  if (sizeOf(variable.type.type) === undefined) {
    const text = `${name} has the incomplete type ${describeType(variable.type.type)}`;
    analysis.diagnostics.error('type-incomplete', position, text);
    return;
  }
  if (!analysis.linkage.globals.includes(variable)) analysis.linkage.globals.push(variable);
}

/** The initial octets of an object with static storage. */
export function staticInitial(
  analysis: Analysis,
  variable: Variable,
  initializer: NonNullable<InitDeclarator['initializer']>,
): void {
  if (variable.initial !== undefined) {
    analysis.diagnostics.error('name-redefined', initializer.position, `${variable.name} has two initial values`);
    return;
  }
  // Local memory gets its values where every context starts; registers belong to instructions.
  if (PER_CONTEXT.includes(variable.memory) && variable.memory !== 'lmem') {
    const hint = 'assign it when running';
    analysis.diagnostics.error(
      'type-unsupported',
      initializer.position,
      `no initial value in __${variable.memory}`,
      hint,
    );
    return;
  }
  const initialization = analyzeInitializer(analysis, variable, initializer);
  variable.type = initialization.type;
  const { octets, addresses } = staticOctets(analysis, initialization, initializer.position);
  if (variable.memory === 'lmem' && addresses.length > 0) {
    const hint = 'assign it when running';
    const text = 'no address as initial value in __lmem';
    analysis.diagnostics.error('type-unsupported', initializer.position, text, hint);
    return;
  }
  variable.initial = octets;
  variable.addresses = addresses;
}

/**
 * An object of a block: scalars in registers, the rest in local memory, unless it says transfer registers; what plain
 * pointers point to, and what is too large, in the context's part of EMEM.
 * @param specifiers absent: an unnamed object
 */
export function localObject(
  analysis: Analysis,
  { declarator, initializer }: InitDeclarator,
  type: QualifiedType,
  specifiers: DeclarationSpecifiers | undefined,
): LocalStatement {
  const { position } = declarator;
  const inFrame =
    type.memory === undefined && (analysis.framed.has(declarator) || (sizeOf(type.type) ?? 0) > LOCAL_OCTETS_MAX);
  const memory: Memory = type.memory ?? (inFrame ? 'mem' : isScalar(type.type) ? 'gpr' : 'lmem');
  if (memory === 'gpr' && !isScalar(type.type) && type.type.kind !== 'void') {
    const hint = 'leave __gpr away: it will lie in local memory';
    analysis.diagnostics.error('type-unsupported', position, 'only scalars can be in __gpr registers', hint);
  }
  const align = alignment(analysis, specifiers, declarator, type);
  const name = specifiers === undefined ? 'literal' : declarator.name;
  const variable = newVariable(analysis, declarator, type, 'local', memory, align, name);
  if (specifiers !== undefined) bindVariable(analysis, variable);
  if (hasAttribute(specifiers, declarator, 'unused')) variable.uses++;
  let stores: LocalStatement['initial'] = [];
  let template: Uint8Array | undefined;
  if (initializer !== undefined) {
    const initialization = analyzeInitializer(analysis, variable, initializer);
    const isAggregate = initialization.type.type.kind === 'array' || initialization.type.type.kind === 'record';
    if (isAggregate && (memory === 'lmem' || memory === 'mem')) template = constantOctets(initialization);
    stores = initialization.stores;
    variable.type = initialization.type;
  }
  const octets = sizeOf(variable.type.type);
  if (octets === undefined) {
    const text = `${variable.name} has the incomplete type ${describeType(variable.type.type)}`;
    analysis.diagnostics.error('type-incomplete', position, text);
    variable.type = plain({ kind: 'integer', bits: 32, signed: true, boolean: false });
  } else if (memory.startsWith('x') && octets > 128) {
    analysis.diagnostics.error('type-too-large', position, `${octets} octets do not fit into 32 transfer registers`);
  } else if (memory === 'lmem' && type.memory === undefined && octets > LOCAL_OCTETS_MAX) {
    variable.memory = 'mem';
  } else if (memory === 'lmem' && octets > LOCAL_OCTETS_MAX) {
    const hint = 'declare it __ctm, __imem or __emem';
    analysis.diagnostics.error(
      'type-too-large',
      position,
      `${octets} octets do not fit into a context's 512 octets of local memory`,
      hint,
    );
  }
  // A string leaves the rest of its array zero, too.
  const zero = initializer !== undefined && !isScalar(variable.type.type) && !isWholeValue(stores, variable);
  return { kind: 'local', position, variable, initial: stores, zero, template };
}

function hasAttribute(specifiers: DeclarationSpecifiers | undefined, declarator: Declarator, name: string): boolean {
  return [...(specifiers?.attributes ?? []), ...(declarator.attributes ?? [])].some((each) => each.name === name);
}

/** `struct s a = b;` */
function isWholeValue(stores: LocalStatement['initial'], variable: Variable): boolean {
  const [only] = stores;
  return stores.length === 1 && only?.target.kind === 'variable' && only.target.variable === variable;
}
