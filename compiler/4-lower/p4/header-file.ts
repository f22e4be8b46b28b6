import type { P4Instance, P4Model } from '../../3-analyze/p4/model.ts';
import { validMask, validWord, validWordCount, validWordName } from './fields.ts';
import { packetInfo } from './frame.ts';
import { operationsStructure } from './packet-operations.ts';

/** Name of the header that plugins include; `pif_headers.h` and others of the vendor's names give the same. */
export const PLUGIN_HEADER = 'pif_plugin.h';

/**
 * The C view of the P4 program's headers: structures, accessors and the types of a lambda's arguments, as published
 * programs for this NIC use them. Parsed headers lie in local memory, one set a context.
 * @param plugins text of all plugins
 */
export function pluginHeader(model: P4Model, plugins: string): string {
  const all = [...model.instances.values()];
  const headers = all.filter((instance) => !instance.metadata);
  const types = new Map(all.map((instance) => [structName(instance), instance]));
  return [
    '#ifndef PIF_PLUGIN_H',
    '#define PIF_PLUGIN_H',
    '#define PIF_PLUGIN_RETURN_FORWARD 0',
    '#define PIF_PLUGIN_RETURN_DROP -1',
    '#define PIF_PLUGIN_RETURN_EXIT 1',
    ...[...types].flatMap(([name, instance]) => structure(name, instance)),
    'struct pif_headers {',
    ...Array.from({ length: validWordCount(model) }, (_, word) => `  unsigned int ${validWordName(word)};`),
    ...headers
      .filter((instance) => instance.fields.at(-1)?.variable === true)
      .map(({ member }) => `  unsigned int pif_octets_${member};`),
    ...headerMembers(model, headers),
    ...all.filter((instance) => instance.metadata).map(memberOf),
    '};',
    'struct pif_match_data { unsigned int unused; };',
    'typedef __lmem struct pif_headers EXTRACTED_HEADERS_T;',
    'typedef __lmem struct pif_match_data MATCH_DATA_T;',
    'extern __lmem struct pif_headers pif_headers;',
    ...packetInfo(plugins),
    ...operationsStructure(model),
    'void pif_reset_metadata(unsigned int keep);',
    'int pif_receive(void);',
    'int pif_deparse(void);',
    'unsigned int pif_header_octets(void);',
    ...headers.flatMap(headerAccessors),
    ...all.filter((instance) => instance.metadata).flatMap(metadataAccessors),
    '#endif',
    '',
  ].join('\n');
}

function memberOf(instance: P4Instance): string {
  return `  struct ${structName(instance)} ${instance.member};`;
}

/** Headers that no packet has together may lie in the same words. */
function headerMembers({ sharedMemory }: P4Model, headers: readonly P4Instance[]): string[] {
  if (sharedMemory === undefined) return headers.map(memberOf);
  const overlaid = headers.flatMap((header) => {
    const before = sharedMemory.wordOffsets.get(header.name) ?? 0;
    const room = before === 0 ? '' : ` unsigned int pif_before_${header.member}[${before}];`;
    return [`  struct {${room}${memberOf(header)} };`];
  });
  return ['  union {', ...overlaid, '  };'];
}

export function structName(instance: P4Instance): string {
  return instance.metadata ? `pif_meta_${instance.name}` : `pif_header_${instance.member}`;
}

function structure(name: string, instance: P4Instance): string[] {
  const members: string[] = [];
  for (const field of instance.fields) {
    // Fields of metadata begin words.
    if (instance.metadata && field.offsetBits % 32 === 0) members.push('  unsigned int : 0;');
    for (const piece of field.pieces) members.push(`  unsigned int ${piece.name} : ${piece.bits};`);
  }
  return [`struct ${name} {`, ...members, '};'];
}

function headerAccessors(instance: P4Instance): string[] {
  const name = instance.member;
  const type = `PIF_PLUGIN_${name}_T`;
  const bit = validMask(instance);
  const word = validWord(instance).replace('pif_headers.', 'headers->');
  return [
    `#define ${type} __lmem struct ${structName(instance)}`,
    `static inline ${type} *pif_plugin_hdr_get_${name}(EXTRACTED_HEADERS_T *headers) { return &headers->${name}; }`,
    `static inline int pif_plugin_hdr_${name}_present(EXTRACTED_HEADERS_T *headers) { return (${word} & ${bit}) != 0; }`,
    `static inline void pif_plugin_hdr_${name}_add(EXTRACTED_HEADERS_T *headers) { ${word} |= ${bit}; }`,
    `static inline void pif_plugin_hdr_${name}_remove(EXTRACTED_HEADERS_T *headers) { ${word} &= ~${bit}; }`,
    // Published programs leave the number out where there is one piece.
    ...instance.fields
      .filter(({ pieces }) => pieces.length === 1)
      .flatMap((field) => [
        `#define PIF_HEADER_GET_${name}___${field.name}(header) ((header)->${field.pieces[0]?.name})`,
        `#define PIF_HEADER_SET_${name}___${field.name}(header, value) ((header)->${field.pieces[0]?.name} = (value))`,
      ]),
    ...instance.fields.flatMap((field) =>
      [...field.pieces]
        .reverse()
        .flatMap((piece, n) => [
          `#define PIF_HEADER_GET_${name}___${field.name}___${n}(header) ((header)->${piece.name})`,
          `#define PIF_HEADER_SET_${name}___${field.name}___${n}(header, value) ((header)->${piece.name} = (value))`,
        ]),
    ),
  ];
}

function metadataAccessors(instance: P4Instance): string[] {
  const { name } = instance;
  return instance.fields.flatMap((field) =>
    field.pieces.flatMap((piece, n) => {
      const suffix = field.pieces.length === 1 ? field.name : `${field.name}__${field.pieces.length - 1 - n}`;
      return [
        `static inline unsigned int pif_plugin_meta_get__${name}__${suffix}(EXTRACTED_HEADERS_T *headers) { return headers->${name}.${piece.name}; }`,
        `static inline void pif_plugin_meta_set__${name}__${suffix}(EXTRACTED_HEADERS_T *headers, unsigned int value) { headers->${name}.${piece.name} = value; }`,
      ];
    }),
  );
}
