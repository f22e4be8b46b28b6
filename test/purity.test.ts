import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const PURE_FOLDERS = ['base', 'packet', 'time', 'faults', 'npu', 'compiler', 'rdma', 'host', 'nodes', 'traffic-gen'];

/** Names whose mere use makes a result depend on more than its inputs. */
const IMPURE_GLOBALS = new Set([
  'Date',
  'performance',
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
  'crypto',
]);

function sourcesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesOf(path);
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : [];
  });
}

/** What is impure in a source text, one line each. */
function impuritiesOf(path: string, text: string): string[] {
  const found: string[] = [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const at = (node: ts.Node) => `${path}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const module = node.moduleSpecifier.text;
      const names = node.importClause?.namedBindings;
      const onlyCrc32 =
        module === 'node:zlib' &&
        names !== undefined &&
        ts.isNamedImports(names) &&
        names.elements.every((element) => element.name.text === 'crc32');
      if (module.startsWith('node:') && module !== 'node:util' && !onlyCrc32)
        found.push(`${at(node)} imports ${module}`);
    }
    if (ts.isIdentifier(node) && IMPURE_GLOBALS.has(node.text) && !isName(node))
      found.push(`${at(node)} uses ${node.text}`);
    if (ts.isPropertyAccessExpression(node) && node.getText() === 'Math.random')
      found.push(`${at(node)} uses Math.random`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** An identifier that names a property or a declaration rather than the global. */
function isName(node: ts.Identifier): boolean {
  const parent = node.parent;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    ((ts.isPropertySignature(parent) || ts.isMethodSignature(parent) || ts.isMethodDeclaration(parent)) &&
      parent.name === node) ||
    (ts.isPropertyDeclaration(parent) && parent.name === node) ||
    ts.isTypeReferenceNode(parent)
  );
}

describe('purity', () => {
  it('recognises what it forbids', () => {
    expect(
      impuritiesOf('x.ts', "import { readFileSync } from 'node:fs'; const t = Date.now() + Math.random();"),
    ).toHaveLength(3);
    expect(impuritiesOf('x.ts', "import { crc32 } from 'node:zlib'; const o = { Date: 1 }; o.Date;")).toEqual([]);
  });

  for (const folder of PURE_FOLDERS) {
    it(`${folder}/ depends on its inputs alone`, () => {
      const sources = sourcesOf(folder);
      expect(sources.length).toBeGreaterThan(0);
      const found = sources.flatMap((path) =>
        impuritiesOf(relative(root, join(root, path)), readFileSync(join(root, path), 'utf8')),
      );
      expect(found).toEqual([]);
    });
  }
});
