// Which room may import which: see the line of layers in ARCHITECTURE.md.

const foundations = ['link', 'engine', 'host', 'files', 'db', 'auth', 'oci', 'registry', 'kernel', 'log', 'reach']

/** Room → rooms of ours that its code may import; a name without a folder is one of `packages`. A room that is not here may import nothing of ours. */
const mayImport = {
  'packages/config': [],
  'packages/async': [],
  'packages/launch': ['config'],
  'packages/ui': ['config'],
  'packages/protocol': ['config'],
  'packages/log': ['config', 'protocol'],
  'packages/oci': ['config', 'protocol'],
  'packages/kernel': ['config', 'protocol', 'oci'],
  'packages/host': ['config', 'protocol'],
  'packages/reach': ['config', 'protocol', 'host'],
  'packages/files': ['async', 'config', 'protocol', 'host', 'oci'],
  'packages/link': ['async', 'config', 'protocol'],
  'packages/engine': ['config', 'protocol'],
  'packages/db': ['config', 'protocol'],
  'packages/auth': ['config', 'protocol', 'db'],
  'packages/registry': ['config', 'protocol', 'oci'],
  'packages/images': ['oci', 'registry'],
  'packages/engine-[^/]+': [
    'config',
    'async',
    'protocol',
    'engine',
    'files',
    'host',
    'kernel',
    'oci',
    'registry',
    'log',
  ],
  'packages/api': ['config', 'protocol', 'link', 'db', 'auth', 'log'],
  'apps/agent': ['config', 'async', 'protocol', ...foundations, 'engine-[^/]+'],
  'apps/control-plane': ['config', 'async', 'protocol', ...foundations, 'api'],
  'apps/web': ['config', 'protocol', 'ui', 'api'],
  'infra/up': ['config', 'images', 'launch'],
  'infra/ci': ['launch', 'infra/up', 'infra/long'],
  'infra/lab': [],
}

/** What tests stand on beside what their room does: a suite speaks through a link, a client is tried on a real host. */
const testsMayImport = ['link', 'engine', 'files', 'host', 'log', 'oci', 'kernel', 'registry', 'images', 'testkit']
const testsOfRoomMayImport = { 'infra/up': ['infra/ci'], 'apps/control-plane': ['launch'] }
const tests = '[.]test[.]tsx?$|/testing/'

/** Rooms of which all is for tests: nothing else imports them, but for the testkit, which every test may. */
const testRooms = {
  'packages/testkit': [
    'config',
    'async',
    'protocol',
    'host',
    'link',
    'log',
    'engine',
    'engine-oci',
    'images',
    'launch',
    'oci',
  ],
  'infra/spine': [
    'api',
    'async',
    'auth',
    'config',
    'db',
    'protocol',
    'host',
    'link',
    'log',
    'images',
    'launch',
    'testkit',
    'apps/control-plane',
    'apps/web',
  ],
  'infra/long': [
    ...['protocol', 'api', 'host', 'launch', 'link', 'log', 'testkit', 'apps/agent', 'apps/control-plane'],
    ...['infra/ci', 'infra/lab', 'infra/up'],
  ],
  'infra/bench': ['api', 'async', 'config', 'protocol', 'host', 'images', 'launch', 'testkit'],
  playwright: ['config', 'protocol', 'host', 'images', 'testkit'],
}

