import { InputError } from '../base/errors.ts';
import type { NicProfile } from '../npu/profile.ts';
import { nearestName } from './nearest-name.ts';
import type { ProfileLibrary } from './profiles.ts';
import type { HostDocument } from './schema.ts';
import type { HostNic } from './types.ts';
import type { DocumentPath, PositionOf } from './yaml-document.ts';

type WorkerDocument = Extract<HostDocument, { role: 'worker' }>;

/**
 * The SmartNICs of a worker: `nic` is the profile of one on each data interface, `nics` names them one by one.
 * @throws InputError
 */
export function resolveNics(
  host: WorkerDocument,
  path: DocumentPath,
  library: ProfileLibrary,
  positionOf: PositionOf,
): { readonly nic: NicProfile; readonly nics: readonly HostNic[] } {
  const fault = (code: string, at: DocumentPath, message: string) => new InputError(code, message, positionOf(at));
  const dataInterfaces = host.interfaces.filter((entry) => entry.network === 'data').map((entry) => entry.name);
  if (host.nics === undefined) {
    if (host.nic === undefined)
      throw fault('missing-key', path, `worker ${host.name}: expected 'nic' or 'nics', got neither`);
    const nic = library.nic(host.nic, positionOf([...path, 'nic']));
    const nics = dataInterfaces.map((name, number) => {
      return { name: `nic${number}`, interfaceIndex: host.interfaces.findIndex((entry) => entry.name === name) };
    });
    return { nic, nics };
  }
  if (host.nic !== undefined)
    throw fault('bad-value', [...path, 'nic'], `worker ${host.name}: expected 'nic' or 'nics', got both`);
  const names = new Set<string>();
  const taken = new Map<string, string>();
  const nics = host.nics.map((entry, index) => {
    const at = [...path, 'nics', index];
    if (names.has(entry.name)) {
      throw fault(
        'duplicate-nic',
        [...at, 'name'],
        `nics of ${host.name}: expected a name of its own, got '${entry.name}' again`,
      );
    }
    names.add(entry.name);
    if (!dataInterfaces.includes(entry.interface)) {
      const nearest = nearestName(entry.interface, dataInterfaces);
      const hint =
        nearest === undefined ? `expected one of ${dataInterfaces.join(', ')}` : `did you mean '${nearest}'?`;
      throw fault(
        'unknown-interface',
        [...at, 'interface'],
        `nics of ${host.name}: no data interface '${entry.interface}', ${hint}`,
      );
    }
    const owner = taken.get(entry.interface);
    if (owner !== undefined) {
      const message = `nics of ${host.name}: expected each interface on one NIC, got ${entry.interface}, which is on ${owner}`;
      throw fault('interface-used-twice', [...at, 'interface'], message);
    }
    taken.set(entry.interface, entry.name);
    return { name: entry.name, interfaceIndex: host.interfaces.findIndex(({ name }) => name === entry.interface) };
  });
  const without = dataInterfaces.find((name) => !taken.has(name));
  if (without !== undefined) {
    throw fault(
      'missing-nic',
      [...path, 'nics'],
      `nics of ${host.name}: expected one for each data interface, got none for ${without}`,
    );
  }
  const profiles = host.nics.map((entry, index) =>
    library.nic(entry.profile, positionOf([...path, 'nics', index, 'profile'])),
  );
  const other = profiles.findIndex((profile) => profile.name !== profiles[0]!.name);
  if (other > 0) {
    const message = `nics of ${host.name}: expected ${profiles[0]!.name}, as in ${host.nics[0]!.name}, since they run one image, got ${profiles[other]!.name}`;
    throw fault('mixed-nics', [...path, 'nics', other, 'profile'], message);
  }
  return { nic: profiles[0]!, nics };
}
