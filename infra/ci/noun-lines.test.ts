import { expect, test } from 'vitest'
import { isHome, linesNaming, nounFolders, productFiles, wordsOf } from './noun-lines.ts'

/** What code calls one of each noun: as its folder in the protocol. */
const names = nounFolders()

/** The nouns that state that they use one or are of one, in whose own files it is named. */
const users: Readonly<Record<string, readonly string[]>> = {
  volume: ['container', 'volumeFile'],
  volumeFile: ['volume', 'container'],
  network: ['container'],
}

/** Where a container is at home beside files that are called so: what it is made from, and how it is run. */
const ofContainers = /(^|\/)(run([.]json$|\/)|runtime-spec\/|create-and-start[.]ts$)/

/** Where a noun's word is another thing, or the room is the noun's as a whole. */
const rooms: Readonly<Record<string, { why: string; places: readonly string[] }>> = {
  volume: {
    why: 'Files are those of volumes. `Volumes` is a field of the configuration of an OCI image, and an error of images says so.',
    places: ['packages/files/', 'packages/images/', 'packages/oci/', 'packages/protocol/src/nouns/image/'],
  },
  volumeFile: { why: 'Files are those of volumes.', places: ['packages/files/'] },
  network: {
    why: 'Counters and namespaces of a machine, whose ports they have (the page of ports), where a registry may be, the step of a start, and how a browser asks.',
    places: [
      'packages/kernel/',
      'packages/oci/',
      'packages/reach/',
      'packages/registry/',
      'packages/engine-docker/src/stats/',
      'apps/agent/src/ports/',
      'apps/web/messages/en/operations.json',
      'apps/web/src/data/query-client.ts',
    ],
  },
}

/** Each engine wires by itself what it can do; the contract with the engine in memory is one more. */
const engines = {
  'engine-oci': /^packages\/engine-oci\/|'packages\/engine-oci\//,
  'engine-docker': /^packages\/(engine-docker\/|protocol\/src\/errors\/docker-errors[.]ts)/,
  testkit: /^packages\/testkit\//,
}

const files = productFiles()

/** The lines that name a noun outside its own files and those of its users, as `path:line: text`. */
function elsewhere(name: string): string[] {
  const words = wordsOf(name, names)
  const homes = [words, ...(users[name] ?? []).map((user) => wordsOf(user, names))]
  return files
    .filter((path) => !homes.some((home) => isHome(path, home)) && !ofContainers.test(path))
    .filter((path) => rooms[name]?.places.some((place) => path.startsWith(place)) !== true)
    .flatMap((path) => linesNaming(path, words))
}

const ofPlatform = (name: string) =>
  elsewhere(name)
    .filter((line) => !Object.values(engines).some((of) => of.test(line)))
    .map((line) => line.replace(/:\d+:/, ':'))
    .toSorted()

test.each(['volume', 'network'])('%s, a noun with pages, takes five lines of what is not its own', (name) => {
  expect(ofPlatform(name)).toEqual([
    `apps/web/messages/en/nouns.ts: export { default as ${name}s } from './nouns/${name}s.json'`,
    `apps/web/messages/en/pages.ts: export * from './nouns/${name}s.ts'`,
    `apps/web/src/navigation/nouns/index.ts: export * from './${name}s.ts'`,
    `packages/protocol/src/nouns/facts.ts: export * from './${name}/${name}-facts.ts'`,
    `packages/protocol/src/nouns/index.ts: export * from './${name}/index.ts'`,
  ])
})

test('a noun without pages, permissions and errors of its own takes a single line', () => {
  expect(ofPlatform('volumeFile')).toEqual([
    "packages/protocol/src/nouns/index.ts: export * from './volume-file/index.ts'",
  ])
})

test.each([
  ['volume', { 'engine-oci': 9, 'engine-docker': 17, testkit: 150 }],
  ['network', { 'engine-oci': 13, 'engine-docker': 27, testkit: 140 }],
])('what engines and their contract say of %s outside its own files does not grow', (name, most) => {
  const lines = elsewhere(name)
  for (const [engine, limit] of Object.entries(most)) {
    const own = lines.filter((line) => engines[engine as keyof typeof engines].test(line))
    expect(own.length, own.join('\n')).toBeLessThanOrEqual(limit)
  }
})