const ours = '^(packages|apps|infra|playwright)/'
const paths = (rooms) => rooms.map((room) => (/^(apps|infra)\//.test(room) ? `^${room}/` : `^packages/${room}/`))

const direction = (name, room, allowed, from) => ({
  name,
  comment: `${room} may import ${allowed.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from,
  to: { path: ours, pathNot: [`^${room}/`, ...paths(allowed)] },
})

const directions = [
  ...Object.entries(mayImport).map(([room, allowed]) =>
    direction(`direction of ${room}`, room, allowed, { path: `^${room}/`, pathNot: tests }),
  ),
  ...Object.entries(mayImport).map(([room, allowed]) =>
    direction(
      `direction of tests of ${room}`,
      room,
      [...allowed, ...testsMayImport, ...(testsOfRoomMayImport[room] ?? [])],
      { path: [`^${room}/.*[.]test[.]tsx?$`, `^${room}/.*/testing/`] },
    ),
  ),
  ...Object.entries(testRooms).map(([room, allowed]) =>
    direction(`direction of ${room}`, room, allowed, { path: `^${room}/` }),
  ),
]

const entries =
  '^packages/(config|images|launch|testkit)/src/|^packages/[^/]+/(src/(index|client)[.]tsx?|[^/]+[.](json|css))$'

// Inside the dashboard: a room may import those that stand before it here, and itself. A feature imports no other feature.
const webRooms = [
  ...['csp', 'theme', 'i18n', 'format', 'navigation', 'data', 'live', 'entry', 'table'],
  ...['nouns', 'noun-pages', 'features', 'frame', 'app'],
]

const webDirections = [
  ...webRooms.map((room, index) => ({
    name: `direction of ${room} in the dashboard`,
    comment: `${room} may import ${webRooms.slice(0, index).join(', ') || 'no other room'}`,
    severity: 'error',
    from: { path: `^apps/web/src/${room}/` },
    to: { path: '^apps/web/src/', pathNot: webRooms.slice(0, index + 1).map((each) => `^apps/web/src/${each}/`) },
  })),
  {
    name: 'features never import features',
    comment: 'What two features share goes down into nouns, format or table.',
    severity: 'error',
    from: { path: '^apps/web/src/features/([^/]+)/' },
    to: { path: '^apps/web/src/features/', pathNot: '^apps/web/src/features/$1/' },
  },
  {
    name: 'every file of the dashboard is in a room',
    severity: 'error',
    from: { path: '^apps/web/src/', pathNot: webRooms.map((room) => `^apps/web/src/${room}/`) },
    to: { path: '^apps/web/src/' },
  },
]

module.exports = {
  forbidden: [
    ...webDirections,
    ...directions,
    {
      name: 'a room without a rule imports nothing',
      comment: 'Give the room a line in the table above.',
      severity: 'error',
      from: {
        path: '^((packages|apps|infra)/[^/]+|playwright)/',
        pathNot: Object.keys({ ...mayImport, ...testRooms }).map((room) => `^${room}/`),
      },
      to: { path: ours, pathNot: '^$1/' },
    },
    {
      name: 'engines never import engines',
      severity: 'error',
      from: { path: '^packages/(engine-[^/]+)/' },
      to: { path: '^packages/engine-', pathNot: '^packages/$1/' },
    },
    {
      name: 'apps never import apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'the web takes types alone from the api',
      severity: 'error',
      from: { path: '^apps/web/' },
      to: { path: '^packages/api/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'rooms are entered by their exports',
      comment: 'Import a package by its name; what it exports stands in its package.json.',
      severity: 'error',
      from: { path: '^(packages|apps)/([^/]+)/', pathNot: '^apps/web/' },
      to: { path: '^(packages|apps)/[^/]+/', pathNot: ['^$1/$2/', entries] },
    },
    {
      name: 'infra enters packages by their exports',
      severity: 'error',
      from: { path: '^(infra|playwright)/' },
      to: { path: '^packages/', pathNot: entries },
    },
    { name: 'no cycles', severity: 'error', from: { pathNot: '/generated/' }, to: { circular: true } },
    {
      name: 'only db knows the Prisma client',
      severity: 'error',
      from: { pathNot: '^packages/db/' },
      to: { path: 'node_modules/(@prisma/client|[.]prisma)/' },
    },
    {
      name: 'only host and the testkit speak SSH',
      severity: 'error',
      from: { path: '^(packages|apps)/', pathNot: ['^packages/(host|testkit)/', tests] },
      to: { path: 'node_modules/ssh2/' },
    },
    {
      name: 'imports resolve',
      severity: 'error',
      from: { pathNot: '[.](mjs|cjs|js)$' },
      to: { couldNotResolve: true, pathNot: ['[.]css$', '^geist', '/generated/'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/generated/', '/dist/', '/out/'] },
    exclude: { path: ['/[.]next/', '/dist/', '/out/', 'playwright/(results|report)/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
    },
  },
}
