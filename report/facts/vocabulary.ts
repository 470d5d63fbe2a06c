/**
 * The words of records as numbers. A question reads millions of records that say the same few thousand words; each word
 * gets an id when it is first read, and is filtered, grouped and named once, by its id.
 */

/** The device that a record is about: the local end. */
export interface DeviceWord {
  readonly mac: string | undefined;
  readonly name: string | undefined;
  /** Undefined of merged flows that several devices began. */
  readonly ip: string | undefined;
}

/** The country of the other end; both undefined where it is not known. */
export interface CountryWord {
  readonly code: string | undefined;
  readonly name: string | undefined;
}

/** The owner of the other end's network; both undefined where it is not known. */
export interface OwnerWord {
  readonly number: number | undefined;
  readonly name: string | undefined;
}

/** What was spoken. */
export interface ServiceWord {
  /** Empty where the log does not keep it. */
  readonly transport: string;
  readonly protocol: string | undefined;
  /** The responder's port. */
  readonly port: number | undefined;
}

/** Words of one kind: an id for each, from 0 on, in the order in which they came. */
export class Dictionary<T> {
  readonly #ids = new Map<string, number>();
  readonly #words: T[] = [];

  /** The id of the word with this key; `make` makes the word when the key is new. */
  idOf(key: string, make: (key: string) => T): number {
    const id = this.#ids.get(key);
    if (id !== undefined) return id;
    // A piece of a long text would hold the whole text in memory.
    const owned = ownCopy(key);
    this.#ids.set(owned, this.#words.length);
    return this.#words.push(make(owned)) - 1;
  }

  get words(): readonly T[] {
    return this.#words;
  }
}

/** Parts of a key are kept apart by a character that no part holds unescaped. */
const SEPARATOR = "\0";

/** All words of the records that were read. */
export class Vocabulary {
  readonly devices = new Dictionary<DeviceWord>();
  readonly names = new Dictionary<string>();
  readonly countries = new Dictionary<CountryWord>();
  readonly owners = new Dictionary<OwnerWord>();
  readonly services = new Dictionary<ServiceWord>();
  readonly directions = new Dictionary<string>();
  readonly evidences = new Dictionary<string>();

  device(mac = "", name = "", ip = ""): number {
    return this.devices.idOf(mac + SEPARATOR + name + SEPARATOR + ip, deviceOfKey);
  }

  name(name: string): number {
    return this.names.idOf(name, itself);
  }

  country(code = "", name = ""): number {
    return this.countries.idOf(code + SEPARATOR + name, countryOfKey);
  }

  owner(number: number | "" = "", name = ""): number {
    return this.owners.idOf(number + SEPARATOR + name, ownerOfKey);
  }

  /** `port` may be given in digits. */
  service(transport = "", protocol = "", port: number | string = ""): number {
    return this.services.idOf(
      transport + SEPARATOR + protocol + SEPARATOR + port,
      serviceOfKey,
    );
  }

  direction(word: string): number {
    return this.directions.idOf(word, itself);
  }

  evidence(word: string): number {
    return this.evidences.idOf(word, itself);
  }
}

const itself = (key: string) => key;

function deviceOfKey(key: string): DeviceWord {
  const [mac, name, ip] = partsOf(key);
  return { mac, name, ip };
}

function countryOfKey(key: string): CountryWord {
  const [code, name] = partsOf(key);
  return { code, name };
}

function ownerOfKey(key: string): OwnerWord {
  const [number, name] = partsOf(key);
  return { number: number === undefined ? undefined : Number(number), name };
}

function serviceOfKey(key: string): ServiceWord {
  const [transport = "", protocol, port] = partsOf(key);
  return { transport, protocol, port: port === undefined ? undefined : Number(port) };
}

/** An empty part is one that is absent. */
function partsOf(key: string): (string | undefined)[] {
  return key.split(SEPARATOR).map((part) => part === "" ? undefined : part);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function ownCopy(text: string): string {
  return decoder.decode(encoder.encode(text));
}
