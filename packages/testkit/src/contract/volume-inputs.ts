/** A valid input for each of the methods of volumes and their files that does not take `{ id }` alone. */
export const volumeInputs = {
  'volumes.list': {},
  'volumes.create': { name: 'x' },
  'volumes.rename': { id: 'x', name: 'y' },
  'volumes.clone': { id: 'x', name: 'y' },
  'volumes.prunePreview': {},
  'volumes.prune': { ids: ['x'] },
  'volumeFiles.list': { id: 'x', path: '' },
  'volumeFiles.read': { id: 'x', path: 'a' },
  'volumeFiles.write': { id: 'x', path: 'a' },
  'volumeFiles.mkdir': { id: 'x', path: 'a' },
  'volumeFiles.rename': { id: 'x', path: 'a', to: 'b' },
  'volumeFiles.remove': { id: 'x', path: 'a' },
  'volumeFiles.readText': { id: 'x', path: 'a' },
  'volumeFiles.writeText': { id: 'x', path: 'a', text: '', expected: null },
}
