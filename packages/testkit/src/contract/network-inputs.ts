/** A valid input for each of the methods of networks that does not take `{ id }` alone. */
export const networkInputs = {
  'networks.list': {},
  'networks.create': { name: 'x' },
  'networks.prunePreview': {},
  'networks.prune': { ids: ['x'] },
  'networks.connect': { id: 'x', container: 'x' },
  'networks.disconnect': { id: 'x', container: 'x' },
}
