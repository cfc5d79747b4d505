import { readdirSync, readFileSync } from 'node:fs'
import hooks from 'eslint-plugin-react-hooks'
import regexp from 'eslint-plugin-regexp'
import tseslint from 'typescript-eslint'
import { wallClockRule } from './infra/ci/wall-clock-rule.mjs'

/** Where a function may be longer than 80 lines, and why. */
const longFunctions = [
  {
    why: 'A block of tests is as long as its tests are many.',
    files: ['**/*.test.{ts,tsx}', '**/*.spec.ts', 'packages/testkit/src/contract/{exec,life}.ts'],
  },
  {
    why: 'One closure over what its small inner functions share: a start that must end all of it, or a table of handlers.',
    files: [
      'apps/control-plane/src/control-plane.ts',
      'infra/spine/contract-host.ts',
      'packages/engine-oci/src/{create-oci-engine,images/create-image-store,network/networks}.ts',
      'packages/link/src/testing/service.ts',
      'packages/testkit/src/{fake/engine,lab/platform,shell/parse}.ts',
    ],
  },
  {
    why: 'One list of columns, or one view whose parts share its state.',
    files: [
      'apps/web/src/features/containers/{container-columns,logs/log-rows}.tsx',
      'apps/web/src/features/hosts/host-columns.tsx',
      'apps/web/src/features/images/image-columns.tsx',
      'apps/web/src/features/operations/activity-tray.tsx',
      'apps/web/src/features/setup/setup-page.tsx',
    ],
  },
]

/** Where the time of day itself is meant, and what for. */
const wallClock = [
  {
    why: 'Ends and plans that outlive a process; each is bounded on both sides.',
    files: [
      'apps/web/{scripts/load-again.mjs,src/data/lazily.ts}',
      'packages/auth/src/actor.ts',
      'packages/db/src/validity.ts',
      'packages/engine-oci/src/containers/restart-policy.ts',
    ],
  },
  {
    why: 'When a row was seen, and when a change ended.',
    files: [
      'packages/api/src/{fleet/fleet-index,fleet/follow-host,nouns/service}.ts',
      'packages/db/src/operation-repo.ts',
      'packages/engine-docker/src/events/{event-words,events}.ts',
      'packages/link/src/eager.ts',
    ],
  },
  {
    why: 'Beside times that others wrote: lines of logs, rows, files, servers.',
    files: [
      'apps/agent/src/operations/journal.ts',
      'infra/up/start-agent.mjs',
      'packages/engine-oci/src/logs/log-reader.ts',
      'packages/images/src/busybox.ts',
      'packages/protocol/src/nouns/container/{container-problems,log-time}.ts',
      'packages/registry/src/retry-after.ts',
    ],
  },
  {
    why: 'Shown to people and browsers.',
    files: [
      'apps/control-plane/src/{http/self-signed,database/database-health,database/database-server}.ts',
      'apps/web/src/{features/containers/usage/chart.tsx,format/clock.ts,format/values.tsx}',
      'infra/up/supervise.mjs',
    ],
  },
  {
    why: 'What tests and measurements hold the times of rows against.',
    files: [
      'infra/{bench/feed-listener,spine/contract-host}.ts',
      'infra/long/report.mjs',
      'packages/testkit/src/{contract,fake}/**',
      'packages/testkit/src/{lab/made,lab/platform,properties}.ts',
    ],
  },
]

/** Words that only we would understand: desired, reported, retained, route and used or applied are those of the field. */
const dialect =
  /^(?!(?:.*[a-z0-9_])?(?:Wish|Told|Kept|Door)(?:es|ed|s)?(?![a-z])|_?(?:wish|told|kept|door|taken)(?:es|ed|s)?(?![a-z])).*$/

/** An error is made of a kind of the catalog, so that its sentence can be told in any language and names its field. */
const freeErrors = [
  {
    selector: 'NewExpression[callee.name="FlotillaError"], ClassDeclaration[superClass.name="FlotillaError"]',
    message: 'Make it with `fail`, from a kind in packages/protocol/src/errors.',
  },
]

const callOf = (name) => `CallExpression[callee.object.name="AbortSignal"][callee.property.name="${name}"]`

