import type { ActionCall } from '../../2-parse/p4/tree.ts';
import type { P4Instance, P4Model } from '../../3-analyze/p4/model.ts';
import { headerWord, lengthMember } from './extract.ts';
import { candidates, setValid, validTest } from './fields.ts';
import type { GeneratedText } from './text.ts';

/** Primitives that make headers come and go (language specification 9.1). @returns false for any other primitive */
export function generateHeaderPrimitive(model: P4Model, call: ActionCall, out: GeneratedText): boolean {
  const [first, second] = call.arguments;
  const name = first?.kind === 'name' ? first.name : '';
  switch (call.name) {
    case 'add_header':
      eachCandidate(model, name, (header) => addHeader(model, header, out), out);
      return true;
    case 'remove_header':
      eachCandidate(model, name, (header) => removeHeader(model, header, out), out);
      return true;
    case 'copy_header': {
      const from = second?.kind === 'name' ? second.name : '';
      eachCandidate(
        model,
        name,
        (target) => eachCandidate(model, from, (source) => copyHeader(target, source, out), out),
        out,
      );
      return true;
    }
    case 'push':
    case 'pop': {
      const elements = model.stacks.get(name) ?? [];
      const count = second?.kind === 'number' ? Number(second.value) : 1;
      if (call.name === 'push') push(elements, Math.min(count, elements.length), out);
      else pop(elements, Math.min(count, elements.length), out);
      return true;
    }
    default:
      return false;
  }
}

/** `stack[last]` is known at run time: a chain of conditions from the top down. */
function eachCandidate(model: P4Model, name: string, write: (instance: P4Instance) => void, out: GeneratedText): void {
  const all = candidates({ model }, name);
  for (const [index, instance] of all.entries()) {
    if (all.length > 1) out.line(`${index === 0 ? '' : 'else '}if (${validTest(instance)}) {`);
    write(instance);
    if (all.length > 1) out.line('}');
  }
}

/** A header that was not valid comes with all its fields zero; an element of a stack pushes those from its place on. */
function addHeader(model: P4Model, header: P4Instance, out: GeneratedText): void {
  if (header.stack === undefined) {
    out.line(`if (!${validTest(header)}) {`);
    clear(header, out);
    out.line(setValid(header, true)).line('}');
    return;
  }
  const elements = model.stacks.get(header.stack.name) ?? [];
  const last = elements.at(-1);
  if (last === undefined) return;
  out.line(`if (!${validTest(last)}) {`);
  push(elements.slice(header.stack.index), 1, out);
  out.line('}');
}

function removeHeader(model: P4Model, header: P4Instance, out: GeneratedText): void {
  if (header.stack === undefined) out.line(setValid(header, false));
  else pop((model.stacks.get(header.stack.name) ?? []).slice(header.stack.index), 1, out);
}

/** Moves elements down by `count`; those at the top are new: valid, all fields zero. */
function push(elements: readonly P4Instance[], count: number, out: GeneratedText): void {
  for (let index = elements.length - 1; index >= 0; index--) {
    const target = elements[index];
    const source = elements[index - count];
    if (target === undefined) continue;
    if (source !== undefined) copyHeader(target, source, out);
    else {
      clear(target, out);
      out.line(setValid(target, true));
    }
  }
}

/** Moves elements up by `count`; those at the end are gone. */
function pop(elements: readonly P4Instance[], count: number, out: GeneratedText): void {
  for (const [index, target] of elements.entries()) {
    const source = elements[index + count];
    if (source !== undefined) copyHeader(target, source, out);
    else out.line(setValid(target, false));
  }
}

/** A copy of a header that is not there makes the target not be there either. */
function copyHeader(target: P4Instance, source: P4Instance, out: GeneratedText): void {
  if (target === source) return;
  for (let word = 0; word * 4 < target.octets; word++) {
    out.line(`${headerWord(target, word)} = ${headerWord(source, word)};`);
  }
  if (isVariable(target)) out.line(`${lengthMember(target)} = ${lengthMember(source)};`);
  out
    .line(`if (${validTest(source)}) {`)
    .line(setValid(target, true))
    .line('}');
  out.line('else {').line(setValid(target, false)).line('}');
}

function clear(header: P4Instance, out: GeneratedText): void {
  for (let word = 0; word * 4 < header.octets; word++) out.line(`${headerWord(header, word)} = 0;`);
  // A field of variable width comes empty.
  const fixed = header.fields.find((field) => field.variable)?.offsetBits ?? 0;
  if (isVariable(header)) out.line(`${lengthMember(header)} = ${fixed / 8};`);
}

function isVariable(header: P4Instance): boolean {
  return header.fields.at(-1)?.variable === true;
}
