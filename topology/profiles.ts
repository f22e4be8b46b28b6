import { InputError, type SourcePosition } from '../base/errors.ts';
import type { NicProfile } from '../npu/profile.ts';
import { nearestName } from './nearest-name.ts';
import { readNicProfile } from './nic-profile.ts';
import { hostProfileSchema, mediumProfileSchema, switchProfileSchema } from './schema.ts';
import type { HostProfile, SwitchProfile } from './types.ts';
import { readYaml, type SourceText } from './yaml-document.ts';

export type ProfileKind = 'hosts' | 'switches' | 'nics' | 'media';

/** The profile files at hand, by kind and by name (the file's name without `.yaml`). */
export type ProfileTexts = Readonly<Record<ProfileKind, ReadonlyMap<string, SourceText>>>;

/** What a link is made of; a topology only keeps the rate and the delay that follow from it. */
export interface MediumProfile {
  readonly name: string;
  readonly rateBitsPerSecond: number;
  readonly propagationPsPerMetre: number;
  readonly macAndPhyPs: number;
}

/** A switch profile and how many ports the device has. */
export interface SwitchModelProfile {
  readonly profile: SwitchProfile;
  readonly portCount: number;
}

/** Reads each profile that a topology names once; an unknown name is the topology's fault, at `usedAt`. */
export class ProfileLibrary {
  private readonly texts: ProfileTexts;
  private readonly hosts = new Map<string, HostProfile>();
  private readonly switches = new Map<string, SwitchModelProfile>();
  private readonly nics = new Map<string, NicProfile>();
  private readonly media = new Map<string, MediumProfile>();

  constructor(texts: ProfileTexts) {
    this.texts = texts;
  }

  host(name: string, usedAt: SourcePosition): HostProfile {
    return once(this.hosts, name, () => parseHostProfile(this.text('hosts', name, usedAt)));
  }

  switch(name: string, usedAt: SourcePosition): SwitchModelProfile {
    return once(this.switches, name, () => parseSwitchProfile(this.text('switches', name, usedAt)));
  }

  nic(name: string, usedAt: SourcePosition | undefined): NicProfile {
    return once(this.nics, name, () => this.nicFrom(this.text('nics', name, usedAt)));
  }

  /** A profile that need not be in the library; those that it extends are. */
  nicFrom(source: SourceText): NicProfile {
    return readNicProfile(source, (base, namedAt) => this.text('nics', base, namedAt));
  }

  medium(name: string, usedAt: SourcePosition): MediumProfile {
    return once(this.media, name, () => parseMediumProfile(this.text('media', name, usedAt)));
  }

  private text(kind: ProfileKind, name: string, usedAt: SourcePosition | undefined): SourceText {
    const found = this.texts[kind].get(name);
    if (found !== undefined) return found;
    const known = [...this.texts[kind].keys()];
    const nearest = nearestName(name, known);
    const hint = nearest === undefined ? `expected one of ${known.join(', ')}` : `did you mean '${nearest}'?`;
    throw new InputError('unknown-profile', `no profile '${name}' in profiles/${kind}, ${hint}`, usedAt);
  }
}

function once<T>(cache: Map<string, T>, name: string, read: () => T): T {
  const cached = cache.get(name);
  if (cached !== undefined) return cached;
  const fresh = read();
  cache.set(name, fresh);
  return fresh;
}

export function parseHostProfile(source: SourceText): HostProfile {
  const { value } = readYaml(source, hostProfileSchema);
  return {
    name: value.name,
    hardwareThreads: value.hardwareThreads.value,
    receiveStackPs: value.receiveStack.value,
    sendStackPs: value.sendStack.value,
    gatewayServicePs: value.gatewayService.value,
    memcachedServicePs: value.memcachedService.value,
    managementServicePs: value.managementService.value,
    pciePs: value.pcie.value,
  };
}

export function parseSwitchProfile(source: SourceText): SwitchModelProfile {
  const { value } = readYaml(source, switchProfileSchema);
  return {
    portCount: value.ports.value,
    profile: {
      name: value.name,
      forwarding: value.forwarding.value,
      latencyPs: value.latency.value,
      sharedBufferOctets: value.sharedBuffer.value,
      macTableEntries: value.macTableEntries.value,
      macAgingPs: value.macAging.value,
    },
  };
}

export function parseMediumProfile(source: SourceText): MediumProfile {
  const { value } = readYaml(source, mediumProfileSchema);
  return {
    name: value.name,
    rateBitsPerSecond: value.rate.value,
    propagationPsPerMetre: value.propagationPerMetre.value,
    macAndPhyPs: value.macAndPhy.value,
  };
}