/** Node 20 forgets a timeout that nothing else holds, and the deadline never comes. */
const lostDeadlines = [
  {
    selector: `${callOf('any')} ${callOf('timeout')}`,
    message: 'Use `withDeadline` of @flotilla/async.',
  },
]

const nouns = new URL('packages/protocol/src/nouns/', import.meta.url)
/** Each noun with its names, and the other nouns that it declares to use: those whose files its own import. */
const homes = readdirSync(nouns, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name: folder }) => {
    const inside = new URL(`${folder}/`, nouns)
    const read = (name) => readFileSync(new URL(name, inside), 'utf8')
    const texts = readdirSync(inside)
      .filter((name) => !name.endsWith('.test.ts'))
      .map(read)
      .join('')
    const valueOf = (field) => new RegExp(`^ {2}${field}: '(\\w+)'`, 'm').exec(texts)?.[1]
    const used = new Set([...texts.matchAll(/from '[.][.]\/([\w-]+)\//g)].map((match) => match[1]))
    return { folder, kind: valueOf('kind'), plural: valueOf('plural'), used, isPart: /^ {2}parent: /m.test(texts) }
  })
const derive = 'What is so of one noun or method is a fact that the noun states; ask the fact.'
const declare = 'Name another noun by what its own files export, so that it is declared.'

const namesOf = (some) => ({
  kind: `/^(${some.map(({ kind }) => kind).join('|')})$/`,
  method: `/^(${some.map(({ plural }) => plural).join('|')})[.][a-z]\\w*$/i`,
  plurals: some.map(({ plural }) => plural).join('|'),
})

/** A kind or a method of these nouns is compared with no literal, keys no map and stands in no list. */
function nounLiterals(some) {
  const { kind, method, plurals } = namesOf(some)
  const values = [method, kind].flatMap((one) => [`Literal[value=${one}]`, `TemplateElement[value.cooked=${one}]`])
  const isPart = (one) => (one.startsWith('Template') ? `TemplateLiteral[expressions.length=0] > ${one}` : one)
  const kindKey = `Property:matches([key.name=${kind}], [key.value=${kind}])`
  const lists = [
    'NewExpression[callee.name=/^(Set|Map)$/] > ArrayExpression >',
    'NewExpression[callee.name="Map"] > ArrayExpression > ArrayExpression >',
    'CallExpression[callee.property.name=/^(includes|indexOf|some|find)$/] > MemberExpression.callee > ArrayExpression.object >',
  ]
  return [
    ...['BinaryExpression[operator=/^[!=]==?$/] >', 'SwitchCase >', ...lists].flatMap((place) =>
      values.map((one) => ({ selector: `${place} ${isPart(one)}`, message: derive })),
    ),
    { selector: `Property > Literal.key[value=${method}]`, message: derive },
    // One such field is an ordinary name; two are a map by kinds.
    { selector: `ObjectExpression > ${kindKey} ~ ${kindKey}`, message: derive },
    {
      selector: `CallExpression[callee.property.name="startsWith"] > Literal[value=/^(${plurals})[.]/]`,
      message: derive,
    },
  ]
}

/** In a noun's own folder no literal is another noun's kind, method or permission; paths to fields and types are of its own. */
function foreignNames(some) {
  const { kind, plurals } = namesOf(some)
  const ofFields = ':not(Property[key.name="field"] Literal):not(TSLiteralType > Literal)'
  return [kind, `/^(${plurals})[.]/`].map((one) => ({ selector: `Literal[value=${one}]${ofFields}`, message: declare }))
}

/** Where what is allowed to several nouns is at home, and what speaks the first protocol, which knew two nouns by name. */
const nounsOwnFiles = [
  'packages/protocol/src/engine-methods.ts',
  'packages/engine-*/**',
  'packages/testkit/**',
  // Entries of archives and folders are files too.
  'packages/{files,oci}/**',
  'packages/api/src/fleet/first-form.ts',
  'apps/agent/src/watch/first-form.ts',
  '**/*.test.ts',
  'infra/**',
  'playwright/**',
]

/** The files of one noun: in the protocol it names no other, elsewhere those alone that it declares to use there. */
const nounsRules = homes.flatMap(({ folder, plural, used }) => {
  const others = homes.filter((home) => home.folder !== folder)
  const foreign = others.filter((home) => !used.has(home.folder))
  // What has a parent is shown on its parent's pages.
  const strange = foreign.filter((home) => !(home.isPart && home.used.has(folder)))
  const inWeb = [`features/${plural}/**`, `nouns/${plural}/**`, `navigation/nouns/${plural}.ts`]
  const rules = (...own) => ({ 'no-restricted-syntax': ['error', ...own.flat(), ...freeErrors, ...lostDeadlines] })
  return [
    { files: [`packages/protocol/src/nouns/${folder}/**`], rules: rules(foreignNames(others), nounLiterals(foreign)) },
    {
      // A container is run by a form of its own.
      files: [...inWeb, ...(folder === 'container' ? ['features/run/**'] : [])].map((path) => `apps/web/src/${path}`),
      rules: rules(nounLiterals(strange)),
    },
    { files: [`packages/engine-*/src/${plural}/**`], rules: rules(nounLiterals(strange)) },
  ]
})

/** Where errors are made of a bare sentence: the class and the link, which read those of others, and what no person is shown. */
const freeErrorFiles = [
  'packages/protocol/src/errors/{fail,flotilla-error}.ts',
  'packages/link/src/trailers.ts',
  '**/testing/**',
  'packages/testkit/**',
  '**/*.test.ts',
  'infra/**',
  'playwright/**',
]

/** What can be said of the text alone. Rules that ask types are oxlint's (.oxlintrc.json), formatting is biome's. */
export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      '**/dist/',
      '**/out/',
      '**/.next/',
      '**/generated/',
      '**/next-env.d.ts',
      '*.js',
      '*.cjs',
    ],
  },
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.mjs'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: {
      parser: tseslint.parser,
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/ban-ts-comment': 'error',
      'no-console': 'error',
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'child_process', message: 'Use @flotilla/host.' },
            { name: 'node:child_process', message: 'Use @flotilla/host.' },
          ],
        },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read the environment in env.ts only.' },
      ],
      'no-restricted-syntax': ['error', ...nounLiterals(homes), ...freeErrors, ...lostDeadlines],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', { max: 5 }],
      'max-lines': ['error', { max: 500, skipBlankLines: false, skipComments: false }],
      'id-match': ['error', dialect.source, { properties: true, classFields: true }],
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['apps/web/**/*.{ts,tsx}', 'packages/ui/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: { 'react-hooks/rules-of-hooks': 'error' },
  },
  {
    // Whatever text an expression is given: its work is as the text is long, from each place and from all of them together.
    files: ['{apps,packages}/*/src/**/*.{ts,tsx,mjs}'],
    ignores: ['packages/{config,testkit}/**', '**/testing/**', '**/*.test.{ts,tsx}'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
    },
  },
  {
    // Whatever waits, also in the tests' own tools: the clock of the machine may be set at any time.
    files: ['{apps,packages}/*/{src,scripts}/**/*.{ts,tsx,mjs}', 'infra/**/*.{ts,mjs}', 'playwright/**/*.ts'],
    ignores: ['**/*.test.{ts,tsx}', ...wallClock.flatMap(({ files }) => files)],
    plugins: { time: { rules: { 'no-wall-clock': wallClockRule } } },
    rules: { 'time/no-wall-clock': 'error' },
  },
  {
    files: longFunctions.flatMap(({ files }) => files),
    rules: { 'max-lines-per-function': 'off' },
  },
  { files: nounsOwnFiles, rules: { 'no-restricted-syntax': ['error', ...freeErrors, ...lostDeadlines] } },
  ...nounsRules,
  { files: freeErrorFiles, rules: { 'no-restricted-syntax': ['error', ...nounLiterals(homes), ...lostDeadlines] } },
  {
    // Those of both lists.
    files: nounsOwnFiles.flatMap((own) => freeErrorFiles.map((free) => [own, free])),
    rules: { 'no-restricted-syntax': ['error', ...lostDeadlines] },
  },
  { files: ['packages/{host,images,launch,testkit}/**', 'infra/**'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: [
      '**/env.ts',
      '**/*.test.ts',
      'apps/agent/src/testing/**',
      'infra/**',
      'packages/{images,launch,testkit}/**',
      'playwright/**',
      '**/next.config.ts',
      '**/prisma.config.ts',
      '*.ts',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
)
